// SPDX-License-Identifier: MIT
// State and migrations of the C++ layer, as the engine sees them.
#include <doctest/doctest.h>

#include <map>
#include <variant>

#include "host.hpp"

using namespace arranger;

namespace {

class Remembers : public Plugin {
 public:
  AudioOut out{*this, "audio_out", "Audio Out"};
  double tuning = 440;
  int steps = 16;
  std::string name = "init";
  std::vector<float> curve = {0, 1};

 private:
  void save_state(StateWriter &state) const override {
    state.write("tuning", tuning);
    state.write("steps", steps);
    state.write("name", name);
    state.write("curve", curve);
  }
  void load_state(const StateReader &state) override {
    if (state.version() > 3) return fail("made by version 4");
    state.read("tuning", tuning);
    state.read("steps", steps);
    state.read("name", name);
    state.read("curve", curve);
  }
  void process(const Block &) override { out.set_silent(); }
};

using Bytes = std::vector<std::uint8_t>;

// A state as the engine keeps it.
struct Writer : arr_state_writer {
  std::map<std::string, std::variant<double, std::string, Bytes>> keys;
  Writer() : arr_state_writer{} {
    struct_size = sizeof(arr_state_writer);
    write_number = [](arr_state_writer *w, const char *key, double value) { of(w)[key] = value; };
    write_text = [](arr_state_writer *w, const char *key, const char *text, std::uint32_t length) {
      of(w)[key] = std::string(text, length);
    };
    write_bytes = [](arr_state_writer *w, const char *key, const std::uint8_t *data, std::uint32_t length) {
      of(w)[key] = Bytes(data, data + length);
    };
  }
  static auto of(arr_state_writer *writer) -> decltype(keys) & { return static_cast<Writer *>(writer)->keys; }
};

struct Reader : arr_state_reader {
  const Writer &from;
  Reader(const Writer &source, int plugin_version) : arr_state_reader{}, from(source) {
    struct_size = sizeof(arr_state_reader);
    version = plugin_version;
    read_number = [](const arr_state_reader *r, const char *key, double *value) {
      const auto *found = find<double>(r, key);
      if (found) *value = *found;
      return std::int32_t{found != nullptr};
    };
    read_text = [](const arr_state_reader *r, const char *key, const char **text, std::uint32_t *length) {
      const auto *found = find<std::string>(r, key);
      if (found) *text = found->data(), *length = static_cast<std::uint32_t>(found->size());
      return std::int32_t{found != nullptr};
    };
    read_bytes = [](const arr_state_reader *r, const char *key, const std::uint8_t **data, std::uint32_t *length) {
      const auto *found = find<Bytes>(r, key);
      if (found) *data = found->data(), *length = static_cast<std::uint32_t>(found->size());
      return std::int32_t{found != nullptr};
    };
  }
  template <class T>
  static const T *find(const arr_state_reader *reader, const char *key) {
    const auto &keys = static_cast<const Reader *>(reader)->from.keys;
    const auto found = keys.find(key);
    return found == keys.end() ? nullptr : std::get_if<T>(&found->second);
  }
};

}  // namespace

TEST_CASE("state goes through the engine's keys and back") {
  Hosted<Remembers> host;
  const auto *state = static_cast<const arr_state *>(host.plugin->get_extension(host.plugin, ARR_EXTENSION_STATE));
  REQUIRE(state != nullptr);
  Writer saved;
  CHECK(state->save(host.plugin, &saved) == ARR_STATUS_OK);
  CHECK(std::get<double>(saved.keys["tuning"]) == 440);
  CHECK(std::get<double>(saved.keys["steps"]) == 16);
  CHECK(std::get<std::string>(saved.keys["name"]) == "init");
  CHECK(std::get<Bytes>(saved.keys["curve"]).size() == 8);

  Writer other = saved;
  other.keys["tuning"] = 432.0;
  other.keys["name"] = std::string("dark");
  other.keys["steps"] = std::string("not a number");
  other.keys["curve"] = Bytes(7);  // no whole number of floats
  const Reader reader(other, 2);
  CHECK(state->load(host.plugin, &reader) == ARR_STATUS_OK);
  Writer again;
  CHECK(state->save(host.plugin, &again) == ARR_STATUS_OK);
  CHECK(std::get<double>(again.keys["tuning"]) == 432);
  CHECK(std::get<std::string>(again.keys["name"]) == "dark");
  CHECK(again.keys["steps"] == saved.keys["steps"]);
  CHECK(again.keys["curve"] == saved.keys["curve"]);
}

TEST_CASE("a plugin refuses a state in its own words") {
  Hosted<Remembers> host;
  const auto *state = static_cast<const arr_state *>(host.plugin->get_extension(host.plugin, ARR_EXTENSION_STATE));
  const Reader reader(Writer{}, 4);
  CHECK(state->load(host.plugin, &reader) == ARR_STATUS_ERROR);
  CHECK(host.error == "made by version 4");
}

TEST_CASE("migrations are part of the descriptor") {
  struct Registry : arr_registry {
    int migrations = 0;
    std::string from, to;
    double scale = 0;
  } registry{};
  registry.add = [](arr_registry *r, const arr_descriptor *descriptor, const arr_factory *) {
    auto &self = *static_cast<Registry *>(r);
    self.migrations = static_cast<int>(descriptor->migration_count);
    self.from = descriptor->migrations[1]->old_id;
    self.to = descriptor->migrations[1]->new_id;
    self.scale = descriptor->migrations[1]->scale;
    return arr_status{ARR_STATUS_OK};
  };
  detail::register_class<Remembers>(
      registry, {.id = "test.remembers",
                 .name = "Remembers",
                 .version = 3,
                 .migrations = {{.before = 2, .from = "speed", .to = "rate"},
                                {.before = 3, .from = "rate", .to = "rate_ms", .scale = 0.5, .offset = 1}}});
  CHECK(registry.migrations == 2);
  CHECK(registry.from == "rate");
  CHECK(registry.to == "rate_ms");
  CHECK(registry.scale == 0.5);
}
