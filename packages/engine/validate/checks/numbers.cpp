// SPDX-License-Identifier: MIT
// Numbers that are none, extreme sound, and every value of every parameter.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/format.hpp"
#include "check.hpp"
#include "compare.hpp"

namespace arranger::validate {
namespace {

constexpr int frames = 4000;

std::string needs_audio_input(const Subject &subject) {
  return has_audio_input(subject.ports()) ? needs_output(subject) : "it has no audio input";
}

// Every audio input has one of these values at every third frame.
Music music_with(const Subject &subject, std::initializer_list<float> values) {
  Music result = music(subject.ports(), frames, frames);
  std::size_t next = 0;
  for (const Place &place : places_of(subject.ports())) {
    Samples &samples = result.samples[next++];
    if (!place.is_audio_input()) continue;
    for (std::size_t i = 0; i < samples.size(); i += 3) samples[i] = values.begin()[i / 3 % values.size()];
  }
  return result;
}

Result<void> bad_input(const Subject &subject) {
  constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  auto rig = Rig::make(subject);
  if (!rig) return std::unexpected(rig.error());
  const Music bad = music_with(subject, {nan, infinity, -infinity, 1e-40f, 1.0f});
  if (auto done = rig->play(bad); !done) return std::unexpected(done.error());
  rig->reset();
  const Music good = music(subject.ports(), frames, frames);
  const auto output = rig->play(good);
  if (!output) return std::unexpected(output.error());
  if (const std::string bad_number = not_finite(*output); !bad_number.empty())
    return broken(bad_number + ", after NaN and infinity came in and it was reset");
  return {};
}

std::string needs_claim(const Subject &subject) {
  return subject.descriptor().preserves_finite ? needs_audio_input(subject) : "it does not declare preserves_finite";
}

Result<void> preserves_finite(const Subject &subject) {
  // Not the greatest float: the sum of two of them, or a gain above one, is infinite without any fault.
  Music extreme = music_with(subject, {1e30f, -1e30f, 1e25f, 1e-40f, -1e20f, 1.0f});
  for (const bool moving : {false, true}) {
    if (moving) move_parameters(extreme, subject.ports(), 21);
    const auto output = play(subject, extreme);
    if (!output) return std::unexpected(output.error());
    if (const std::string bad_number = not_finite(*output); !bad_number.empty())
      return broken(bad_number + ", of inputs up to 1e30");
  }
  return {};
}

std::string needs_gain(const Subject &subject) {
  return subject.descriptor().is_gain ? "" : "it does not declare is_gain";
}

// Its process, against what the engine computes in its place.
Result<void> gain(const Subject &subject) {
  constexpr float greatest = std::numeric_limits<float>::max();
  Music extreme = music_with(subject, {1e30f, -1e38f, 0.0f, 1.0f});
  move_parameters(extreme, subject.ports(), 5);
  const auto output = play(subject, extreme);
  if (!output) return std::unexpected(output.error());
  std::vector<const Samples *> inputs;
  const Samples *factors = nullptr;
  const auto places = places_of(subject.ports());
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].is_audio_input()) inputs.push_back(&extreme.samples[i]);
    if (places[i].port->is_parameter()) factors = &extreme.samples[i];
  }
  Output expected = *output;
  for (std::size_t c = 0; c < inputs.size(); ++c)
    for (std::size_t i = 0; i < expected.channels[c].size(); ++i)
      expected.channels[c][i] = std::clamp((*inputs[c])[i] * (*factors)[i], -greatest, greatest);
  if (const std::string unequal = difference(expected, *output); !unequal.empty())
    return broken(unequal + ", where the input times the parameter is expected");
  return {};
}

// Which parameters were where, for the message.
std::string values_of(const Subject &subject, const Music &music) {
  std::string text;
  std::size_t next = 0;
  for (const Place &place : places_of(subject.ports())) {
    const float value = music.values[next++];
    if (!place.port->is_parameter() || static_cast<double>(value) == place.port->default_value) continue;
    text += format("{}{} = {}", text.empty() ? ", with " : ", ", place.port->id, value);
  }
  return text;
}

// Runs on in one instance, so that what one setting leaves behind meets the next.
Result<void> try_values(const Subject &subject, Rig &rig, const Music &music) {
  const auto output = rig.play(music);
  if (!output) return broken(output.error().message + values_of(subject, music));
  if (const std::string bad_number = not_finite(*output); !bad_number.empty())
    return broken(bad_number + values_of(subject, music));
  return {};
}

Result<void> parameter_fuzz(const Subject &subject) {
  auto rig = Rig::make(subject);
  if (!rig) return std::unexpected(rig.error());
  Music heard = music(subject.ports(), 1000, 900);
  const std::vector<float> defaults = heard.values;
  const auto places = places_of(subject.ports());
  // One at a time at its ends, all of them there, and all anywhere.
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i].port->is_parameter()) continue;
    for (const double end : {0.0, 1.0}) {
      heard.values = defaults;
      heard.values[i] = parameter_value(*places[i].port, end);
      if (auto done = try_values(subject, *rig, heard); !done) return done;
    }
  }
  std::mt19937 random(77);
  for (int round = 0; round < subject.rounds(40); ++round) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (!places[i].port->is_parameter()) continue;
      const double where =
          round % 3 == 0 ? static_cast<double>(random() % 2) : static_cast<double>(random() % 1000) / 999;
      heard.values[i] = parameter_value(*places[i].port, round < 2 ? round : where);
    }
    if (auto done = try_values(subject, *rig, heard); !done) return done;
  }
  return {};
}

constexpr auto plugin = Check::Scope::plugin;
constexpr Check checks[] = {
    {"bad_input", plugin, "NaN, infinity and denormals in the input do no harm that a reset does not end.",
     "Clear everything that holds samples in reset.", needs_audio_input, bad_input},
    {"preserves_finite", plugin, "Finite inputs, up to 1e30, give finite outputs, as declared.",
     "Limit what is fed back or squared to what a float holds, or do not declare preserves_finite.", needs_claim,
     preserves_finite},
    {"gain", plugin, "What declares is_gain puts out its input times its parameter, as the engine computes it.",
     "Do nothing else in process, or do not declare is_gain.", needs_gain, gain},
    {"parameter_fuzz", plugin,
     "With every parameter at its ends and anywhere between, process works and gives finite numbers.",
     "Look for a division by zero, a logarithm of zero or an unstable filter at the values that are named, or narrow "
     "the "
     "range.",
     needs_parameters, parameter_fuzz},
};

}  // namespace

std::span<const Check> number_checks() { return checks; }

}  // namespace arranger::validate
