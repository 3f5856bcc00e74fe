// SPDX-License-Identifier: MIT
#include "graph/crossing.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "graph/fade.hpp"
#include "graph/incoming.hpp"
#include "graph/order.hpp"
#include "graph/renewal.hpp"

namespace arranger {
namespace {

enum class Stays { here, comes, goes };

// What makes two connections the same: parallel ones are told apart by their order.
using Key = std::tuple<const Instance *, int, int, int, const Instance *, int, int, int, std::int64_t, ControlMode,
                       double, double, double, int>;

struct HashOfKey {
  std::size_t operator()(const Key &key) const {
    std::uint64_t out = 0;
    const auto add = [&out](std::uint64_t part) { out = std::rotl((out ^ part) * 0x9E3779B97F4A7C15u, 29); };
    add(reinterpret_cast<std::uintptr_t>(std::get<0>(key)));
    add(reinterpret_cast<std::uintptr_t>(std::get<4>(key)));
    for (const int part : {std::get<1>(key), std::get<2>(key), std::get<5>(key), std::get<6>(key), std::get<13>(key)})
      add(static_cast<std::uint64_t>(part));
    return out;  // what else is in a key is most often the same
  }
};
template <class Value>
using ByKey = std::unordered_map<Key, Value, HashOfKey>;

class Crossing {
 public:
  Crossing(const ResolvedGraph &from, const ResolvedGraph &to) : from_(from), to_(to), out_(to) {}

  std::optional<ResolvedGraph> make() {
    out_.warnings.clear();
    place_nodes();
    find_old_connections();
    find_fed();
    for (std::size_t i = 0; i < to_.connections.size(); ++i) come(i);
    add_leaving();
    add_outputs();
    if (!fades_) return {};
    out_.fade_wait = std::min(wait_, longest_wait);
    return std::move(out_);
  }

 private:
  static constexpr std::int64_t longest_wait = 1 << 18;

  const Instance *instance(const ResolvedGraph &graph, int node) const {
    return graph.nodes[std::size_t(node)].instance.get();
  }
  const Port &port(const ResolvedGraph &graph, int node, int port) const {
    return graph.nodes[std::size_t(node)].ports()[std::size_t(port)];
  }
  bool carries_events(const ResolvedGraph &graph, const ResolvedConnection &c) const {
    return graph.nodes[std::size_t(c.to_node)].ports()[std::size_t(c.to_port)].is_event();
  }

  void place_nodes() {
    const std::size_t both = std::min(from_.nodes.size(), to_.nodes.size());
    const auto is_at = [&](std::size_t i) { return i < both && from_.nodes[i].instance == to_.nodes[i].instance; };
    std::unordered_map<const Instance *, int> places;
    for (std::size_t i = 0; i < to_.nodes.size(); ++i)
      if (to_.nodes[i].instance && !is_at(i)) places.emplace(to_.nodes[i].instance.get(), static_cast<int>(i));
    stays_.resize(to_.nodes.size(), Stays::comes);
    place_.reserve(from_.nodes.size());
    for (const ResolvedNode &node : from_.nodes) {
      place_.push_back(-1);
      if (!node.instance) continue;
      if (const std::size_t i = place_.size() - 1; is_at(i)) {
        place_.back() = static_cast<int>(i);
        stays_[i] = Stays::here;
        continue;
      }
      if (const auto found = places.find(node.instance.get()); found != places.end()) {
        place_.back() = found->second;
        stays_[std::size_t(found->second)] = Stays::here;
        continue;
      }
      place_.back() = static_cast<int>(out_.nodes.size());
      add_leaving_node(node, place_.size() - 1);
    }
  }

  void add_leaving_node(const ResolvedNode &node, std::size_t index) {
    out_.nodes.push_back(node);
    out_.nodes.back().leaving = true;
    out_.nodes.back().renewal.reset();
    const int next = static_cast<int>(to_.nodes.size() + components_.size());
    out_.nodes.back().component = components_.try_emplace(node.component, next).first->second;
    out_.alignment.input.push_back(from_.alignment.input[index]);
    out_.alignment.output.push_back(from_.alignment.output[index]);
    stays_.push_back(Stays::goes);
  }

  Key key_of(const ResolvedGraph &graph, std::size_t index, ByKey<int> &seen) const {
    const ResolvedConnection &c = graph.connections[index];
    const bool is_control = port(graph, c.to_node, c.to_port).is_control();
    Key key{instance(graph, c.from_node),
            c.from_port,
            c.from_channel,
            c.from_channels,
            instance(graph, c.to_node),
            c.to_port,
            c.to_channel,
            c.to_channels,
            carries_events(graph, c) ? 0 : graph.alignment.delays[index],
            is_control ? c.mode : ControlMode::set,
            is_control ? c.amount : 1,
            c.map.min,
            c.map.max,
            0};
    std::get<13>(key) = seen[key]++;
    return key;
  }

  bool goes_on(int from_node, int to_node) const {
    return stays_[std::size_t(from_node)] == Stays::here && stays_[std::size_t(to_node)] == Stays::here;
  }

