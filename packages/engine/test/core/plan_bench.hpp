// SPDX-License-Identifier: MIT
// Plans that run slice by slice and take over from each other.
#pragma once

#include <functional>

#include "allocations.hpp"
#include "session.hpp"

namespace arranger::test {

class Bench {
 public:
  explicit Bench(const Graph &graph) : graph_(graph) {
    load_nodes();
    plan = compile({});
  }

  // What is to come, by frame, given to whichever plan runs then.
  void at(std::int64_t frame, std::function<void(Plan &, std::int32_t)> give) { given_.emplace_back(frame, give); }
  void note(std::int64_t frame, const std::string &node, int key, arr_event_type type = ARR_EVENT_NOTE_ON) {
    at(frame, [=](Plan &to, std::int32_t offset) {
      arr_event event{};
      event.type = type;
      event.frame = offset;
      event.key = key;
      event.value = 1;
      to.deliver(std::uint32_t(to.event_target(node)), event);
    });
  }
  void change(std::int64_t frame, const std::string &node, const char *param, double value, std::int64_t ramp = 0) {
    at(frame, [=](Plan &to, std::int32_t offset) {
      to.change(std::uint32_t(to.param_target(node, param)), offset, value, ramp, ramp > 0);
    });
  }

  std::vector<float> run(std::int32_t count) {
    static const arr_transport transport{};
    std::vector<float> out;
    for (std::int32_t done = 0; done < count;) {
      const Slice slice{std::min(plan->max_frames(), count - done), now, &transport};
      plan->begin(slice);
      for (const auto &[frame, give] : given_)
        if (frame >= now && frame < now + slice.frames) give(*plan, static_cast<std::int32_t>(frame - now));
      plan->run(slice, executor_.get());
      out.insert(out.end(), plan->left(), plan->left() + slice.frames);
      now += slice.frames;
      done += slice.frames;
    }
    if (executor_) executor_->rest();
    return out;
  }

  // Goes on with another graph.
  void edit(const Graph &graph) {
    const Graph old_graph = std::exchange(graph_, graph);
    auto next = compile([this](std::size_t node) { return plan->instance(graph_.nodes[node].id); });
    const TargetMap map = plan->map_to(*next);
    for (const Node &old : old_graph.nodes)
      if (const std::int64_t target = plan->event_target(old.id); target >= 0)
        CHECK(map.events[std::size_t(target)] == next->event_target(old.id));
    next->prepare_adoption(*plan);
    const std::int64_t before = allocations();
    next->adopt(*plan);
    CHECK(allocations() == before);
    plan = std::move(next);
  }

  std::unique_ptr<Plan> compile(const Reuse &reuse) {
    auto resolved = resolve(graph_, reuse);
    REQUIRE_MESSAGE(resolved.has_value(), resolved.error().message);
    auto compiled = Plan::compile(std::move(*resolved), options_of_tests());
    REQUIRE_MESSAGE(compiled.has_value(), compiled.error().message);
    return std::move(*compiled);
  }

  std::unique_ptr<Plan> plan;
  std::int64_t now = 0;

 private:
  Graph graph_;
  std::unique_ptr<Executor> executor_ = executor_of_tests();
  std::vector<std::pair<std::int64_t, std::function<void(Plan &, std::int32_t)>>> given_;
};

}  // namespace arranger::test
