// SPDX-License-Identifier: MIT
#include "plugin/descriptor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include "base/format.hpp"
#include "base/utf8.hpp"

namespace arranger {
namespace {

constexpr std::uint32_t max_items = 4096;        // ports, config parameters, migrations, choices
constexpr std::size_t max_text = 64 * 1024;      // bytes of one string
constexpr std::uint32_t max_struct_size = 4096;  // more is not a size but garbage
constexpr std::int32_t max_event_grid = 8192;
constexpr std::int32_t max_value_count = 65'536;
constexpr double max_smoothing_ms = 60'000;
constexpr std::uint32_t known_port_flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE |
                                           ARR_PORT_FLAG_BYPASS | ARR_PORT_FLAG_EXPENSIVE | ARR_PORT_FLAG_HIDDEN;

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_port_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, is_word_character);
}

// Reverse DNS: two or more parts, of letters, digits, '_' and '-'.
bool is_plugin_id(std::string_view id) {
  if (id.size() > 256 || id.find('.') == std::string_view::npos) return false;
  char last = '.';
  for (const char c : id) {
    if (c == '.' ? last == '.' : !is_word_character(c) && c != '-') return false;
    last = c;
  }
  return last != '.';
}

// Reads foreign structs and keeps the first thing that is wrong; after that it reads on, harmlessly.
class Checker {
 public:
  explicit Checker(std::string subject) : subject_(std::move(subject)) {}

  bool require(bool good, std::string_view message) {
    if (!good && !error_) error_ = Error{Code::plugin_load_failed, subject_ + ": " + std::string(message)};
    return good;
  }
  // The message is made when it is needed: all is well with most that is read.
  template <class... Values>
  bool require(bool good, std::string_view pattern, const Values &...values) {
    if (!good) require(false, std::string_view(format(pattern, values...)));
    return good;
  }
  void set_subject(std::string subject) { subject_ = std::move(subject); }
  const std::string &subject() const { return subject_; }
  bool good() const { return !error_; }
  Error take_error() { return std::move(*error_); }

  // The struct as far as its writer filled it; what lies past that is zero.
  template <class T>
  T copy(const T *source, const char *what) {
    T result = {};
    if (!require(source != nullptr, "{} is a null pointer", what)) return result;
    const std::uint32_t size = source->struct_size;
    const bool plausible = size >= 2 * sizeof(std::uint32_t) && size <= max_struct_size;
    if (require(plausible, "{} has struct_size {}", what, size)) {
      std::memcpy(&result, source, std::min<std::size_t>(size, sizeof(T)));
    }
    return result;
  }

  std::string text(const char *source, const char *field) {
    if (!source) return {};
    const std::size_t length = ::strnlen(source, max_text + 1);
    if (!require(length <= max_text, "{} is longer than {} bytes", field, max_text)) return {};
    std::string result(source, length);
    if (!require(is_utf8(result), "{} is not UTF-8", field)) return {};
    return result;
  }

  // The number of readable elements: 0 when the array is not what it says.
  std::uint32_t count(const void *array, std::uint32_t size, const char *what) {
    const bool few = require(size <= max_items, "{} {} are more than {}", size, what, max_items);
    const bool there = require(size == 0 || array, "{} are a null pointer, but there should be {}", what, size);
    return few && there ? size : 0;
  }

  std::vector<std::string> choices(const char *const *source, std::uint32_t size) {
    std::vector<std::string> result;
    const std::uint32_t readable = count(source, size, "choices");
    for (std::uint32_t i = 0; i < readable; ++i) {
      result.push_back(text(source[i], "a choice"));
      require(!result.back().empty(), "choice {} has no name", i);
      const bool first = std::find(result.begin(), std::prev(result.end()), result.back()) == std::prev(result.end());
      require(first, "choice '{}' occurs twice", result.back());
    }
    return result;
  }

  bool known(std::int32_t value, std::int32_t last, const char *field) {
    return require(value >= 0 && value <= last, "{} has the unknown value {}", field, value);
  }

  bool flag(std::int32_t value, const char *field) {
    require(value == 0 || value == 1, "{} is {} where 0 or 1 is expected", field, value);
    return value == 1;
  }

  void range(double value, double low, double high, const char *field) {
    require(value >= low && value <= high, "{} is {} where {} to {} is expected", field, value, low, high);
  }

 private:
  std::string subject_;
  std::optional<Error> error_;
};

bool is_whole(double value) { return value == std::floor(value); }

void check_range(Checker &check, double value, double min, double max) {
  const bool finite = check.require(std::isfinite(min) && std::isfinite(max) && std::isfinite(value),
                                    "min, max and default must be finite numbers");
  if (!finite) return;
  check.require(min <= max, "min {} is greater than max {}", min, max);
  check.require(min <= value && value <= max, "default {} lies outside {} to {}", value, min, max);
}