  void find_old_connections() {
    ByKey<int> seen;
    for (std::size_t i = 0; i < from_.connections.size(); ++i) {
      const ResolvedConnection &c = from_.connections[i];
      if (from_.nodes[std::size_t(c.from_node)].is_track_source()) continue;
      if (goes_on(place_[std::size_t(c.from_node)], place_[std::size_t(c.to_node)]))
        old_.emplace(key_of(from_, i, seen), i);
      else leaving_.push_back(i);
    }
  }

  // Nodes whose sound comes from elsewhere: what is fed fades where it is fed. Where something new has latency it fades
  // where it is heard instead: it is fed before anything fades, so that it sounds by then.
  void find_fed() {
    for (std::size_t i = 0; i < to_.nodes.size(); ++i)
      if (stays_[i] == Stays::comes && to_.nodes[i].instance && to_.nodes[i].instance->latency_frames() > 0)
        latent_ = true;
    fed_.resize(to_.nodes.size());
    for (const ResolvedConnection &c : to_.connections)
      if (port(to_, c.to_node, c.to_port).is_audio()) fed_[std::size_t(c.to_node)] = 1;
    ready_.resize(to_.nodes.size());
    fresh_.resize(to_.connections.size());
  }

  static double gain_of(const ResolvedConnection &c, bool is_control) { return is_control ? 1 : c.gain; }

  bool fades_in(const ResolvedConnection &c, bool is_control) const {
    const Stays source = stays_[std::size_t(c.from_node)], target = stays_[std::size_t(c.to_node)];
    // It begins with its values as they will be, and with what it takes over.
    if (target == Stays::comes && (is_control || latent_ || takes_over(c.to_node))) return false;
    return source == Stays::here || is_control || fades_where_heard(c.from_node);
  }

  bool takes_over(int node) const {
    const auto &renewal = to_.nodes[std::size_t(node)].renewal;
    return renewal && renewal->takes_over();
  }

  // Of a node that comes. One that takes over sounds at once, whatever it is fed.
  bool fades_where_heard(int node) const { return latent_ || fed_[std::size_t(node)] == 0 || takes_over(node); }

  // A connection of the new graph.
  void come(std::size_t index) {
    ResolvedConnection &c = out_.connections[index];
    if (to_.nodes[std::size_t(c.from_node)].is_track_source()) return;
    const auto found = goes_on(c.from_node, c.to_node) ? old_.find(key_of(to_, index, seen_)) : old_.end();
    if (carries_events(to_, c)) {
      if (found != old_.end()) old_.erase(found);
      return;
    }
    const bool is_control = port(to_, c.to_node, c.to_port).is_control();
    c.fades_to = gain_of(c, is_control);
    if (found == old_.end()) {
      fresh_[index] = 1;
      if (!fades_in(c, is_control)) return;
      c.fade = std::make_shared<Fade>(0);
      fades_ = true;
      return;
    }
    const ResolvedConnection &before = from_.connections[found->second];
    old_.erase(found);
    c.fade = before.fade;
    if (!c.fade && gain_of(before, is_control) != c.fades_to)
      c.fade = std::make_shared<Fade>(gain_of(before, is_control));
    fades_ = fades_ || c.fade;
  }

  // Those of the old graph that the new one does not have, where they do not close a loop.
  void add_leaving() {
    for (const auto &[key, index] : old_) leaving_.push_back(index);
    std::ranges::sort(leaving_);
    const std::size_t staying = out_.connections.size();
    for (const std::size_t index : leaving_) leave(index);
    for (const CutNotes &cut : from_.cut_notes) cut_notes(cut);
    if (auto order = processing_order(out_)) {
      out_.order = std::move(*order);
      return;
    }
    std::vector<ResolvedConnection> wanted(out_.connections.begin() + std::ptrdiff_t(staying), out_.connections.end());
    std::vector<std::int64_t> delays(out_.alignment.delays.begin() + std::ptrdiff_t(staying),
                                     out_.alignment.delays.end());
    out_.connections.resize(staying);
    out_.alignment.delays.resize(staying);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      out_.connections.push_back(wanted[i]);
      out_.alignment.delays.push_back(delays[i]);
      if (processing_order(out_)) continue;
      out_.connections.pop_back();
      out_.alignment.delays.pop_back();
    }
    out_.order = *processing_order(out_);
  }

  // `cut`: of the old graph, whose own cuts may not have been made yet.
  void cut_notes(CutNotes cut) {
    cut.from_node = place_[std::size_t(cut.from_node)];
    cut.to_node = place_[std::size_t(cut.to_node)];
    const bool reaches = std::ranges::any_of(to_.connections, [&](const ResolvedConnection &c) {
      const bool goes_on = takes_over(c.from_node) &&
                           to_.nodes[std::size_t(c.from_node)].renewal->before() == instance(out_, cut.from_node);
      return (c.from_node == cut.from_node || goes_on) && c.from_port == cut.from_port && c.to_node == cut.to_node &&
             c.to_port == cut.to_port;
    });
    if (reaches || stays_[std::size_t(cut.to_node)] != Stays::here) return;
    out_.cut_notes.push_back(cut);
    fades_ = true;
  }

