// SPDX-License-Identifier: MIT
// By how much the output lags the input.
#include <algorithm>
#include <cmath>

#include "base/format.hpp"
#include "check.hpp"
#include "compare.hpp"

namespace arranger::validate {
namespace {

constexpr int before = 2000;  // frames of rest, so that what begins with the instance is over
constexpr int impulse_room = 4096;

std::string needs_audio_through(const Subject &subject) {
  if (!has_audio_input(subject.ports()) || !has_audio_output(subject.ports())) return "no sound goes through it";
  return {};
}

// The response of the outputs: what the input adds to what they do without it.
Result<std::vector<double>> response_to(const Subject &subject, const Samples &input) {
  const Music rest = silence(subject.ports(), static_cast<int>(input.size()));
  Music heard = rest;
  std::size_t next = 0;
  for (const Place &place : places_of(subject.ports())) {
    if (place.is_audio_input() && place.port->role == ARR_PORT_ROLE_INPUT) heard.samples[next] = input;
    ++next;
  }
  const auto with = play(subject, heard), without = play(subject, rest);
  if (!with) return std::unexpected(with.error());
  if (!without) return std::unexpected(without.error());
  std::vector<double> response(input.size());
  for (std::size_t c = 0; c < with->channels.size(); ++c) {
    if (!with->is_audio[c]) continue;
    for (std::size_t i = 0; i < response.size(); ++i)
      response[i] += static_cast<double>(with->channels[c][i]) - static_cast<double>(without->channels[c][i]);
  }
  return response;
}

// Where a response begins and where it is greatest, in frames after the input; nothing when it is silent.
struct Arrival {
  bool heard = false;
  int begins = 0, peaks = 0;
};
Arrival arrival_in(const std::vector<double> &response, double least_part) {
  Arrival arrival;
  double greatest = 0;
  for (std::size_t i = 0; i < response.size(); ++i) {
    if (std::abs(response[i]) <= greatest) continue;
    greatest = std::abs(response[i]);
    arrival.peaks = static_cast<int>(i);
  }
  if (greatest < 1e-7) return arrival;
  arrival.heard = true;
  while (std::abs(response[static_cast<std::size_t>(arrival.begins)]) < least_part * greatest) ++arrival.begins;
  return arrival;
}

Result<Arrival> by_impulse(const Subject &subject, int latency) {
  Samples input(static_cast<std::size_t>(before + latency + impulse_room));
  input[before] = 0.5f;
  const auto response = response_to(subject, input);
  if (!response) return std::unexpected(response.error());
  return arrival_in({response->begin() + before, response->end()}, 1e-4);
}

// For what an impulse does not get through, such as a gate: the cross-correlation with noise.
Result<Arrival> by_noise(const Subject &subject, int latency) {
  const int lags = latency + impulse_room, length = 16'384;
  Samples input = noise(before + length + lags, 11);
  const auto response = response_to(subject, input);
  if (!response) return std::unexpected(response.error());
  std::vector<double> correlation(static_cast<std::size_t>(lags));
  for (std::size_t lag = 0; lag < correlation.size(); ++lag)
    for (std::size_t i = before; i < static_cast<std::size_t>(before + length); ++i)
      correlation[lag] += static_cast<double>(input[i]) * (*response)[i + lag];
  return arrival_in(correlation, 0.25);
}

// The port's own promise that a part of its delay is meant to be heard.
int declared_delay(const Subject &subject) {
  int delay = 0;
  for (const Port &port : subject.ports())
    if (port.is_audio() && port.is_output()) delay = std::max(delay, port.delay_frames);
  return delay;
}

// A filter's response begins at the latency and may peak later; one of linear phase begins earlier and peaks there.
Result<void> latency(const Subject &subject) {
  const auto instance = subject.activate();
  if (!instance) return std::unexpected(instance.error());
  const int declared = (*instance)->latency_frames();
  auto arrival = by_impulse(subject, declared);
  if (arrival && !arrival->heard) arrival = by_noise(subject, declared);
  if (!arrival) return std::unexpected(arrival.error());
  if (!arrival->heard) return {};  // no sound goes through at the defaults, so none is late
  const int expected = declared + declared_delay(subject);
  if (arrival->begins <= expected && declared <= arrival->peaks) return {};
  return broken(format("declared are {} frames, but a sound comes out after {} to {} frames", declared, arrival->begins,
                       arrival->peaks));
}

constexpr Check checks[] = {
    {"latency", Check::Scope::plugin,
     "Sound comes out as many frames late as activate declared, measured by an impulse or, where none gets through, by "
     "cross-correlation with noise.",
     "Set latency_frames in activate to the frames by which the output lags; a delay that is meant to be heard is "
     "delay_frames of the output port.",
     needs_audio_through, latency, "determinism"},
};

}  // namespace

std::span<const Check> time_checks() { return checks; }

}  // namespace arranger::validate
