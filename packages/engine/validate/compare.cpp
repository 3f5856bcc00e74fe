// SPDX-License-Identifier: MIT
#include "compare.hpp"

#include <algorithm>
#include <cmath>

#include "base/format.hpp"

namespace arranger::validate {
namespace {

double peak(const Samples &samples) {
  double greatest = 0;
  for (const float x : samples)
    if (std::isfinite(x)) greatest = std::max(greatest, std::abs(static_cast<double>(x)));
  return greatest;
}

bool is_near(float a, float b, double most) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  return std::abs(static_cast<double>(a) - static_cast<double>(b)) <= most;
}

std::string event_difference(const Output &expected, const Output &found, int from) {
  const auto late = [&](const std::vector<Sent> &events) {
    std::vector<Sent> kept;
    std::ranges::copy_if(events, std::back_inserter(kept), [&](const Sent &event) { return event.frame >= from; });
    // The order of two outputs' events depends on the calls, that of one output does not.
    std::ranges::stable_sort(kept, {}, &Sent::port);
    return kept;
  };
  const auto wanted = late(expected.events), seen = late(found.events);
  for (std::size_t i = 0; i < std::min(wanted.size(), seen.size()); ++i) {
    if (wanted[i] == seen[i]) continue;
    return format("event {} is of type {}, frame {}, key {} where type {}, frame {}, key {} is expected", i,
                  seen[i].type, seen[i].frame, seen[i].key, wanted[i].type, wanted[i].frame, wanted[i].key);
  }
  if (wanted.size() == seen.size()) return {};
  return format("{} events were sent where {} are expected", seen.size(), wanted.size());
}

}  // namespace

std::string difference(const Output &expected, const Output &found, double tolerance, int from) {
  for (std::size_t c = 0; c < expected.channels.size(); ++c) {
    const Samples &wanted = expected.channels[c], &seen = found.channels[c];
    const double most = tolerance * peak(wanted);
    for (std::size_t i = static_cast<std::size_t>(from); i < std::min(wanted.size(), seen.size()); ++i) {
      if (!is_near(wanted[i], seen[i], most))
        return format("{} is {} at frame {} where {} is expected", expected.names[c], seen[i], i, wanted[i]);
    }
  }
  return event_difference(expected, found, from);
}

std::string not_finite(const Output &output) {
  for (std::size_t c = 0; c < output.channels.size(); ++c) {
    const auto bad = std::ranges::find_if(output.channels[c], [](float x) { return !std::isfinite(x); });
    if (bad != output.channels[c].end())
      return format("{} is {} at frame {}", output.names[c], *bad, bad - output.channels[c].begin());
  }
  return {};
}

std::string not_silent(const Output &output, std::int64_t from) {
  constexpr float quiet = 1e-6f;
  for (std::size_t c = 0; c < output.channels.size(); ++c) {
    if (!output.is_audio[c]) continue;
    const Samples &samples = output.channels[c];
    for (auto i = static_cast<std::size_t>(std::max<std::int64_t>(from, 0)); i < samples.size(); ++i)
      if (!(std::abs(samples[i]) <= quiet)) return format("{} is {} at frame {}", output.names[c], samples[i], i);
  }
  return {};
}

double peak_of(const Output &output) {
  double greatest = 0;
  for (std::size_t c = 0; c < output.channels.size(); ++c)
    if (output.is_audio[c]) greatest = std::max(greatest, peak(output.channels[c]));
  return greatest;
}

}  // namespace arranger::validate
