// SPDX-License-Identifier: MIT
// A state as a plugin writes and reads it, and what may become of one that was stored.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "arranger/plugin.h"

namespace arranger::validate {

using StateBytes = std::vector<std::uint8_t>;
using StateValue = std::variant<double, std::string, StateBytes>;
using State = std::map<std::string, StateValue>;

// Keeps what a plugin writes.
struct StateWriter {
  arr_state_writer api{};  // first: the functions find the rest behind it
  State state;
  std::string wrong;  // what must not be written; empty when all is well

  StateWriter();
  StateWriter(const StateWriter &) = delete;
  StateWriter &operator=(const StateWriter &) = delete;
  void add(const char *key, StateValue value);
};

// Gives a state to a plugin.
struct StateReader {
  arr_state_reader api{};  // first: the functions find the rest behind it
  mutable State state;
  // When there is one: makes up a value for each key that is asked for, in the type that is asked for.
  std::function<StateValue(std::size_t type)> invent;

  // `version`: of the plugin that wrote it.
  StateReader(State state, std::int32_t version);
  StateReader(const StateReader &) = delete;
  StateReader &operator=(const StateReader &) = delete;
  // What a key has; null when it is not there, or is of another type.
  template <class T>
  const T *find(const char *key) const;
};

// Makes up anything: numbers that are none, texts that are no UTF-8, up to so many bytes of noise.
std::function<StateValue(std::size_t)> noise_values(std::uint32_t seed, std::size_t greatest_length);

}  // namespace arranger::validate
