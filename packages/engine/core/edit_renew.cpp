// SPDX-License-Identifier: MIT
// What a node takes over when its instance is replaced by another one of the same plugin: a reload, another config value.
#include <algorithm>

#include "base/format.hpp"
#include "edit.hpp"
#include "engine.hpp"
#include "graph/renewal.hpp"
#include "plugin/stand_in.hpp"

namespace arranger {
namespace {

using Snapshot = NodeRenewal::Snapshot;

bool contains(const std::vector<std::string> &list, std::string_view id) {
  return std::ranges::find(list, id) != list.end();
}

// The parameter's name before, followed through renames that built on each other.
std::string name_before(std::span<const Rename> renames, const std::string &node, std::string name) {
  for (std::size_t i = renames.size(); i-- > 0;)
    if (renames[i].node == node && renames[i].to == name) name = renames[i].from;
  return name;
}

const NodeRenewal *find_renewal(const GraphChange &change, std::string_view node) {
  const auto found = std::ranges::find(change.renewals, node, &NodeRenewal::node);
  return found == change.renewals.end() ? nullptr : &*found;
}

}  // namespace

// Gives every new instance of a node that goes on the state of the one before, and lets it take over what sounds.
Result<Edit::Renewals> Edit::renew(Graph &graph, ResolvedGraph &resolved, Positions before) const {
  Renewals out(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node &node = graph.nodes[i];
    ResolvedNode &now = resolved.nodes[i];
    if (now.is_track_source()) continue;
    node.plugin_version = now.instance->entry().descriptor.version;
    if (now.instance->shared_entry() != node.stand_in) node.stand_in.reset();
    if (before[i] < 0) continue;
    const auto place = static_cast<std::size_t>(before[i]);
    const Node *const old = &model_.graph->nodes[place];
    if (plugin_id_of(old->type) != plugin_id_of(node.type)) continue;
    const auto running = live_ ? plan().instance_at(place) : nullptr;
    const bool brings_state = node.state && node.state != old->state;
    if (running == now.instance || !running) {
      if (!brings_state) node.state = old->state;
      continue;
    }
    if (!brings_state) {
      auto state = running->save_state();
      if (!state) return fail(state.error().code, std::move(state.error().message), format("/nodes/{}", i));
      node.state = state->empty() ? nullptr : std::make_shared<const std::string>(std::move(*state));
    }
    out[i] = now.renewal = std::make_shared<Renewal>(*running);
  }
  distrust_faulty(graph, out);
  return out;
}

// What a plugin that has failed sounds is not worth having: its notes begin again in the new code instead. Not for a quick
// edit, which the audio thread cannot be asked for.
void Edit::distrust_faulty(const Graph &graph, const Renewals &renewals) const {
  const bool is_asked = live_ && !lock_.owns_lock() && live_->player().faults() > 0 &&
                        std::ranges::any_of(renewals, [](const auto &renewal) { return renewal != nullptr; });
  if (!is_asked) return;
  for (const NodeShare &share : engine_.node_shares())
    for (std::size_t i = 0; i < renewals.size(); ++i)
      if (renewals[i] && share.fault != Fault::none && graph.nodes[i].id == share.node) renewals[i]->distrust();
}

void Edit::describe_renewals(const Model &before, const Renewals &renewals, std::span<const Rename> renames,
                             GraphChange &change) const {
  for (const std::string &id : change.rebuilt) {
    const auto i = static_cast<std::size_t>(model_.position(id));
    const Node &node = model_.graph->nodes[i];
    const NodeInfo &info = (*model_.info)[i];
    const NodeInfo &old_info = (*before.info)[static_cast<std::size_t>(before.position(id))];
    if (old_info.plugin_id != info.plugin_id) continue;
    NodeRenewal &renewal = change.renewals.emplace_back();
    renewal.node = node.id;
    renewal.plugin = info.plugin_id;
    renewal.state = node.state && !node.state->empty();
    if (renewals[i])
      renewal.snapshot = renewals[i]->takes_over()            ? Snapshot::restored
                         : renewals[i]->both_have_snapshots() ? Snapshot::layout_differs
                                                              : Snapshot::none;
    std::vector<std::string> gone;
    for (const Port &port : old_info.ports)
      if (port.is_parameter()) gone.push_back(port.id);
    for (const Port &port : info.ports) {
      if (!port.is_parameter()) continue;
      const std::string was = contains(gone, port.id) ? port.id : name_before(renames, node.id, port.id);
      if (std::erase(gone, was) == 0) continue;
      if (was == port.id) renewal.kept.push_back(was);
      else renewal.renamed.emplace_back(was, port.id);
    }
    renewal.dropped = std::move(gone);
  }
}

bool Edit::is_kept(std::string_view node, const GraphChange &change) const {
  const std::int64_t place = model_.position(node);
  return place >= 0 && change.is_kept[static_cast<std::size_t>(place)] != 0;
}

// Whether the notes of a node sound on, and its controllers stay where they are.
bool Edit::goes_on(const std::string &node, const GraphChange &change) const {
  const NodeRenewal *renewal = find_renewal(change, node);
  return is_kept(node, change) || (renewal && renewal->snapshot == Snapshot::restored);
}

// Whether a parameter stays where it is, or goes on moving, until somebody changes it.
bool Edit::keeps_value(const Model &before, const std::string &node, std::string_view param,
                       const GraphChange &change) const {
  if (is_kept(node, change)) return true;
  const NodeRenewal *renewal = find_renewal(change, node);
  if (!renewal || !contains(renewal->kept, param)) return false;
  const auto port_in = [&](const Model &model) -> const Port & {
    const auto &ports = (*model.info)[*model.find_node(node, "")].ports;
    return ports[static_cast<std::size_t>(find_parameter(ports, param))];
  };
  return same_scale(port_in(before), port_in(model_));
}

// Where nothing is taken over, the notes that sound there begin again: those of the schedule and those of clients.
void Edit::begin_again(const NodeRenewal &renewal, PlanChange &next) {
  const std::int64_t target = plan().event_target(renewal.node);
  if (renewal.snapshot == Snapshot::restored || target < 0) return;
  std::vector<std::string> sources{renewal.node};
  for (const Connection &connection : model_.graph->connections) {
    if (connection.to_node != renewal.node) continue;
    const Node *source = &model_.graph->nodes[static_cast<std::size_t>(model_.position(connection.from_node))];
    if (source->type == track_source_type && !contains(sources, source->id)) sources.push_back(source->id);
  }
  const auto &scheduled = model_.schedule->nodes;
  for (const std::string &source : sources) {
    if (const auto place = std::ranges::find(scheduled, source); place != scheduled.end())
      next.again.push_back({static_cast<std::uint32_t>(place - scheduled.begin()), static_cast<std::uint32_t>(target)});
    again_.emplace_back(source, target);
  }
}

// By commit, which knows what is held by then: a slow edit takes its time.
void Edit::begin_previews_again() {
  for (const auto &[source, target] : again_)
    for (const auto &[key, notes] : engine_.notes_) {
      const auto &[id, channel, pitch] = key;
      if (id != source) continue;
      for (const PreviewNote &note : notes) {
        arr_event on{};
        on.type = ARR_EVENT_NOTE_ON;
        on.channel = static_cast<std::uint16_t>(channel);
        on.key = pitch;
        on.note_id = note.id;
        on.value = note.velocity;
        send_event(target, on);
      }
    }
}

// What was unloaded under a node stays silent there, until it is loaded again.
void Edit::keep_stand_ins(Graph &graph, Positions before) const {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (before[i] < 0) continue;
    const Node &old = model_.graph->nodes[static_cast<std::size_t>(before[i])];
    Node &node = graph.nodes[i];
    if (old.stand_in && !node.stand_in && plugin_id_of(old.type) == plugin_id_of(node.type))
      node.stand_in = old.stand_in;
  }
}

