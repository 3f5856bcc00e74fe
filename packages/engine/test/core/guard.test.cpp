// SPDX-License-Identifier: MIT
// What a plugin's own code may do wrong before it sounds.
#include <doctest/doctest.h>

#include "base/log.hpp"
#include "fixtures.hpp"
#include "plugin/guard.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

const arr_factory &factory_of(const Library &library, std::string_view id) {
  for (const PluginClass &plugin : library.plugins()) {
    if (plugin.descriptor.id == id) return *plugin.factory;
  }
  FAIL("no plugin " << id);
  return *library.plugins()[0].factory;
}

}  // namespace

TEST_CASE("an instance that cannot be made or used is refused with the reason") {
  const auto library = Library::open(fixture("bad_instance")).value();
  const auto create = [&](const char *id) { return guard::create(factory_of(*library, id), plugin_host(), id); };
  const auto nothing = create("test.creates_nothing");
  REQUIRE(!nothing.has_value());
  CHECK(nothing.error().code == Code::plugin_failed);
  CHECK(nothing.error().message == "test.creates_nothing failed in create: no more voices");
  const auto half = create("test.creates_half");
  REQUIRE(!half.has_value());
  CHECK(half.error().message == "test.creates_half failed in create: the instance has no function process");
  const auto inactive = create("test.activates_never");
  REQUIRE(inactive.has_value());
  arr_activation activation = {};
  CHECK(guard::activate(**inactive, activation, "x").error().message == "x failed in activate: out of memory");
  CHECK(guard::ports(**inactive, "x").value().data() == nullptr);
  CHECK(guard::get_extension(**inactive, "arranger.state/1") == nullptr);
  CHECK(guard::destroy(**inactive, "x").has_value());
}

TEST_CASE("what an instance throws becomes an error") {
  const auto library = Library::open(fixture("throws_later")).value();
  const auto at_once = guard::create(factory_of(*library, "test.throws_in_create"), plugin_host(), "x");
  REQUIRE(!at_once.has_value());
  CHECK(at_once.error().message == "x failed in create: it threw in create");
  arr_plugin &plugin = *guard::create(factory_of(*library, "test.throws_later"), plugin_host(), "x").value();
  arr_activation activation = {};
  CHECK(guard::configure(plugin, "a", {}, "x").error().message == "x failed in configure: it threw in configure");
  CHECK(guard::ports(plugin, "x").error().message == "x failed in ports: it threw in ports");
  CHECK(guard::activate(plugin, activation, "x").error().message == "x failed in activate: it threw in activate");
  CHECK(guard::reset(plugin, "x").error().message == "x failed in reset: it threw unknown exception");
  CHECK(guard::deactivate(plugin, "x").has_value());
  CHECK(guard::destroy(plugin, "x").has_value());
}

TEST_CASE("an old report is not taken for a new reason") {
  plugin_host().report_error(&plugin_host(), "from before");
  const auto library = Library::open(fixture("bad_instance")).value();
  arr_plugin &plugin = *guard::create(factory_of(*library, "test.activates_never"), plugin_host(), "x").value();
  arr_activation activation = {};
  plugin_host().report_error(&plugin_host(), "from before");
  CHECK(guard::activate(plugin, activation, "x").error().message == "x failed in activate: out of memory");
  CHECK(guard::destroy(plugin, "x").has_value());
}

TEST_CASE("what a plugin reports in a call that succeeds is logged, once, and heard by all who listen then") {
  std::vector<std::string> heard;
  const auto hear = [&](const LogEntry &entry) {
    CHECK(entry.level == LogLevel::warning);
    heard.push_back(entry.source + ": " + entry.message);
  };
  const auto report = [](arr_registry *) {
    plugin_host().report_error(&plugin_host(), "no cache");
    return arr_status{ARR_STATUS_OK};
  };
  arr_registry registry{};
  {
    const LogListener first(hear), second(hear);
    CHECK(guard::register_plugin(report, registry, "x").has_value());
  }
  CHECK(guard::register_plugin(report, registry, "y").has_value());
  CHECK(heard == std::vector<std::string>{"x: no cache", "x: no cache"});
}

TEST_CASE("the host says who it is and offers nothing it does not have") {
  const arr_host &host = plugin_host();
  CHECK(host.struct_size == sizeof(arr_host));
  CHECK(host.abi_major == ARR_ABI_MAJOR);
  CHECK(std::string(host.engine_name) == "arranger");
  CHECK(host.get_extension(&host, "arranger.log/1") == nullptr);
}
