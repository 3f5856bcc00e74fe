// SPDX-License-Identifier: MIT
// What the engine knows of its nodes while they play, or from their last render.
#include <algorithm>

#include "base/format.hpp"
#include "base/nearest.hpp"
#include "engine.hpp"
#include "plugin/isolated_plugin.hpp"

namespace arranger {

void Engine::keep_monitors(MonitorValues values) {
  const std::lock_guard lock(mutex_);
  rendered_ = std::move(values);
  played_since_render_ = false;
}

Result<std::vector<float>> Engine::live_values(const Model &model, std::size_t node, const Port &port) const {
  std::vector<float> values;
  if (!live()) return values;
  // Shared: an answer that comes too late still has a place to go to, and the instance stays for as long. The audio thread
  // takes no memory and looks up nothing.
  const auto instance = live_instance(model.graph->nodes[node].id);
  const Monitor *monitor = instance ? instance->monitor(port.id) : nullptr;
  if (!monitor) return values;
  auto found = std::make_shared<std::vector<float>>(static_cast<std::size_t>(std::max(1, port.value_count)));
  auto count = std::make_shared<std::size_t>(1);
  const bool answered = ask([=, many = port.value_count > 1](SessionRenderer &) {
    if (many) *count = std::min<std::size_t>(found->size(), monitor->count);
    std::copy_n(monitor->values, *count, found->data());
  });
  if (!answered) return fail(Code::busy, "Expected the audio thread to answer within two seconds");
  found->resize(*count);
  return std::move(*found);
}

Result<NodeData> Engine::node_data(std::string_view node, std::string_view port, DataSource source) const {
  const Model now = model();
  const auto index = now.find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  const auto &ports = (*now.info)[*index].ports;
  const auto found = std::ranges::find_if(ports, [&](const Port &p) { return p.id == port && p.is_monitor(); });
  if (found == ports.end()) {
    std::vector<std::string> known;
    for (const Port &p : ports)
      if (p.is_monitor()) known.push_back(p.id);
    return fail(Code::unknown_port, format("'{}' shows nothing at '{}'{}", node, port, nearest_hint(port, known)),
                "/port_id");
  }
  NodeData out;
  out.is_array = found->value_count > 1;
  if (found->hint == ARR_PORT_HINT_GRAPH_EDITOR) {
    auto curve = read_curve(now, *index, *found, config().sample_rate);
    if (!curve) return std::unexpected(curve.error());
    out.curve = std::move(*curve);
    return out;
  }
  MonitorValues rendered;
  bool played = false;
  {
    const std::lock_guard lock(mutex_);
    rendered = rendered_;
    played = played_since_render_;
  }
  const auto kept = rendered.find({std::string(node), std::string(port)});
  const bool from_render =
      source == DataSource::render || (source == DataSource::automatic && !played && !rendered.empty());
  out.source = from_render ? DataSource::render : DataSource::live;
  if (from_render) {
    if (kept != rendered.end()) out.values = kept->second;
    return out;
  }
  auto values = live_values(now, *index, *found);
  if (!values) return std::unexpected(values.error());
  out.values = std::move(*values);
  return out;
}

std::shared_ptr<Instance> Engine::live_instance(std::string_view node) const {
  const auto playing = live();
  const std::lock_guard lock(mutex_);
  return playing ? playing->running.plan->instance(node) : nullptr;
}

std::vector<IsolatedNode> Engine::isolated_nodes() const {
  std::vector<IsolatedNode> out;
  if (IsolatedPlugin::count() == 0) return out;
  const auto playing = live();
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; playing && i < model_.graph->nodes.size(); ++i) {
    const Node &node = model_.graph->nodes[i];
    if (!node.isolated) continue;
    auto instance = playing->running.plan->instance(node.id);
    if (instance && instance->isolated()) out.push_back({node.id, (*model_.info)[i].plugin_id, std::move(instance)});
  }
  return out;
}

std::vector<NodeShare> Engine::node_shares() const {
  const auto playing = live();
  // An edit may come between the look at the plan and the answer of the audio thread: the nodes then have other places.
  for (int tries = 0; playing && tries < 4; ++tries) {
    struct Answer {
      Running running;
      bool is_of_plan = false;
      std::vector<NodeShare> shares;
    };
    auto answer = std::make_shared<Answer>();
    {
      const std::lock_guard lock(mutex_);
      answer->running = playing->running;
      for (std::size_t i = 0; i < model_.graph->nodes.size(); ++i)
        answer->shares.push_back({model_.graph->nodes[i].id, (*model_.info)[i].plugin_id});
    }
    const bool answered = ask([answer](SessionRenderer &renderer) {
      const Plan &plan = renderer.plan();
      answer->is_of_plan = &plan == answer->running.plan.get() || &plan == answer->running.crossing.get();
      for (std::size_t i = 0; answer->is_of_plan && i < answer->shares.size(); ++i) {
        answer->shares[i].share = plan.share(i);
        answer->shares[i].fault = plan.fault(i);
        answer->shares[i].failure = plan.failure(i);
        answer->shares[i].how = plan.interruption(i);
      }
    });
    if (!answered) break;
    if (answer->is_of_plan) return std::move(answer->shares);
  }
  return {};
}

}  // namespace arranger
