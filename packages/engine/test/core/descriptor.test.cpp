// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "plugin/descriptor.hpp"

using namespace arranger;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A good plugin with one of everything; a test changes one thing.
struct Sample {
  const char *choices[2] = {"sine", "saw"};
  const char *modes[2] = {"fast", "good"};
  arr_port audio = {};
  arr_port gain = {};
  arr_port wave = {};
  arr_config_param mode = {};
  arr_migration migration = {};
  const arr_port *ports[3] = {&audio, &gain, &wave};
  const arr_config_param *config[1] = {&mode};
  const arr_migration *migrations[1] = {&migration};
  arr_descriptor descriptor = {};

  Sample() {
    audio.struct_size = sizeof audio;
    audio.type = ARR_PORT_TYPE_AUDIO_STEREO;
    audio.id = "audio_out";
    audio.role = ARR_PORT_ROLE_OUTPUT;
    gain.struct_size = sizeof gain;
    gain.type = ARR_PORT_TYPE_CONTROL;
    gain.id = "gain";
    gain.display_name = "Gain";
    gain.doc = "How loud.";
    gain.unit = ARR_UNIT_DECIBELS;
    gain.default_value = -6;
    gain.min = -60;
    gain.max = 6;
    gain.smoothing_ms = 20;
    gain.flags = ARR_PORT_FLAG_AUTOMATABLE;
    wave.struct_size = sizeof wave;
    wave.type = ARR_PORT_TYPE_CONTROL;
    wave.id = "wave";
    wave.hint = ARR_PORT_HINT_CATEGORICAL;
    wave.max = 1;
    wave.choices = choices;
    wave.choice_count = 2;
    mode.struct_size = sizeof mode;
    mode.type = ARR_CONFIG_TYPE_CATEGORICAL;
    mode.id = "mode";
    mode.default_text = "good";
    mode.choices = modes;
    mode.choice_count = 2;
    migration.struct_size = sizeof migration;
    migration.before_version = 2;
    migration.old_id = "level";
    migration.new_id = "gain";
    migration.scale = 1;
    descriptor.struct_size = sizeof descriptor;
    descriptor.category = ARR_CATEGORY_SYNTH;
    descriptor.id = "com.acme.sample";
    descriptor.version = 2;
    descriptor.ports = ports;
    descriptor.port_count = 3;
    descriptor.config_params = config;
    descriptor.config_param_count = 1;
    descriptor.migrations = migrations;
    descriptor.migration_count = 1;
  }
};

}  // namespace

TEST_CASE("a descriptor is copied whole") {
  Descriptor copy;
  {
    Sample sample;
    std::string text = "How loud.";
    sample.gain.doc = text.c_str();
    copy = read_descriptor(sample.descriptor).value();
    text = "overwritten";
  }
  CHECK(copy.id == "com.acme.sample");
  CHECK(copy.display_name == "com.acme.sample");
  CHECK(copy.event_grid == 1);
  REQUIRE(copy.ports.size() == 3);
  CHECK(copy.ports[1].doc == "How loud.");
  CHECK(copy.ports[1].min == -60);
  CHECK(copy.ports[1].is_parameter());
  CHECK(copy.ports[2].choices == std::vector<std::string>{"sine", "saw"});
  CHECK(copy.ports[2].display_name == "wave");
  REQUIRE(copy.config_params.size() == 1);
  CHECK(copy.config_params[0].default_text == "good");
  REQUIRE(copy.migrations.size() == 1);
  CHECK(copy.migrations[0].old_id == "level");
  CHECK(find_port(copy.ports, "wave") == 2);
  CHECK(find_port(copy.ports, "waves") == -1);
}

TEST_CASE("a monitor shows one value unless it says how many") {
  Sample sample;
  sample.gain.role = sample.wave.role = ARR_PORT_ROLE_MONITOR;
  sample.wave.value_count = 512;
  const auto copy = read_descriptor(sample.descriptor);
  REQUIRE_MESSAGE(copy.has_value(), copy.error().message);
  CHECK(copy->ports[0].value_count == 0);
  CHECK(copy->ports[1].value_count == 1);
  CHECK(copy->ports[2].value_count == 512);
}

TEST_CASE("what lies past the writer's size is zero") {
  Sample sample;
  sample.gain.struct_size = offsetof(arr_port, flags);
  sample.descriptor.struct_size = offsetof(arr_descriptor, config_param_count);
  const auto copy = read_descriptor(sample.descriptor);
  REQUIRE_MESSAGE(copy.has_value(), copy.error().message);
  CHECK(copy->ports[1].smoothing_ms == 20);
  CHECK(copy->ports[1].flags == 0);
  CHECK(copy->config_params.empty());
  CHECK(copy->migrations.empty());
}

