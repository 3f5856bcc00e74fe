// SPDX-License-Identifier: MIT
#include "live.hpp"

#include <algorithm>

namespace arranger {
namespace {

// What the client set, by position in Timeline::params.
std::vector<double> base_values(const Model &model, const Timeline &timeline) {
  std::vector<double> out;
  for (const ScheduledParam &param : timeline.params) {
    const std::string &id = model.schedule->nodes[std::size_t(param.node)];
    const auto node = std::ranges::find(model.graph->nodes, id, &Node::id);
    out.push_back(0);
    if (node == model.graph->nodes.end()) continue;
    const auto index = static_cast<std::size_t>(node - model.graph->nodes.begin());
    const int port = find_parameter((*model.info)[index].ports, model.schedule->params[std::size_t(param.param)]);
    if (port >= 0) out.back() = model.base_value(index, static_cast<std::size_t>(port));
  }
  return out;
}

}  // namespace

Jump jump_to(const Model &model, const Plan &plan, const Binding &binding, const Score &score, double beat) {
  const std::vector<double> bases = base_values(model, score.timeline);
  return make_jump(score, plan, binding, score.tempo.frame(beat), [&](std::uint32_t param) { return bases[param]; });
}

LoopRange make_loop(const Model &model, const Plan &plan, const Binding &binding, const Score &score) {
  const LoopBeats &loop = model.loop;
  LoopRange out{loop.enabled, score.tempo.frame(loop.start), score.tempo.frame(loop.end), loop.start, loop.end, {}};
  out.enabled = loop.enabled && out.end > out.start;  // a loop of less than a frame is none
  if (out.enabled) out.jump = jump_to(model, plan, binding, score, loop.start);
  return out;
}

std::unique_ptr<Course> make_course(const Model &model, const Plan &plan, std::shared_ptr<const Score> score) {
  auto course = std::make_unique<Course>();
  course->binding = bind(plan, *model.schedule, score->timeline);
  course->bases = base_values(model, score->timeline);
  course->to_start = jump_to(model, plan, course->binding, *score, 0);
  course->loop = make_loop(model, plan, course->binding, *score);
  course->score = std::move(score);
  return course;
}

DeviceWish wish_of(const AudioEngineConfig &config) {
  return {config.output_device, config.sample_rate, config.takes_own_rate, config.block_size, config.input};
}

PlanOptions live_options(const AudioEngineConfig &config) {
  PlanOptions options;
  options.sample_rate = config.sample_rate;
  if (threads_for(config.threads) > 1) options.sharing = config.sharing;
  return options;
}

Result<std::shared_ptr<Live>> Live::start(std::unique_ptr<Device> device, const AudioEngineConfig &config,
                                          const Model &model, double beat, std::shared_ptr<Display> display,
                                          const Reuse &reuse) {
  auto resolved = resolve(*model.graph, reuse);
  if (!resolved) return std::unexpected(resolved.error());
  auto running = follow(std::move(*resolved), live_options(config), nullptr);
  if (!running) return std::unexpected(running.error());

  auto live = std::make_shared<Live>();
  live->running = std::move(*running);
  const Plan &plan = *live->running.plan;
  live->score = std::make_shared<const Score>(make_score(model.schedule, config.sample_rate, model.bpm));
  auto course = make_course(model, plan, live->score);
  const Jump jump = jump_to(model, plan, course->binding, *live->score, beat);
  SessionRenderer renderer(live->running.plan, std::move(course), false);
  if (threads_for(config.threads) > 1)
    renderer.share_with(std::make_unique<Executor>(config.threads, Executor::Use::live));
  renderer.seek(jump);
  live->player_ = std::make_shared<Player>(std::move(renderer), DisplayWriter(std::move(display), config.sample_rate));
  device->start([player = live->player_](const AudioBlock &block) { player->process(block); },
                [player = live->player_] { return player->rest(); });
  live->device_ = std::move(device);
  return live;
}

}  // namespace arranger
