// SPDX-License-Identifier: MIT
// Compiled with exceptions.
#include "plugin/guard.hpp"
#include "base/thread.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/catching.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "plugin/host.hpp"

namespace arranger::guard {
namespace {

const char *status_text(arr_status status) {
  switch (status) {
    case ARR_STATUS_UNSUPPORTED:
      return "it is unsupported";
    case ARR_STATUS_INVALID:
      return "an argument is invalid";
    case ARR_STATUS_OUT_OF_MEMORY:
      return "out of memory";
    case ARR_STATUS_DUPLICATE:
      return "the id is taken";
    case ARR_STATUS_IO:
      return "a file could not be read";
    default:
      return "no reason was given";
  }
}

std::unexpected<Error> failed(Code code, std::string_view who, const char *function, const std::string &reason) {
  return fail(code, std::string(who) + " failed in " + function + ": " + as_utf8(reason));
}

// A call into a plugin, for as long as it is inside.
class Visit {
 public:
  Visit(std::string_view who, const char *function) : who_(who), function_(function) {
    const std::lock_guard lock(all().mutex);
    all().visits.push_back(this);
  }
  ~Visit() {
    const std::lock_guard lock(all().mutex);
    std::erase(all().visits, this);
  }
  Visit(const Visit &) = delete;
  Visit &operator=(const Visit &) = delete;

