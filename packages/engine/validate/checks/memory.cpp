// SPDX-License-Identifier: MIT
// What a plugin remembers: its state, which is stored, and its snapshot, which is not.
#include <algorithm>
#include <optional>

#include "base/format.hpp"
#include "check.hpp"
#include "compare.hpp"
#include "plugin/guard.hpp"
#include "state_store.hpp"

namespace arranger::validate {
namespace {

constexpr int frames = 6000;

template <class Extension>
const Extension *extension_of(Instance &instance, const char *id) {
  return static_cast<const Extension *>(guard::get_extension(instance.plugin(), id));
}

std::string needs_extension(const Subject &subject, const char *id) {
  const auto instance = subject.activate();
  return instance && guard::get_extension((*instance)->plugin(), id) ? "" : format("it has no extension {}", id);
}
std::string needs_state(const Subject &subject) { return needs_extension(subject, ARR_EXTENSION_STATE); }
std::string needs_snapshot(const Subject &subject) { return needs_extension(subject, ARR_EXTENSION_SNAPSHOT); }

Result<State> save(Instance &instance) {
  const auto *extension = extension_of<arr_state>(instance, ARR_EXTENSION_STATE);
  if (!extension->save || !extension->load) return broken("its extension has no function save, or none to load");
  StateWriter writer;
  const arr_status status = extension->save(&instance.plugin(), &writer.api);
  if (status != ARR_STATUS_OK) return broken(format("save answers the status {}", status));
  if (!writer.wrong.empty()) return broken(writer.wrong);
  return std::move(writer.state);
}

// What a new instance gives after it has loaded a state; nothing when it refused it.
Result<std::optional<Output>> play_loaded(const Subject &subject, const StateReader &reader,
                                          State *saved_again = nullptr) {
  auto rig = Rig::make(subject);
  if (!rig) return std::unexpected(rig.error());
  Instance &instance = rig->instance();
  const auto *extension = extension_of<arr_state>(instance, ARR_EXTENSION_STATE);
  if (extension->load(&instance.plugin(), &reader.api) != ARR_STATUS_OK) return std::nullopt;
  if (saved_again) {
    auto again = save(instance);
    if (!again) return std::unexpected(again.error());
    *saved_again = std::move(*again);
  }
  auto output = rig->play(music(subject.ports(), frames, frames));
  if (!output) return std::unexpected(output.error());
  return std::move(*output);
}

// Loaded in a new instance and saved again it is the same, and two that load it give the same.
Result<void> check_round_trip(const Subject &subject, const State &state) {
  const std::int32_t version = subject.descriptor().version;
  State again;
  const auto first = play_loaded(subject, StateReader(state, version), &again);
  if (!first) return std::unexpected(first.error());
  if (!*first) return broken("it refuses the state that it has just saved");
  for (const auto &[key, value] : state)
    if (!again.contains(key) || again.at(key) != value)
      return broken(format("'{}' is another one after load and save", key));
  if (again.size() > state.size()) return broken("it saves more keys after load than before");
  const auto second = play_loaded(subject, StateReader(state, version));
  if (!second) return std::unexpected(second.error());
  if (!*second) return broken("it refuses the second time what it took the first");
  if (const std::string differs = difference(**first, **second); !differs.empty())
    return broken(differs + ", in the second of two instances with one state");
  return {};
}

// It may be refused; what is taken must work.
Result<void> survive(const Subject &subject, const StateReader &reader, const std::string &what) {
  const auto output = play_loaded(subject, reader);
  if (!output) return broken(output.error().message + what);
  if (!*output) return {};
  if (const std::string bad = not_finite(**output); !bad.empty()) return broken(bad + what);
  return {};
}

// One key at a time is gone, too short, or noise; what is right beside it brings load as far as that key.
Result<void> check_damaged_key(const Subject &subject, const State &state, const std::string &key) {
  const auto try_with = [&](std::optional<StateValue> value, const char *how) {
    State damaged = state;
    if (value) damaged[key] = std::move(*value);
    else damaged.erase(key);
    const StateReader reader(std::move(damaged), subject.descriptor().version);
    return survive(subject, reader, format(", of a state whose '{}' {}", key, how));
  };
  if (auto done = try_with(std::nullopt, "is missing"); !done) return done;
  const StateValue &value = state.at(key);
  if (const auto *bytes = std::get_if<StateBytes>(&value); bytes && !bytes->empty()) {
    const StateBytes half(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(bytes->size() / 2));
    if (auto done = try_with(half, "is cut short"); !done) return done;
  }
  const auto invent = noise_values(7, 1 << 20);
  for (int round = 0; round < subject.rounds(9); ++round)
    if (auto done = try_with(invent(value.index()), "is noise"); !done) return done;
  return {};
}

Result<void> check_damaged(const Subject &subject, const State &state) {
  for (const auto &[key, value] : state)
    if (auto done = check_damaged_key(subject, state, key); !done) return done;
  const std::int32_t version = subject.descriptor().version;
  for (const std::size_t length : {std::size_t{16}, std::size_t{1} << 20}) {
    for (int round = 0; round < subject.rounds(6); ++round) {
      StateReader reader({}, round % 3 == 0 ? version + 1 : version);
      reader.invent = noise_values(static_cast<std::uint32_t>(round + 1), length);
      if (auto done = survive(subject, reader, format(", of a state of up to {} bytes of noise", length)); !done)
        return done;
    }
  }
  return {};
}

Result<void> state(const Subject &subject) {
  auto rig = Rig::make(subject);
  if (!rig) return std::unexpected(rig.error());
  auto saved = save(rig->instance());
  if (!saved) return std::unexpected(saved.error());
  if (auto done = check_round_trip(subject, *saved); !done) return done;
  if (auto done = survive(subject, StateReader({}, 1), ", of an empty state"); !done) return done;
  return check_damaged(subject, *saved);
}

// Where the music goes on from, for the instance that takes the snapshot.
Music rest_of(const Music &heard, int from) {
  Music rest = heard;
  rest.frames -= from;
  rest.song_frame += from;
  for (Samples &samples : rest.samples)
    if (!samples.empty()) samples.erase(samples.begin(), samples.begin() + from);
  std::erase_if(rest.events, [&](const arr_event &event) { return event.frame < from; });
  for (arr_event &event : rest.events) event.frame -= from;
  return rest;
}

struct Taken {
  std::uint64_t layout = 0;
  std::vector<std::uint8_t> bytes;
  std::vector<Samples> rest;  // what the instance gave from there on
};

Result<const arr_snapshot *> snapshot_of(Instance &instance) {
  const auto *extension = extension_of<arr_snapshot>(instance, ARR_EXTENSION_SNAPSHOT);
  if (!extension->layout || !extension->size || !extension->save || !extension->load)
    return broken("its extension lacks a function");
  return extension;
}

Result<Taken> take_snapshot(const Subject &subject, const Music &heard, int at) {
  auto rig = Rig::make(subject);
  if (!rig) return std::unexpected(rig.error());
  rig->begin(heard);
  for (int done = 0; done < at; done += 100)
    if (auto step = rig->step(100); !step) return std::unexpected(step.error());
  arr_plugin &plugin = rig->instance().plugin();
  const auto extension = snapshot_of(rig->instance());
  if (!extension) return std::unexpected(extension.error());
  Taken taken{(*extension)->layout(&plugin), std::vector<std::uint8_t>((*extension)->size(&plugin)), {}};
  (*extension)->save(&plugin, taken.bytes.data());
  while (!rig->at_end())
    if (auto step = rig->step(100); !step) return std::unexpected(step.error());
  for (const Samples &samples : rig->take().channels) taken.rest.emplace_back(samples.begin() + at, samples.end());
  return taken;
}

Result<void> snapshot(const Subject &subject) {
  constexpr int at = 3000;
  const Music heard = music(subject.ports(), frames, frames);
  auto taken = take_snapshot(subject, heard, at);
  if (!taken) return std::unexpected(taken.error());
  auto rig = Rig::make(subject);
  if (!rig) return std::unexpected(rig.error());
  arr_plugin &plugin = rig->instance().plugin();
  const auto extension = snapshot_of(rig->instance());
  if (!extension) return std::unexpected(extension.error());
  if ((*extension)->layout(&plugin) != taken->layout)
    return broken("two instances of one plugin have different layouts");
  if ((*extension)->size(&plugin) != taken->bytes.size())
    return broken("two instances of one plugin have different sizes");
  (*extension)->load(&plugin, taken->bytes.data());
  auto found = rig->play(rest_of(heard, at), {100});
  if (!found) return std::unexpected(found.error());
  Output expected = *found;
  expected.channels = std::move(taken->rest);
  expected.events.clear(), found->events.clear();
  if (const std::string differs = difference(expected, *found); !differs.empty())
    return broken(differs + " after the snapshot was taken over (what is expected is what the first instance gave)");
  return {};
}

constexpr auto plugin = Check::Scope::plugin;
constexpr Check checks[] = {
    {"state", plugin,
     "A state that is saved and loaded is the same; one with parts missing, of noise, or of a newer version is refused "
     "or "
     "does no harm.",
     "Check every number and length that load reads before it is used, and answer ARR_STATUS_INVALID where it is "
     "wrong.",
     needs_state, state, "determinism"},
    {"snapshot", plugin, "An instance that loads the snapshot of another goes on with the same bits.",
     "Save and load everything that process changes, and nothing that holds an address.", needs_snapshot, snapshot,
     "determinism"},
};

}  // namespace

std::span<const Check> memory_checks() { return checks; }

}  // namespace arranger::validate
