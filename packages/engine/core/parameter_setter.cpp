// SPDX-License-Identifier: MIT
#include "parameter_setter.hpp"

#include <cmath>

#include "base/format.hpp"
#include "edit.hpp"

namespace arranger {
namespace {

// Whether it is the very object: an address may be another one's by now, its owner's record is not.
template <class T>
bool is_same(const std::weak_ptr<const void> &known, const std::shared_ptr<T> &now) {
  return !known.owner_before(now) && !now.owner_before(known);
}

}  // namespace

Result<void> ParameterSetter::check() {
  const std::lock_guard lock(engine_.mutex_);
  return find();
}

Result<void> ParameterSetter::find() {
  info_.reset();
  plan_.reset();
  const Model &model = engine_.model_;
  const auto node = model.find_node(node_, "/node_id");
  if (!node) return std::unexpected(node.error());
  const auto port = find_parameter_of((*model.info)[*node], param_);
  if (!port) return std::unexpected(port.error());
  const Port &found = (*model.info)[*node].ports[*port];
  index_ = *node;
  port_ = found.id;
  min_ = found.min;
  max_ = found.max;
  info_ = model.info;
  return {};
}

Result<void> ParameterSetter::tell(Live &live, double value, Player::Returned &returned) {
  const std::shared_ptr<Plan> &plan = live.running.plan;
  if (!is_same(plan_, plan)) {
    target_ = plan->param_target(node_, port_);
    plan_ = plan;
  }
  if (target_ < 0) return {};
  Player &player = live.player();
  if (!player.has_room(1)) {
    returned = player.collect();
    return fail(Code::busy, format("Expected room for a message to the audio thread but {} wait", Player::capacity));
  }
  if (player.posted() % 64 == 0) returned = player.collect();
  const std::int64_t ramp = ramp_ms_ ? std::llround(*ramp_ms_ * engine_.config_.sample_rate / 1000) : 0;
  live.send(message([number = static_cast<std::uint32_t>(target_), value, ramp, ramps = ramp_ms_.has_value()](
                        SessionRenderer &renderer) { renderer.set_param(number, value, ramp, ramps); }));
  return {};
}

Result<void> ParameterSetter::set(double value) {
  Player::Returned returned;  // ends without the lock: that runs code of plugins
  const std::lock_guard lock(engine_.mutex_);
  if (!is_same(info_, engine_.model_.info))
    if (auto done = find(); !done) return done;
  if (!(value >= min_ && value <= max_))
    return fail(Code::out_of_range, format("Expected {} between {} and {} but received {}", port_, min_, max_, value),
                "/value");
  if (engine_.live_)  // set under both mutexes
    if (auto done = tell(*engine_.live_, value, returned); !done) return done;
  assign(writable(engine_.model_.graph).nodes[index_], port_, value);
  return {};
}

}  // namespace arranger