TEST_CASE("a struct that is larger than ours is read as far as we know it") {
  Sample sample;
  std::vector<std::byte> larger(sizeof(arr_port) + 64, std::byte{0xff});
  sample.gain.struct_size = static_cast<std::uint32_t>(larger.size());
  std::memcpy(larger.data(), &sample.gain, sizeof sample.gain);
  sample.ports[1] = reinterpret_cast<const arr_port *>(larger.data());
  const auto copy = read_descriptor(sample.descriptor);
  REQUIRE(copy.has_value());
  CHECK(copy->ports[1].id == "gain");
}

TEST_CASE("everything that is wrong is refused, and named") {
  using Change = std::function<void(Sample &)>;
  const std::string long_text(70'000, 'x');
  const struct {
    const char *message;
    Change change;
  } table[] = {
      {"a plugin without an id: id '' must be reverse DNS, as in com.acme.chorus",
       [](Sample &s) { s.descriptor.id = nullptr; }},
      {"chorus: id 'chorus' must be reverse DNS, as in com.acme.chorus", [](Sample &s) { s.descriptor.id = "chorus"; }},
      {"com.: id 'com.' must be reverse DNS, as in com.acme.chorus", [](Sample &s) { s.descriptor.id = "com."; }},
      {"a plugin without an id: the descriptor has struct_size 0", [](Sample &s) { s.descriptor.struct_size = 0; }},
      {"com.acme.sample: category has the unknown value 99", [](Sample &s) { s.descriptor.category = 99; }},
      {"com.acme.sample: version is 0 where 1 or more is expected", [](Sample &s) { s.descriptor.version = 0; }},
      {"com.acme.sample: event_grid is -1 where 0 to 8192 is expected",
       [](Sample &s) { s.descriptor.event_grid = -1; }},
      {"com.acme.sample: block_tolerance is nan where 0 to 1 is expected",
       [](Sample &s) { s.descriptor.block_tolerance = std::numeric_limits<double>::quiet_NaN(); }},
      {"com.acme.sample: in_place is 2 where 0 or 1 is expected", [](Sample &s) { s.descriptor.in_place = 2; }},
      {"com.acme.sample: ports are a null pointer, but there should be 3",
       [](Sample &s) { s.descriptor.ports = nullptr; }},
      {"com.acme.sample: 5000 ports are more than 4096", [](Sample &s) { s.descriptor.port_count = 5000; }},
      {"com.acme.sample: the port is a null pointer", [](Sample &s) { s.ports[0] = nullptr; }},
      {"com.acme.sample: port id 'a b' must be letters, digits and '_'", [](Sample &s) { s.gain.id = "a b"; }},
      {"com.acme.sample: id 'wave' occurs twice among the ports and config parameters",
       [](Sample &s) { s.gain.id = "wave"; }},
      {"com.acme.sample: id 'gain' occurs twice among the ports and config parameters",
       [](Sample &s) { s.mode.id = "gain"; }},
      {"com.acme.sample: port 'gain': type has the unknown value 5", [](Sample &s) { s.gain.type = 5; }},
      {"com.acme.sample: port 'gain': unit has the unknown value -1", [](Sample &s) { s.gain.unit = -1; }},
      {"com.acme.sample: port 'gain': flags has unknown bits: 32", [](Sample &s) { s.gain.flags = 33; }},
      {"com.acme.sample: port 'gain': doc is not UTF-8", [](Sample &s) { s.gain.doc = "\xc3("; }},
      {"com.acme.sample: port 'gain': doc is longer than 65536 bytes",
       [&](Sample &s) { s.gain.doc = long_text.c_str(); }},
      {"com.acme.sample: port 'gain': default 7 lies outside -60 to 6", [](Sample &s) { s.gain.default_value = 7; }},
      {"com.acme.sample: port 'gain': min 8 is greater than max 6", [](Sample &s) { s.gain.min = 8; }},
      {"com.acme.sample: port 'gain': min, max and default must be finite numbers",
       [](Sample &s) { s.gain.max = infinity; }},
      {"com.acme.sample: port 'gain': step is -1 where 0 or more is expected", [](Sample &s) { s.gain.step = -1; }},
      {"com.acme.sample: port 'gain': smoothing_ms is -1 where 0 to 60000 is expected",
       [](Sample &s) { s.gain.smoothing_ms = -1; }},
      {"com.acme.sample: port 'gain': a log taper needs a min above 0, not -60",
       [](Sample &s) { s.gain.taper = ARR_TAPER_LOG; }},
      {"com.acme.sample: port 'gain': a toggle is 0 or 1, not -60 to 6",
       [](Sample &s) { s.gain.hint = ARR_PORT_HINT_TOGGLE; }},
      {"com.acme.sample: port 'gain': channel_count is 2 where 0 is expected: only type audio has one",
       [](Sample &s) { s.gain.channel_count = 2; }},
      {"com.acme.sample: port 'audio_out': channel_count is 0 where 1 to 64 is expected",
       [](Sample &s) { s.audio.type = ARR_PORT_TYPE_AUDIO; }},
      {"com.acme.sample: port 'audio_out': a monitor must be of type control",
       [](Sample &s) { s.audio.role = ARR_PORT_ROLE_MONITOR; }},
      {"com.acme.sample: port 'gain': value_count is 2 where 0 is expected: only a monitor has one",
       [](Sample &s) { s.gain.value_count = 2; }},
      {"com.acme.sample: port 'gain': value_count is 65537 where 0 to 65536 is expected",
       [](Sample &s) { s.gain.role = ARR_PORT_ROLE_MONITOR, s.gain.value_count = 65537; }},
      {"com.acme.sample: port 'gain': only a monitor can have the hint graph_editor",
       [](Sample &s) { s.gain.hint = ARR_PORT_HINT_GRAPH_EDITOR, s.gain.graph_type = ARR_GRAPH_TYPE_EQ_CURVE; }},
      {"com.acme.sample: port 'gain': the hint graph_editor needs a graph_type",
       [](Sample &s) { s.gain.role = ARR_PORT_ROLE_MONITOR, s.gain.hint = ARR_PORT_HINT_GRAPH_EDITOR; }},
      {"com.acme.sample: port 'gain': a graph_type needs the hint graph_editor",
       [](Sample &s) { s.gain.graph_type = ARR_GRAPH_TYPE_EQ_CURVE; }},
      {"com.acme.sample: port 'wave': 2 choices do not name the values from 0 to 2", [](Sample &s) { s.wave.max = 2; }},
      {"com.acme.sample: port 'wave': a categorical port needs choices", [](Sample &s) { s.wave.choice_count = 0; }},
      {"com.acme.sample: port 'wave': choice 'sine' occurs twice", [](Sample &s) { s.choices[1] = "sine"; }},
      {"com.acme.sample: port 'wave': choice 1 has no name", [](Sample &s) { s.choices[1] = nullptr; }},
      {"com.acme.sample: config parameter 'mode': default 'best' is not one of the choices",
       [](Sample &s) { s.mode.default_text = "best"; }},
      {"com.acme.sample: config parameter 'mode': the default of an integer must be a whole number",
       [](Sample &s) { s.mode.type = ARR_CONFIG_TYPE_INTEGER, s.mode.default_number = 0.5; }},
      {"com.acme.sample: config parameter 'mode': default 9 lies outside 0 to 4",
       [](Sample &s) { s.mode.type = ARR_CONFIG_TYPE_FLOAT, s.mode.max = 4, s.mode.default_number = 9; }},
      {"com.acme.sample: a migration from '' to 'gain' needs two ids", [](Sample &s) { s.migration.old_id = nullptr; }},
      {"com.acme.sample: a migration's scale and offset must be finite",
       [](Sample &s) { s.migration.scale = infinity; }},
  };
  REQUIRE(read_descriptor(Sample().descriptor).has_value());
  for (const auto &row : table) {
    Sample sample;
    row.change(sample);
    const auto result = read_descriptor(sample.descriptor);
    CAPTURE(row.message);
    REQUIRE(!result.has_value());
    CHECK(result.error().code == Code::plugin_load_failed);
    CHECK(result.error().message == row.message);
  }
}

TEST_CASE("an instance's ports are checked like a descriptor's") {
  Sample sample;
  CHECK(read_ports(sample.ports, 3, "node 'a'").value().size() == 3);
  CHECK(read_ports(nullptr, 0, "node 'a'").value().empty());
  sample.gain.id = "wave";
  CHECK(read_ports(sample.ports, 3, "node 'a'").error().message ==
        "node 'a': id 'wave' occurs twice among the ports and config parameters");
}