  static std::vector<std::string> overdue(std::chrono::milliseconds limit) {
    std::vector<std::string> out;
    const std::lock_guard lock(all().mutex);
    for (Visit *visit : all().visits)
      if (Clock::now() - visit->began_ > limit && !std::exchange(visit->told_, true))
        out.push_back(std::string(visit->who_) + " does not return from " + visit->function_);
    return out;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct All {
    Mutex mutex;
    std::vector<Visit *> visits;
  };
  static All &all() {
    static All &all = *new All;  // threads that never come back may outlive what is static
    return all;
  }

  const std::string_view who_;
  const char *const function_;
  const Clock::time_point began_ = Clock::now();
  bool told_ = false;
};

// Runs `call`, which returns a status, and makes an error of whatever is not success.
template <class Call>
Result<void> run(Code code, std::string_view who, const char *function, const Call &call) {
  const Visit visit(who, function);
  take_reported_error();
  arr_status status = ARR_STATUS_ERROR;
  std::optional<std::string> thrown;
  catching([&] { status = call(); }, [&](const char *what) { thrown = what ? what : "unknown exception"; });
  if (thrown) return failed(code, who, function, "it threw " + *thrown);
  const std::string reported = take_reported_error();
  if (status != ARR_STATUS_OK) return failed(code, who, function, reported.empty() ? status_text(status) : reported);
  if (!reported.empty()) log(LogLevel::warning, who, as_utf8(reported));
  return {};
}

// The ABI lets `ports` and `get_extension` be null, nothing else.
const char *missing_function(const arr_plugin &plugin) {
  if (!plugin.configure) return "configure";
  if (!plugin.activate) return "activate";
  if (!plugin.deactivate) return "deactivate";
  if (!plugin.reset) return "reset";
  if (!plugin.process) return "process";
  return nullptr;
}

}  // namespace

Result<void> register_plugin(Entry entry, arr_registry &registry, std::string_view who) {
  return run(Code::plugin_load_failed, who, "register_plugin", [&] { return entry(&registry); });
}

Result<arr_plugin *> create(const arr_factory &factory, const arr_host &host, std::string_view who) {
  arr_plugin *plugin = nullptr;
  auto created = run(Code::plugin_failed, who, "create", [&] {
    plugin = factory.create(&factory, &host);
    return plugin ? ARR_STATUS_OK : ARR_STATUS_ERROR;
  });
  if (!created) return std::unexpected(std::move(created.error()));
  constexpr std::size_t least = offsetof(arr_plugin, get_extension) + sizeof plugin->get_extension;
  if (plugin->struct_size < least) {
    return failed(Code::plugin_failed, who, "create",
                  "the instance has struct_size " + std::to_string(plugin->struct_size));
  }
  if (!plugin->destroy) return failed(Code::plugin_failed, who, "create", "the instance has no function destroy");
  if (const char *missing = missing_function(*plugin)) {
    (void)destroy(*plugin, who);
    return failed(Code::plugin_failed, who, "create", std::string("the instance has no function ") + missing);
  }
  return plugin;
}

Result<void> configure(arr_plugin &plugin, const char *id, const arr_config_value &value, std::string_view who) {
  return run(Code::plugin_failed, who, "configure", [&] { return plugin.configure(&plugin, id, &value); });
}

Result<std::span<const arr_port *const>> ports(arr_plugin &plugin, std::string_view who) {
  std::span<const arr_port *const> result;
  if (!plugin.ports) return result;
  auto called = run(Code::plugin_failed, who, "ports", [&] {
    std::uint32_t count = 0;
    const arr_port *const *list = plugin.ports(&plugin, &count);
    if (!list && count > 0) return ARR_STATUS_ERROR;
    // An empty list is a list: its pointer must not read as "those of the descriptor".
    static const arr_port *const none = nullptr;
    result = {list ? list : &none, count};
    return ARR_STATUS_OK;
  });
  if (!called) return std::unexpected(std::move(called.error()));
  return result;
}

Result<void> activate(arr_plugin &plugin, arr_activation &activation, std::string_view who) {
  return run(Code::plugin_failed, who, "activate", [&] { return plugin.activate(&plugin, &activation); });
}

Result<void> deactivate(arr_plugin &plugin, std::string_view who) {
  return run(Code::plugin_failed, who, "deactivate", [&] { return plugin.deactivate(&plugin), ARR_STATUS_OK; });
}

Result<void> reset(arr_plugin &plugin, std::string_view who) {
  return run(Code::plugin_failed, who, "reset", [&] { return plugin.reset(&plugin), ARR_STATUS_OK; });
}

Result<void> destroy(arr_plugin &plugin, std::string_view who) {
  return run(Code::plugin_failed, who, "destroy", [&] { return plugin.destroy(&plugin), ARR_STATUS_OK; });
}

std::vector<std::string> overdue(std::chrono::milliseconds limit) { return Visit::overdue(limit); }

namespace {

const arr_curve *curve_of(arr_plugin &plugin) {
  return static_cast<const arr_curve *>(get_extension(plugin, ARR_EXTENSION_CURVE));
}

std::string text_or_empty(const char *text) { return text ? text : ""; }

}  // namespace

Result<std::vector<CurveParams>> curve_points(arr_plugin &plugin, const char *port, std::string_view who) {
  std::vector<CurveParams> out;
  auto called = run(Code::plugin_failed, who, "curve", [&] {
    const arr_curve *curve = curve_of(plugin);
    if (!curve || !curve->point_count || !curve->point) return arr_status{ARR_STATUS_UNSUPPORTED};
    const std::uint32_t count = curve->point_count(&plugin, port);
    for (std::uint32_t i = 0; i < count; ++i) {
      const arr_curve_point *point = curve->point(&plugin, port, i);
      if (!point) return arr_status{ARR_STATUS_INVALID};
      out.push_back({text_or_empty(point->enabled_param), text_or_empty(point->kind_param),
                     text_or_empty(point->x_param), text_or_empty(point->y_param), text_or_empty(point->width_param)});
    }
    return arr_status{ARR_STATUS_OK};
  });
  if (!called) return std::unexpected(std::move(called.error()));
  return out;
}

Result<std::vector<double>> curve_response(arr_plugin &plugin, const char *port, std::span<const double> values,
                                           double sample_rate, std::span<const double> x, std::string_view who) {
  std::vector<double> y(x.size());
  auto called = run(Code::plugin_failed, who, "curve", [&] {
    const arr_curve *curve = curve_of(plugin);
    if (!curve || !curve->evaluate) return arr_status{ARR_STATUS_UNSUPPORTED};
    return curve->evaluate(&plugin, port, values.data(), static_cast<std::uint32_t>(values.size()), sample_rate,
                           x.data(), y.data(), static_cast<std::uint32_t>(x.size()));
  });
  if (!called) return std::unexpected(std::move(called.error()));
  return y;
}

namespace {

struct StateWriter : arr_state_writer {
  PluginState &state;
  static constexpr std::size_t head = 4096;  // room for what is not keys
  std::size_t bytes = 0;
  std::string fault;

