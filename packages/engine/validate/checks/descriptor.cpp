// SPDX-License-Identifier: MIT
// What a plugin says of itself. What the engine refuses to load is found when the library is opened; this is the rest.
#include <algorithm>
#include <cmath>

#include "base/format.hpp"
#include "check.hpp"

namespace arranger::validate {
namespace {

Result<void> check_texts(const Descriptor &plugin) {
  if (plugin.display_name == plugin.id) return broken("it has no display_name");
  if (plugin.doc.empty()) return broken("it has no doc");
  for (const ConfigParam &param : plugin.config_params)
    if (param.doc.empty()) return broken(format("the config parameter {} has no doc", param.id));
  return {};
}

// What is shown to people and what machines do with a range.
Result<void> check_parameter(const Port &port) {
  const auto wrong = [&](const std::string &what) { return broken(format("the parameter {} {}", port.id, what)); };
  if (port.doc.empty()) return wrong("has no doc");
  if (!(port.min < port.max)) return wrong(format("has the range {} to {}", port.min, port.max));
  if (port.taper == ARR_TAPER_LOG && !(port.min > 0)) return wrong(format("has a log taper but the min {}", port.min));
  if (port.hint == ARR_PORT_HINT_TOGGLE && (port.min != 0 || port.max != 1))
    return wrong("is a toggle but not of 0 and 1");
  const bool whole = port.hint == ARR_PORT_HINT_INTEGER || port.hint == ARR_PORT_HINT_CATEGORICAL ||
                     port.hint == ARR_PORT_HINT_RADIO || port.hint == ARR_PORT_HINT_TOGGLE;
  if (whole && std::floor(port.default_value) != port.default_value)
    return wrong(format("has whole values but the default {}", port.default_value));
  if (whole && port.smoothing_ms > 0) return wrong("has whole values but is smoothed");
  if (port.step > port.max - port.min) return wrong(format("has a step of {}, wider than its range", port.step));
  return {};
}

Result<void> check_port(const Port &port, std::int32_t version) {
  if (port.since_version > version)
    return broken(format("the port {} is since version {}, but this is {}", port.id, port.since_version, version));
  if (port.is_parameter()) return check_parameter(port);
  return {};
}

Result<void> check_migrations(const Descriptor &plugin) {
  for (const Migration &migration : plugin.migrations) {
    if (migration.before_version > plugin.version)
      return broken(format("the migration of {} is for before version {}, but this is {}", migration.old_id,
                           migration.before_version, plugin.version));
    const int port = find_port(plugin.ports, migration.new_id);
    // One migration may lead to the next.
    const bool goes_on = std::ranges::any_of(plugin.migrations, [&](const Migration &next) {
      return next.old_id == migration.new_id && next.before_version > migration.before_version;
    });
    if (!goes_on && (port < 0 || !plugin.ports[static_cast<std::size_t>(port)].is_parameter()))
      return broken(
          format("the migration of {} leads to {}, which is no parameter", migration.old_id, migration.new_id));
    if (migration.scale == 0) return broken(format("the migration of {} has the scale 0", migration.old_id));
  }
  return {};
}

Result<void> descriptor(const Subject &subject) {
  const auto library = open_library(subject.path());
  if (!library) return std::unexpected(library.error());
  for (const PluginClass &plugin : (*library)->plugins()) {
    auto done = check_texts(plugin.descriptor);
    for (const Port &port : plugin.descriptor.ports)
      if (done) done = check_port(port, plugin.descriptor.version);
    if (done) done = check_migrations(plugin.descriptor);
    if (!done) return broken(plugin.descriptor.id + ": " + done.error().message);
  }
  return {};
}

constexpr Check checks[] = {
    {"descriptor", Check::Scope::library,
     "The library opens and registers; ids, ranges, defaults, choices, tapers and migrations make sense, and the texts "
     "that people read are there.",
     "Correct the field that is named; every plugin, parameter and config parameter has a doc.", nullptr, descriptor},
};

}  // namespace

std::span<const Check> descriptor_checks() { return checks; }

}  // namespace arranger::validate