void check_choices(Checker &check, const Port &port) {
  const bool categorical = port.hint == ARR_PORT_HINT_CATEGORICAL || port.hint == ARR_PORT_HINT_RADIO;
  check.require(!categorical || !port.choices.empty(), "a categorical port needs choices");
  if (port.choices.empty()) return;
  check.require(port.max - port.min + 1 == static_cast<double>(port.choices.size()),
                "{} choices do not name the values from {} to {}", port.choices.size(), port.min, port.max);
}

void check_control(Checker &check, const Port &port) {
  check_range(check, port.default_value, port.min, port.max);
  if (!check.good()) return;
  check.require(std::isfinite(port.step) && port.step >= 0, "step is {} where 0 or more is expected", port.step);
  check.range(port.smoothing_ms, 0, max_smoothing_ms, "smoothing_ms");
  check.require(port.taper != ARR_TAPER_LOG || port.min > 0, "a log taper needs a min above 0, not {}", port.min);
  check.require(port.taper != ARR_TAPER_DB || port.min >= 0, "a db taper needs a min of 0 or more, not {}", port.min);
  const bool counts =
      port.hint == ARR_PORT_HINT_INTEGER || port.hint == ARR_PORT_HINT_CATEGORICAL || port.hint == ARR_PORT_HINT_RADIO;
  check.require(!counts || (is_whole(port.min) && is_whole(port.max) && is_whole(port.default_value)),
                "min, max and default of an integer or categorical port must be whole numbers");
  check.require(port.hint != ARR_PORT_HINT_TOGGLE || (port.min == 0 && port.max == 1 && is_whole(port.default_value)),
                "a toggle is 0 or 1, not {} to {}", port.min, port.max);
  check_choices(check, port);
}

void check_port(Checker &check, const Port &port) {
  check.known(port.type, ARR_PORT_TYPE_CONTROL, "type");
  check.known(port.role, ARR_PORT_ROLE_MONITOR, "role");
  check.known(port.hint, ARR_PORT_HINT_GRAPH_EDITOR, "hint");
  check.known(port.unit, ARR_UNIT_DEGREES, "unit");
  check.known(port.taper, ARR_TAPER_DB, "taper");
  check.known(port.graph_type, ARR_GRAPH_TYPE_BREAKPOINT, "graph_type");
  check.require((port.flags & ~known_port_flags) == 0, "flags has unknown bits: {}", port.flags & ~known_port_flags);
  check.require(port.delay_frames >= 0, "delay_frames is negative");
  check.require(port.since_version >= 0, "since_version is negative");
  check.require(port.role != ARR_PORT_ROLE_MONITOR || port.is_control(), "a monitor must be of type control");
  const bool curve = port.hint == ARR_PORT_HINT_GRAPH_EDITOR;
  check.require(!curve || port.role == ARR_PORT_ROLE_MONITOR, "only a monitor can have the hint graph_editor");
  check.require(curve == (port.graph_type != ARR_GRAPH_TYPE_NONE),
                curve ? "the hint graph_editor needs a graph_type" : "a graph_type needs the hint graph_editor");
  check.range(port.value_count, 0, max_value_count, "value_count");
  check.require(port.value_count == 0 || port.is_monitor(),
                "value_count is {} where 0 is expected: only a monitor has one", port.value_count);
  if (port.type == ARR_PORT_TYPE_AUDIO) {
    check.range(port.channel_count, 1, 64, "channel_count");
  } else {
    check.require(port.channel_count == 0, "channel_count is {} where 0 is expected: only type audio has one",
                  port.channel_count);
  }
  if (port.is_control()) check_control(check, port);
}

Port read_port(Checker &check, const arr_port *source) {
  const arr_port raw = check.copy(source, "the port");
  Port port;
  port.id = check.text(raw.id, "id");
  if (!check.require(is_port_id(port.id), "port id '{}' must be letters, digits and '_'", port.id)) return port;
  check.set_subject(check.subject() + ": port '" + port.id + "'");
  port.display_name = check.text(raw.display_name, "display_name");
  if (port.display_name.empty()) port.display_name = port.id;
  port.doc = check.text(raw.doc, "doc");
  port.group = check.text(raw.group, "group");
  port.type = raw.type;
  port.role = raw.role;
  port.channel_count = raw.channel_count;
  port.hint = raw.hint;
  port.unit = raw.unit;
  port.taper = raw.taper;
  port.graph_type = raw.graph_type;
  port.default_value = raw.default_value;
  port.min = raw.min;
  port.max = raw.max;
  port.step = raw.step;
  port.smoothing_ms = raw.smoothing_ms;
  port.choices = check.choices(raw.choices, raw.choice_count);
  port.flags = raw.flags;
  port.show_port_default = check.flag(raw.show_port_default, "show_port_default");
  port.since_version = raw.since_version;
  port.delay_frames = raw.delay_frames;
  port.value_count = port.is_monitor() && raw.value_count == 0 ? 1 : raw.value_count;
  check_port(check, port);
  return port;
}

