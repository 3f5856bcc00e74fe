// SPDX-License-Identifier: MIT
#include "control/stats.hpp"

#include "base/real_time.hpp"
#include "plugin/isolated_plugin.hpp"

namespace arranger {
namespace {

json::Nullable audio_allocations() {
#if defined(ARRANGER_HAS_AUDIO_WATCH)
  if (arranger_audio_allocations) return {static_cast<double>(arranger_audio_allocations())};
#endif
  return {};
}

}  // namespace

StatsReply stats_reply(const Engine &engine, const EventHub &events) {
  StatsReply reply;
  const AudioEngineConfig config = engine.config();
  reply.sample_rate = config.sample_rate;
  reply.block_size = config.block_size;
  reply.dropped_pushes = events.dropped();
  reply.message_room = Player::capacity;
  reply.audio_allocations = audio_allocations();
  const auto live = engine.live();
  if (!live) return reply;
  const DeviceStats stats = live->device().stats();
  const DeviceState state = live->device().state();
  reply.device = state.name;
  reply.block_size = state.block_size;
  reply.threads = live->player().threads();
  reply.blocks = live->player().blocks();
  reply.xruns = stats.xruns;
  reply.load = stats.load;
  reply.p50_us = stats.p50_us;
  reply.p99_us = stats.p99_us;
  reply.max_us = stats.max_us;
  reply.dropped_events = live->player().lost_events();
  reply.most_messages = live->player().most_messages();
  reply.most_waiting = live->player().most_waiting();
  for (const NodeShare &node : engine.node_shares()) {
    reply.nodes.push_back({node.node, node.share});
    if (node.fault != Fault::none) reply.faults.push_back(node.node);
  }
  for (const IsolatedNode &node : engine.isolated_nodes())
    reply.isolated.push_back({node.node, node.instance->isolated()->misses()});
  return reply;
}

}  // namespace arranger