  void leave(std::size_t index) {
    ResolvedConnection c = from_.connections[index];
    const bool is_control = port(from_, c.to_node, c.to_port).is_control();
    const bool is_event = carries_events(from_, c);
    c.from_node = place_[std::size_t(c.from_node)];
    c.to_node = place_[std::size_t(c.to_node)];
    const bool target_stays = stays_[std::size_t(c.to_node)] == Stays::here;
    fades_ = true;
    if (is_event && target_stays) {
      const ResolvedConnection &old = from_.connections[index];
      return cut_notes({old.from_node, old.from_port, old.to_node, old.to_port});
    }
    if (!is_event && target_stays) {
      if (!c.fade) c.fade = std::make_shared<Fade>(gain_of(c, is_control));
      c.fades_to = 0;
    } else if (!is_event) {
      c.fades_to = Fade::stay;  // its target fades as it is
    }
    out_.connections.push_back(std::move(c));
    out_.alignment.delays.push_back(from_.alignment.delays[index]);
  }

  // The old master goes, the new one comes.
  void add_outputs() {
    std::vector<ResolvedOutput> before = from_.outputs;
    if (before.empty() && from_.master >= 0) before.push_back({from_.master, nullptr});
    out_.outputs.clear();
    bool stays = false;
    for (ResolvedOutput output : before) {
      output.node = place_[std::size_t(output.node)];
      const bool is_master = output.node == to_.master;
      stays = stays || is_master;
      output.fades_to = is_master ? 1 : 0;
      if (!is_master && !output.fade) output.fade = std::make_shared<Fade>(1);
      fades_ = fades_ || output.fade;
      out_.outputs.push_back(std::move(output));
    }
    if (!stays && to_.master >= 0) {
      const bool is_new = stays_[std::size_t(to_.master)] == Stays::comes;
      const bool fades = !is_new || fades_where_heard(to_.master);
      out_.outputs.push_back({to_.master, fades ? std::make_shared<Fade>(0) : nullptr, 1});
      fades_ = true;
    }
    measure_wait();
  }

  // How long what is new takes until all of it has arrived.
  void measure_wait() {
    const Incoming incoming(to_);
    for (const int node : to_.order) {
      std::int64_t &ready = ready_[std::size_t(node)];
      for (const std::uint32_t index : incoming.of(node)) {
        const ResolvedConnection &c = out_.connections[index];
        if (fresh_[index] == 0 || c.cut) continue;
        ready = std::max(ready, ready_[std::size_t(c.from_node)] + to_.alignment.delays[index]);
      }
      wait_ = std::max(wait_, ready);
      if (stays_[std::size_t(node)] == Stays::here) ready = 0;
      else if (const auto &plugin = to_.nodes[std::size_t(node)].instance) ready += plugin->latency_frames();
    }
    if (to_.master >= 0) wait_ = std::max(wait_, ready_[std::size_t(to_.master)]);
  }

  const ResolvedGraph &from_, &to_;
  ResolvedGraph out_;
  std::vector<int> place_;            // in the crossing, of the old graph's nodes
  std::vector<Stays> stays_;          // by node of the crossing
  std::map<int, int> components_;     // in the crossing, of those of leaving nodes
  std::vector<char> fed_;             // by node of the new graph
  std::vector<char> fresh_;           // by connection of the new graph: the old one does not have it
  bool latent_ = false;               // something that comes has latency
  std::vector<std::int64_t> ready_;   // frames, by node of the new graph
  ByKey<std::size_t> old_;            // connections of the old graph between nodes that stay, not found in the new one
  std::vector<std::size_t> leaving_;  // the other ones of the old graph; at the end all that leave
  ByKey<int> seen_;
  bool fades_ = false;
  std::int64_t wait_ = 0;
};

}  // namespace

bool plays_alike(const ResolvedGraph &a, const ResolvedGraph &b) {
  const auto ends = [](const ResolvedConnection &c) {
    return std::tuple(c.from_node, c.from_port, c.from_channel, c.from_channels, c.to_node, c.to_port, c.to_channel,
                      c.to_channels, c.gain, c.mode, c.amount, c.map.min, c.map.max, c.fade);
  };
  // A node that is warned of must be found to be so by the next edit, which looks at the one that plays.
  const auto who = [](const ResolvedNode &node) {
    return std::tuple(node.instance.get(), std::string_view(*node.id), node.is_warned);
  };
  return a.master == b.master && a.outputs.empty() && a.cut_notes.empty() &&
         std::ranges::equal(a.nodes, b.nodes, {}, who, who) &&
         std::ranges::equal(a.connections, b.connections, {}, ends, ends);
}

std::optional<ResolvedGraph> cross(const ResolvedGraph &from, const ResolvedGraph &to) {
  if (from.master < 0 && from.outputs.empty()) return {};  // nothing is heard
  return Crossing(from, to).make();
}

}  // namespace arranger