void check_config(Checker &check, const ConfigParam &param) {
  check.known(param.type, ARR_CONFIG_TYPE_CATEGORICAL, "type");
  if (param.is_number()) {
    check.require(std::isfinite(param.min) && std::isfinite(param.max) && std::isfinite(param.default_number),
                  "min, max and default must be finite numbers");
    check.require(param.min <= param.max, "min {} is greater than max {}", param.min, param.max);
    if (param.min < param.max) check_range(check, param.default_number, param.min, param.max);
    check.require(param.type != ARR_CONFIG_TYPE_INTEGER || is_whole(param.default_number),
                  "the default of an integer must be a whole number");
    check.require(param.type != ARR_CONFIG_TYPE_BOOL || param.default_number == 0 || param.default_number == 1,
                  "the default of a bool must be 0 or 1");
  }
  if (param.type == ARR_CONFIG_TYPE_CATEGORICAL) {
    check.require(std::ranges::find(param.choices, param.default_text) != param.choices.end(),
                  "default '{}' is not one of the choices", param.default_text);
  }
}

ConfigParam read_config(Checker &check, const arr_config_param *source) {
  const arr_config_param raw = check.copy(source, "the config parameter");
  ConfigParam param;
  param.id = check.text(raw.id, "id");
  if (!check.require(is_port_id(param.id), "config parameter id '{}' must be letters, digits and '_'", param.id))
    return param;
  check.set_subject(check.subject() + ": config parameter '" + param.id + "'");
  param.display_name = check.text(raw.display_name, "display_name");
  if (param.display_name.empty()) param.display_name = param.id;
  param.doc = check.text(raw.doc, "doc");
  param.type = raw.type;
  param.default_text = check.text(raw.default_text, "default_text");
  param.default_number = raw.default_number;
  param.min = raw.min;
  param.max = raw.max;
  param.file_filter = check.text(raw.file_filter, "file_filter");
  param.choices = check.choices(raw.choices, raw.choice_count);
  check_config(check, param);
  return param;
}

Migration read_migration(Checker &check, const arr_migration *source) {
  const arr_migration raw = check.copy(source, "the migration");
  Migration migration;
  migration.before_version = raw.before_version;
  migration.old_id = check.text(raw.old_id, "old_id");
  migration.new_id = check.text(raw.new_id, "new_id");
  migration.scale = raw.scale;
  migration.offset = raw.offset;
  check.require(is_port_id(migration.old_id) && is_port_id(migration.new_id),
                "a migration from '{}' to '{}' needs two ids", migration.old_id, migration.new_id);
  check.require(std::isfinite(migration.scale) && std::isfinite(migration.offset),
                "a migration's scale and offset must be finite");
  check.require(migration.before_version >= 1, "a migration's before_version must be 1 or more");
  return migration;
}

template <class Read, class Source>
auto read_list(Checker &check, Read read, const Source *const *source, std::uint32_t size, const char *what) {
  std::vector<decltype(read(check, nullptr))> result;
  const std::string subject = check.subject();
  const std::uint32_t readable = check.count(source, size, what);
  for (std::uint32_t i = 0; i < readable && check.good(); ++i) {
    result.push_back(read(check, source[i]));
    check.set_subject(subject);
  }
  return result;
}

// One name space: a node's fields and set_node_config name ports and config parameters alike.
void check_unique(Checker &check, const std::vector<Port> &ports, const std::vector<ConfigParam> &params) {
  std::vector<std::string_view> ids;
  for (const Port &port : ports) ids.push_back(port.id);
  for (const ConfigParam &param : params) ids.push_back(param.id);
  std::ranges::sort(ids);
  const auto twice = std::ranges::adjacent_find(ids);
  if (twice != ids.end()) check.require(false, "id '{}' occurs twice among the ports and config parameters", *twice);
}

}  // namespace

std::int32_t Port::channels() const {
  switch (type) {
    case ARR_PORT_TYPE_AUDIO_STEREO:
      return 2;
    case ARR_PORT_TYPE_AUDIO:
      return channel_count;
    case ARR_PORT_TYPE_EVENT:
      return 0;
    default:
      return 1;
  }
}