Result<GraphChange> Edit::mute_plugins(const std::vector<std::string> &plugin_ids) {
  Graph graph = *model().graph;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const NodeInfo &info = (*model_.info)[i];
    if (!contains(plugin_ids, info.plugin_id)) continue;
    Descriptor descriptor;
    descriptor.id = info.plugin_id;
    descriptor.version = std::max(graph.nodes[i].plugin_version, 1);
    descriptor.ports = info.ports;
    descriptor.config_params = info.config_params;
    graph.nodes[i].stand_in = make_stand_in(std::move(descriptor));
    // The plugin's own state waits here for its return.
    const auto running = live_ ? plan().instance(graph.nodes[i].id) : nullptr;
    if (auto state = running ? running->save_state() : Result<std::string>(); state && !state->empty())
      graph.nodes[i].state = std::make_shared<const std::string>(std::move(*state));
  }
  const std::string none;
  return replace_graph(std::move(graph), &none);
}

Result<GraphChange> Edit::set_node_state(std::string_view node, NodeState state) {
  const auto index = model_.find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  Graph graph = *model().graph;
  Node &described = graph.nodes[*index];
  described.params = std::move(state.params);
  described.plugin_version = state.plugin_version;
  described.state = state.state ? std::move(state.state) : std::make_shared<const std::string>();
  const std::string id(node);
  return replace_graph(std::move(graph), &id);
}

}  // namespace arranger
