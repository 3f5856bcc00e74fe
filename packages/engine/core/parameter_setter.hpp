// SPDX-License-Identifier: MIT
// One parameter that is set again and again: found once, then set in a fraction of a microsecond.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine.hpp"

namespace arranger {

class ParameterSetter {
 public:
  // `ramp_ms`: none = smoothed as the parameter declares. The engine must outlive it.
  ParameterSetter(Engine &engine, std::string node, std::string param, std::optional<double> ramp_ms)
      : engine_(engine), node_(std::move(node)), param_(std::move(param)), ramp_ms_(ramp_ms) {}

  // Errors: unknown_node, unknown_param. Any thread.
  Result<void> check();
  // As Edit::set_param, whatever became of the graph meanwhile. Errors: the same, out_of_range; busy while the audio thread
  // takes no more messages. Any thread.
  Result<void> set(double value);

 private:
  Result<void> find();
  Result<void> tell(Live &live, double value, Player::Returned &returned);

  Engine &engine_;
  const std::string node_, param_;
  const std::optional<double> ramp_ms_;
  // What was found, and where: it holds as long as model and plan have these. Guarded by the engine's mutex.
  std::weak_ptr<const void> info_, plan_;
  std::size_t index_ = 0;
  std::string port_;
  double min_ = 0, max_ = 0;
  std::int64_t target_ = -1;  // as the plan numbers it
};

}  // namespace arranger