  explicit StateWriter(PluginState &out) : arr_state_writer{}, state(out) {
    struct_size = sizeof(arr_state_writer);
    write_number = [](arr_state_writer *writer, const char *key, double value) { of(writer).add(key, value, 8); };
    write_text = [](arr_state_writer *writer, const char *key, const char *text, std::uint32_t length) {
      of(writer).add(key, std::string(text ? text : "", text ? length : 0), length);
    };
    write_bytes = [](arr_state_writer *writer, const char *key, const std::uint8_t *data, std::uint32_t length) {
      of(writer).add(key, data ? StateBytes(data, data + length) : StateBytes(), length);
    };
  }
  static StateWriter &of(arr_state_writer *writer) { return *static_cast<StateWriter *>(writer); }
  void add(const char *key, StateValue value, std::size_t size) {
    const std::string_view name = key ? key : "";
    bytes += size + name.size() + 16;
    if (!is_state_key(name)) fault = "a key may have letters, digits and _.- only";
    else if (state.find(name)) fault = "it wrote the key " + std::string(name) + " twice";
    else if (state.entries.size() == most_state_keys)
      fault = "it wrote more than " + std::to_string(most_state_keys) + " keys";
    else if (bytes > greatest_state - head)
      fault = "its state is greater than " + std::to_string(greatest_state) + " bytes";
    else state.entries.push_back({std::string(name), std::move(value)});
  }
};

struct StateReader : arr_state_reader {
  const PluginState &state;
  mutable std::vector<bool> read;

  explicit StateReader(const PluginState &from) : arr_state_reader{}, state(from), read(from.entries.size()) {
    struct_size = sizeof(arr_state_reader);
    version = from.plugin_version;
    read_number = [](const arr_state_reader *reader, const char *key, double *value) {
      const auto *found = of(reader).find<double>(key);
      if (found) *value = *found;
      return std::int32_t{found != nullptr};
    };
    read_text = [](const arr_state_reader *reader, const char *key, const char **text, std::uint32_t *length) {
      return give(of(reader).find<std::string>(key), text, length);
    };
    read_bytes = [](const arr_state_reader *reader, const char *key, const std::uint8_t **data, std::uint32_t *length) {
      return give(of(reader).find<StateBytes>(key), data, length);
    };
  }
  static const StateReader &of(const arr_state_reader *reader) { return *static_cast<const StateReader *>(reader); }
  template <class T, class Element>
  static std::int32_t give(const T *found, const Element **data, std::uint32_t *length) {
    if (!found) return 0;
    *data = found->data();
    *length = static_cast<std::uint32_t>(found->size());
    return 1;
  }
  // A key of another kind is known to the plugin all the same: it will be written anew.
  template <class T>
  const T *find(const char *key) const {
    for (std::size_t i = 0; key && i < state.entries.size(); ++i) {
      if (state.entries[i].key != key) continue;
      read[i] = true;
      return std::get_if<T>(&state.entries[i].value);
    }
    return nullptr;
  }
};

const arr_state *state_of(arr_plugin &plugin) {
  const auto *state = static_cast<const arr_state *>(get_extension(plugin, ARR_EXTENSION_STATE));
  return state && state->save && state->load ? state : nullptr;
}

}  // namespace

Result<std::vector<StateEntry>> save_state(arr_plugin &plugin, std::string_view who) {
  PluginState out;
  const arr_state *state = state_of(plugin);
  if (!state) return out.entries;
  StateWriter writer(out);
  auto called = run(Code::plugin_failed, who, "save", [&] { return state->save(&plugin, &writer); });
  if (!called) return std::unexpected(std::move(called.error()));
  if (!writer.fault.empty()) return failed(Code::plugin_failed, who, "save", writer.fault);
  return std::move(out.entries);
}

Result<std::vector<std::size_t>> load_state(arr_plugin &plugin, const PluginState &given, std::string_view who) {
  const StateReader reader(given);
  if (const arr_state *state = state_of(plugin)) {
    auto called = run(Code::plugin_failed, who, "load", [&] { return state->load(&plugin, &reader); });
    if (!called) return std::unexpected(std::move(called.error()));
  }
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < reader.read.size(); ++i)
    if (!reader.read[i]) out.push_back(i);
  return out;
}

SnapshotShape snapshot_shape(arr_plugin &plugin) {
  SnapshotShape out;
  const auto *snapshot = static_cast<const arr_snapshot *>(get_extension(plugin, ARR_EXTENSION_SNAPSHOT));
  if (!snapshot || !snapshot->layout || !snapshot->size || !snapshot->save || !snapshot->load) return out;
  catching(
      [&] {
        out.layout = snapshot->layout(&plugin);
        out.size = snapshot->size(&plugin);
        out.functions = out.size > 0 && out.size <= greatest_snapshot ? snapshot : nullptr;
      },
      [&](const char *) { out.functions = nullptr; });
  return out;
}

const void *get_extension(arr_plugin &plugin, const char *id) {
  if (!plugin.get_extension) return nullptr;
  const void *found = nullptr;
  catching([&] { found = plugin.get_extension(&plugin, id); }, [](const char *) {});
  return found;
}

}  // namespace arranger::guard