bool is_gain_shape(const std::vector<Port> &ports) {
  const auto only = [&](auto is) {
    return std::ranges::count_if(ports, is) == 1 ? std::ranges::find_if(ports, is) : ports.end();
  };
  const auto in = only([](const Port &port) { return port.is_audio() && port.role == ARR_PORT_ROLE_INPUT; });
  const auto out = only([](const Port &port) { return port.is_audio() && port.is_output(); });
  const auto gain = only([](const Port &port) { return port.is_parameter(); });
  return ports.size() == 3 && in != ports.end() && out != ports.end() && gain != ports.end() &&
         in->channels() == out->channels() && out->delay_frames == 0 && gain->min >= 0;
}

Result<Descriptor> read_descriptor(const arr_descriptor &source) {
  Checker check("a plugin without an id");
  const arr_descriptor raw = check.copy(&source, "the descriptor");
  Descriptor result;
  result.id = check.text(raw.id, "id");
  if (check.good() && !result.id.empty()) check.set_subject(result.id);
  check.require(is_plugin_id(result.id), "id '{}' must be reverse DNS, as in com.acme.chorus", result.id);
  result.display_name = check.text(raw.display_name, "display_name");
  if (result.display_name.empty()) result.display_name = result.id;
  result.doc = check.text(raw.doc, "doc");
  result.author = check.text(raw.author, "author");
  result.url = check.text(raw.url, "url");
  result.license = check.text(raw.license, "license");
  check.known(raw.category, ARR_CATEGORY_UTILITY, "category");
  result.category = raw.category;
  check.require(raw.version >= 1, "version is {} where 1 or more is expected", raw.version);
  result.version = raw.version;
  check.range(raw.event_grid, 0, max_event_grid, "event_grid");
  result.event_grid = raw.event_grid == 0 ? 1 : raw.event_grid;
  check.range(raw.block_tolerance, 0, 1, "block_tolerance");
  result.block_tolerance = raw.block_tolerance;
  result.preserves_finite = check.flag(raw.preserves_finite, "preserves_finite");
  result.in_place = check.flag(raw.in_place, "in_place");
  result.ports = read_list(check, read_port, raw.ports, raw.port_count, "ports");
  result.config_params = read_list(check, read_config, raw.config_params, raw.config_param_count, "config parameters");
  result.migrations = read_list(check, read_migration, raw.migrations, raw.migration_count, "migrations");
  check_unique(check, result.ports, result.config_params);
  result.is_gain = check.flag(raw.is_gain, "is_gain");
  check.require(!result.is_gain || is_gain_shape(result.ports),
                "is_gain needs an audio input, an audio output of as many channels, a control input of 0 or more and "
                "no other port");
  if (!check.good()) return std::unexpected(check.take_error());
  return result;
}

Result<std::vector<Port>> read_ports(const arr_port *const *ports, std::uint32_t count, std::string_view who) {
  Checker check{std::string(who)};
  std::vector<Port> result = read_list(check, read_port, ports, count, "ports");
  check_unique(check, result, {});
  if (!check.good()) return std::unexpected(check.take_error());
  return result;
}

namespace {

bool is_text(const char *text, const std::string &known) { return text ? known == text : known.empty(); }

bool is_port(const Port &known, const arr_port *port) {
  if (!port || port->struct_size != sizeof(arr_port)) return false;
  if (!is_text(port->id, known.id) || port->choice_count != known.choices.size()) return false;
  for (std::uint32_t i = 0; i < port->choice_count; ++i)
    if (!port->choices || !is_text(port->choices[i], known.choices[i])) return false;
  const char *const name = port->display_name && *port->display_name ? port->display_name : port->id;
  return is_text(name, known.display_name) && is_text(port->doc, known.doc) && is_text(port->group, known.group) &&
         port->type == known.type && port->role == known.role && port->channel_count == known.channel_count &&
         port->hint == known.hint && port->unit == known.unit && port->taper == known.taper &&
         port->graph_type == known.graph_type && port->default_value == known.default_value && port->min == known.min &&
         port->max == known.max && port->step == known.step && port->smoothing_ms == known.smoothing_ms &&
         port->flags == known.flags && (port->show_port_default == 1) == known.show_port_default &&
         port->since_version == known.since_version && port->delay_frames == known.delay_frames &&
         std::max(port->value_count, known.is_monitor() ? 1 : 0) == known.value_count;
}

}  // namespace

bool are_ports(const std::vector<Port> &known, const arr_port *const *ports, std::uint32_t count) {
  if (count != known.size()) return false;
  for (std::uint32_t i = 0; i < count; ++i)
    if (!is_port(known[i], ports[i])) return false;
  return true;
}

int find_port(const std::vector<Port> &ports, std::string_view id) {
  const auto found = std::ranges::find(ports, id, &Port::id);
  return found == ports.end() ? -1 : static_cast<int>(found - ports.begin());
}

}  // namespace arranger
