// SPDX-License-Identifier: MIT
// The steps of an edit that change the graph.
#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <unordered_set>

#include "base/format.hpp"
#include "base/json_pointer.hpp"
#include "base/nearest.hpp"
#include "base/thread.hpp"
#include "edit.hpp"
#include "engine.hpp"
#include "graph/crossing.hpp"
#include "graph_change.hpp"
#include "plugin/registry.hpp"

namespace arranger {
namespace {

using ParamEntry = std::pair<std::string, ParamValue>;

// Whether an instance has the state that a node asks for, if it asks for one.
bool has_state(const Instance &instance, const Node &node, const Node &old) {
  if (!node.state || node.state == old.state) return true;
  const auto now = instance.save_state();
  return now && *now == *node.state;
}

}  // namespace

// Opens the files that a new or changed node names and the states it brings, so that a bad one is refused now and not when it
// is to sound.
Result<void> Edit::open_files(const Graph &graph, ResolvedGraph &resolved, Positions before) const {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    ResolvedNode &node = resolved.nodes[i];
    if (node.is_track_source()) continue;
    const auto &configs = node.instance->entry().descriptor.config_params;
    const auto file = std::ranges::find(configs, ARR_CONFIG_TYPE_FILEPATH, &ConfigParam::type);
    const bool names_file =
        file != configs.end() &&
        std::ranges::find(graph.nodes[i].params, file->id, &ParamEntry::first) != graph.nodes[i].params.end();
    const auto &state = graph.nodes[i].state;
    if (!names_file && !state) continue;
    const Node *const old = before[i] < 0 ? nullptr : &model_.graph->nodes[static_cast<std::size_t>(before[i])];
    const bool is_new = !old || !is_same_plugin(*old, graph.nodes[i], configs);
    const bool brings_state = state && (is_new || old->state != state);
    if (!brings_state && !(names_file && is_new)) continue;
    // What several nodes are described by may be active already.
    if (!node.instance->is_active())
      if (auto done = node.instance->activate(engine_.config_.sample_rate, default_slice_frames, !live_, 0); !done) {
        done.error().path = format("/nodes/{}/{}", i, names_file ? "params/" + pointer_token(file->id) : std::string());
        return done;
      }
    if (!brings_state || state->empty()) continue;
    if (auto done = node.instance->load_state(*state); !done) {
      done.error().path = format("/nodes/{}/state", i);
      return done;
    }
  }
  return {};
}

// An instance that fades away is given the time for it before another one of its node does the same.
void Edit::wait_for_leaving(const GraphChange &change) const {
  if (follows_ || lock_.owns_lock() || !running_.crossing) return;
  const auto leaves = [leaving = running_.leaving()](const std::string &node) { return leaving.contains(node); };
  if (std::ranges::none_of(change.removed, leaves) && std::ranges::none_of(change.rebuilt, leaves)) return;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  while (running_.crossing->settles_at() >= live_->player().position().steady_frame &&
         std::chrono::steady_clock::now() < limit)
    sleep_for(std::chrono::milliseconds(1));
}

// The playing plan, made anew from a graph that the model has by now.
Result<void> Edit::play_graph(ResolvedGraph resolved, const Model &before, const Renewals &renewals,
                              std::span<const Rename> renames, GraphChange &change) {
  auto made = std::make_unique<PlanChange>();
  PlanChange &next = *made;
  const bool stays = plays_alike(*running_.graph, resolved);
  if (!stays) wait_for_leaving(change);
  if (!follows_) running_.forget_crossing(live_->player().position().steady_frame);
  if (!stays) {
    auto running = follow(std::move(resolved), live_options(engine_.config_), &running_);
    if (!running) return std::unexpected(running.error());
    next.targets = plan().map_to(*running->plan);
    running_ = std::move(*running);
    next.plan = running_.crossing ? running_.crossing : running_.plan;
    if (running_.crossing) next.settled = running_.plan;
  }
  follows_ = true;
  next.course = make_course(model_, plan(), score_);
  next.course->first_note_id = first_note_id_;
  describe_renewals(before, renewals, renames, change);
  next.values = new_values(before, change);
  next.cut = cut_routes(before, change);
  if (!change.added.empty() || !change.rebuilt.empty()) {
    next.fresh = here();
    std::erase_if(next.fresh.params, [&](const ChasedParam &chased) {
      const ScheduledParam &scheduled = score_->timeline.params[chased.param];
      return keeps_value(before, model_.schedule->nodes[static_cast<std::size_t>(scheduled.node)],
                         model_.schedule->params[static_cast<std::size_t>(scheduled.param)], change);
    });
    std::erase_if(next.fresh.controllers, [&](const ChasedController &chased) {
      return chased.is_default || !reaches(model_.schedule->nodes[chased.target], change);
    });
  }
  for (const NodeRenewal &renewal : change.renewals) begin_again(renewal, next);
  send([made = std::move(made)](SessionRenderer &renderer) mutable { renderer.replace_plan(std::move(made)); });
  for (const auto &[target, off] : cut_previews_) send_event(target, off);
  cut_previews_.clear();
  return {};
}

// Whether the events of a node, or of one that it feeds, come to one that begins anew.
bool Edit::reaches(const std::string &node, const GraphChange &change) const {
  const std::int64_t place = model_.position(node);
  if (place < 0 || model_.graph->nodes[static_cast<std::size_t>(place)].type != track_source_type)
    return !goes_on(node, change);
  return std::ranges::any_of(model_.graph->connections,
                             [&](const Connection &c) { return c.from_node == node && !goes_on(c.to_node, change); });
}

// A note that sounds at a receiver that goes on would never end there once its track no longer reaches it.
std::vector<CutRoute> Edit::cut_routes(const Model &before, const GraphChange &change) {
  std::vector<CutRoute> out;
  std::unordered_set<std::string_view> sources;
  for (const Node &node : before.graph->nodes)
    if (node.type == track_source_type) sources.insert(node.id);
  for (const Connection &old : before.graph->connections) {
    if (sources.empty() || !sources.contains(old.from_node) || !goes_on(old.to_node, change)) continue;
    const bool stays = std::ranges::any_of(model_.graph->connections, [&](const Connection &now) {
      return now.from_node == old.from_node && now.to_node == old.to_node;
    });
    const std::int64_t target = plan().event_target(old.to_node);
    if (stays || target < 0) continue;
    const auto &nodes = model_.schedule->nodes;
    if (const auto node = std::ranges::find(nodes, old.from_node); node != nodes.end())
      out.push_back({static_cast<std::uint32_t>(node - nodes.begin()), static_cast<std::uint32_t>(target)});
    for (const auto &[key, notes] : notes_) {
      const auto &[id, channel, pitch] = key;
      if (id != old.from_node) continue;
      for (const PreviewNote &note : notes) {
        arr_event off{};
        off.type = ARR_EVENT_NOTE_OFF;
        off.channel = static_cast<std::uint16_t>(channel);
        off.key = pitch;
        off.note_id = note.id;
        cut_previews_.emplace_back(target, off);
      }
    }
  }
  return out;
}

// An instance that refuses to be activated most often refuses its file.
Error Edit::at_file(Error error) const {
  for (std::size_t i = 0; i < model_.graph->nodes.size(); ++i) {
    if (error.path != format("/nodes/{}", i)) continue;
    for (const ConfigParam &config : (*model_.info)[i].config_params)
      if (config.type == ARR_CONFIG_TYPE_FILEPATH &&
          std::ranges::find(model_.graph->nodes[i].params, config.id, &ParamEntry::first) !=
              model_.graph->nodes[i].params.end()) {
        error.path += "/params/" + pointer_token(config.id);
        break;
      }
  }
  return error;
}

// Of nodes that go on, the parameters that this edit moves; what the schedule or others wrote stays.
std::vector<ParamTarget> Edit::new_values(const Model &before, const GraphChange &change) const {
  std::unordered_set<std::string_view> renewed;
  for (const NodeRenewal &renewal : change.renewals) renewed.insert(renewal.node);
  const std::vector<std::int64_t> places = before.positions(*model_.graph);
  std::vector<ParamTarget> out;
  for (std::size_t i = 0; i < model_.graph->nodes.size(); ++i) {
    const Node &node = model_.graph->nodes[i];
    const std::string &id = node.id;
    const bool is_renewed = !renewed.empty() && renewed.contains(id);
    if (change.is_kept[i] == 0 && !is_renewed) continue;
    const auto old_node = static_cast<std::size_t>(places[i]);
    if (!is_renewed && node.params == before.graph->nodes[old_node].params) continue;
    const auto &ports = (*model_.info)[i].ports, &old_ports = (*before.info)[old_node].ports;
    for (std::size_t p = 0; p < ports.size(); ++p) {
      if (!ports[p].is_parameter() || (is_renewed && !keeps_value(before, id, ports[p].id, change))) continue;
      const int old_port = is_renewed ? find_parameter(old_ports, ports[p].id) : static_cast<int>(p);
      const double value = model_.base_value(i, p);
      if (value != before.base_value(old_node, static_cast<std::size_t>(old_port)))
        out.push_back({static_cast<std::uint32_t>(plan().param_target(id, ports[p].id)), value});
    }
  }
  return out;
}

// A node that stays what it is keeps its running instance, and with it its voices, tails and phases.
Result<ResolvedGraph> Edit::resolve_for(const Graph &graph, Positions before) const {
  if (!live_) return arranger::resolve(graph, {}, Purpose::describe);
  std::unordered_map<const PluginEntry *, std::shared_ptr<const PluginEntry>> loaded_now;  // by the one that plays
  return arranger::resolve(graph, [&](std::size_t position) -> Reused {
    if (before[position] < 0) return {};
    const auto place = static_cast<std::size_t>(before[position]);
    const Node &node = graph.nodes[position], &old = model_.graph->nodes[place];
    Reused out(plan().instance_at(place));
    if (!out.instance || std::ranges::find(anew_, node.id) != anew_.end()) return {};
    const PluginEntry &entry = out.instance->entry();
    const auto [known, is_new] = loaded_now.try_emplace(&entry);
    if (is_new) known->second = Registry::instance().find(entry.descriptor.id);
    const auto &loaded = known->second;
    const bool same = is_same_plugin(node, old, entry.descriptor.config_params) &&
                      (loaded ? loaded : node.stand_in).get() == &entry && has_state(*out.instance, node, old);
    if (!same) return {};
    if (node.params == old.params) out.same = &running_.graph->nodes[place];
    return out;
  });
}

namespace {

// Of all nodes but one: what they are by now.
void keep_params(const Graph &now, Graph &graph, const std::string &but) {
  std::unordered_map<std::string_view, const Node *> nodes;
  for (const Node &node : now.nodes) nodes.emplace(node.id, &node);
  for (Node &node : graph.nodes)
    if (const auto found = nodes.find(node.id); found != nodes.end() && node.id != but)
      node.params = found->second->params;
}

}  // namespace

Result<GraphChange> Edit::set_graph(Graph graph) { return replace_graph(std::move(graph), nullptr); }

// `only`: the one node whose values this edit gives; those of the others are whatever they are by the time of commit.
Result<GraphChange> Edit::replace_graph(Graph graph, const std::string *only) {
  settle();
  const std::vector<Rename> renames = migrate(graph);
  const std::vector<std::int64_t> places = model_.positions(graph);
  keep_stand_ins(graph, places);
  auto resolved = resolve_for(graph, places);
  if (!resolved) return std::unexpected(resolved.error());
  const auto renewals = renew(graph, *resolved, places);
  if (!renewals) return std::unexpected(renewals.error());
  if (!live_)  // live, the plan's compiler does, with all that an instance must know
    if (auto done = open_files(graph, *resolved, places); !done) return std::unexpected(done.error());
  for (const SettledParam &settled : resolved->settled)
    graph.nodes[settled.node].params[settled.param].second = settled.value;
  std::vector<char> fresh(graph.nodes.size());
  for (std::size_t i = 0; live_ && i < fresh.size(); ++i) {
    ResolvedNode &node = resolved->nodes[i];
    node.state = graph.nodes[i].state;  // what it begins with, if it begins
    fresh[i] = !node.is_track_source() &&
               (places[i] < 0 || node.instance != plan().instance_at(static_cast<std::size_t>(places[i])));
  }
  auto info = std::make_shared<const NodeInfos>(*resolved);
  GraphChange out = compare(model_, graph, *info, fresh, places);
  out.warnings = std::move(resolved->warnings);

  const std::optional<double> bpm = std::exchange(graph.bpm, {});
  const Model before = model_;
  model_.graph = std::make_shared<Graph>(std::move(graph));
  model_.info = info;
  if (live_) {
    if (auto done = play_graph(std::move(*resolved), before, *renewals, renames, out); !done) {
      Error error = at_file(std::move(done.error()));
      model_ = before;
      return std::unexpected(std::move(error));
    }
  } else {
    describe_renewals(before, *renewals, renames, out);
  }
  for (const auto *nodes : {&out.removed, &out.rebuilt}) {
    changed_nodes_.insert(changed_nodes_.end(), nodes->begin(), nodes->end());
    std::ranges::copy_if(*nodes, std::back_inserter(ended_nodes_), [&](const std::string &id) {
      return std::ranges::find(out.renewals, id, &NodeRenewal::node) == out.renewals.end();
    });
  }
  steps_.push_back(
      [graph = model_.graph, info, renames, only = only ? std::optional(*only) : std::nullopt](Model &model) {
        const auto old = std::exchange(model.graph, graph);
        model.info = info;
        if (!only) return;
        keep_params(*old, writable(model.graph), *only);
        for (const Rename &rename : renames)
          for (Node &node : writable(model.graph).nodes)
            if (node.id == rename.node && node.id != *only) apply(rename, node);
      });
  settled_ = steps_.size();
  if (bpm && *bpm != model_.bpm) set_bpm(*bpm);
  if (auto migrated = migrate(*model_.schedule, renames))
    if (auto done = set_schedule(std::move(*migrated)); !done) return std::unexpected(done.error());
  return out;
}

Result<GraphChange> Edit::renew_graph() {
  const std::string none;
  return replace_graph(*model().graph, &none);
}

Result<GraphChange> Edit::renew_nodes(const std::vector<std::string> &nodes) {
  anew_ = nodes;
  auto change = renew_graph();
  anew_.clear();
  return change;
}

Result<GraphChange> Edit::unload_node(std::string_view node) {
  const auto index = model_.find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  Graph graph = *model().graph;
  graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(*index));
  std::erase_if(graph.connections,
                [&](auto &connection) { return connection.from_node == node || connection.to_node == node; });
  const std::string none;
  auto change = replace_graph(std::move(graph), &none);
  if (!change) change.error().path = "/node_id";
  return change;
}

namespace {

Result<void> assign_config(const NodeInfo &info, Node &node, const std::string &given, const ParamValue &value) {
  const std::string key(param_id_of(info.plugin_id, given));
  std::vector<std::string> known;
  for (const Port &port : info.ports)
    if (port.is_parameter()) known.push_back(port.id);
  for (const ConfigParam &param : info.config_params) known.push_back(param.id);
  if (std::find(known.begin(), known.end(), key) == known.end())
    return fail(Code::unknown_param,
                format("{} has no parameter '{}'{}", info.plugin_id, key, nearest_hint(key, known)),
                "/config/" + pointer_token(key));
  if (find_parameter(info.ports, key) >= 0 && std::holds_alternative<std::string>(value))
    return fail(Code::type_mismatch, format("Expected {} to be a number but received a string", key),
                "/config/" + pointer_token(key));
  assign(node, key, value);
  return {};
}

// Of what was forgiven, only what this request brought.
std::vector<Warning> warnings_of(const std::vector<Warning> &all, std::size_t node,
                                 const std::vector<ParamEntry> &config) {
  std::vector<Warning> out;
  for (const Warning &warning : all)
    for (const auto &[key, value] : config)
      if (warning.path == format("/nodes/{}/params/{}", node, pointer_token(key)))
        out.push_back({warning.code, "/config/" + pointer_token(key), warning.message});
  return out;
}

}  // namespace

Result<std::vector<Warning>> Edit::set_node_config(std::string_view node, const std::vector<ParamEntry> &config) {
  const auto index = model_.find_node(node, "/node_id");
  if (!index) return std::unexpected(index.error());
  const NodeInfo info = (*model_.info)[*index];
  Graph graph = *model().graph;
  for (const auto &[key, value] : config)
    if (auto done = assign_config(info, graph.nodes[*index], key, value); !done) return std::unexpected(done.error());
  const auto at_config = [](Error error) {
    error.path = "/config";
    return std::unexpected(std::move(error));
  };
  const auto checked = resolve_for(graph, model_.positions(graph));
  if (!checked) return at_config(checked.error());
  if (checked->nodes[*index].ports() != info.ports)
    return fail(Code::needs_set_graph,
                format("Expected the ports of '{}' to stay but this changes them; send set_graph", node), "/config");
  const std::string id(node);
  auto change = replace_graph(std::move(graph), &id);
  if (!change) return at_config(change.error());
  return warnings_of(change->warnings, *index, config);
}

Result<std::string> Edit::load_soundfont(std::string_view node, const std::string &path) {
  std::string id(node);
  for (std::size_t i = 0; id.empty() && i < model_.info->size(); ++i)
    for (const ConfigParam &param : (*model_.info)[i].config_params)
      if (param.id == "sf2_path") id = model_.graph->nodes[i].id;
  if (id.empty())
    return fail(Code::unknown_node, "Expected a node that takes a SoundFont but the graph has none", "/node_id");
  auto done = set_node_config(id, {{"sf2_path", path}});
  if (!done) {
    const bool is_node = done.error().code == Code::unknown_node || done.error().code == Code::unknown_param;
    return fail(done.error().code, std::move(done.error().message), is_node ? "/node_id" : "/path");
  }
  return id;
}

}  // namespace arranger
