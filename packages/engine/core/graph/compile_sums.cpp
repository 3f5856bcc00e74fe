// SPDX-License-Identifier: MIT
// Where several sources meet. Their order is that of the connections, whatever the order in which they run.
#include <algorithm>

#include "graph/compiler.hpp"

namespace arranger {
namespace {

constexpr std::size_t part_size = 8;  // of a sum of many: sources that are in the nearest cache together

}  // namespace

// An input with more sources than a part has is added to while they run.
void Compiler::find_sums() {
  read_.resize(graph_.connections.size());
  for (std::size_t i = 0; i + 1 < first_source_.size(); ++i) {
    Sources left = Sources(sources_).subspan(first_source_[i], first_source_[i + 1] - first_source_[i]);
    if (left.size() <= part_size) continue;
    while (!left.empty()) {
      const int port = graph_.connections[left.front()].to_port;
      const auto end =
          std::ranges::find_if(left, [&](std::uint32_t c) { return graph_.connections[c].to_port != port; });
      const Sources sources = left.first(static_cast<std::size_t>(end - left.begin()));
      left = left.subspan(sources.size());
      const Port &described = graph_.nodes[i].ports()[static_cast<std::size_t>(port)];
      if (!described.is_audio() || sources.size() <= part_size) continue;
      Sum &sum = sums_.emplace_back(Sum{static_cast<int>(i), port, described.channels(), sources});
      sums_by_source_.resize(graph_.nodes.size());
      for (const std::uint32_t c : sources)
        if (auto &of = sums_by_source_[std::size_t(graph_.connections[c].from_node)]; of.empty() || of.back() != &sum)
          of.push_back(&sum);
    }
  }
}

// Whether what the connection reads is there, or is read before it is there.
bool Compiler::has_run(std::uint32_t connection) const {
  const Output &feed = *feeds_[connection];
  if (!feed.line) return feed.channels != nullptr;
  return feed.line->feedback || feed.line->source->channels != nullptr;
}

// The node has run, and with it perhaps the next part of a sum.
void Compiler::add_to_sums(std::size_t index) {
  if (sums_by_source_.empty()) return;
  for (Sum *sum : sums_by_source_[index]) {
    std::size_t end = sum->added;
    while (end < sum->sources.size() && has_run(sum->sources[end])) ++end;
    if (end < sum->sources.size() && end - sum->added >= part_size) add_part(*sum, end);
  }
}

// The sources from those that were added to `end`.
void Compiler::add_part(Sum &sum, std::size_t end) {
  const bool is_first = sum.added == 0, is_last = end == sum.sources.size();
  sum.terms.assign(static_cast<std::size_t>(sum.channels), {});
  for (std::size_t i = sum.added; i < end; ++i) add_terms(sum.sources[i], sum.terms);
  MixStep *step = add_mix(sum.terms);
  if (is_first && !is_last) sum.begun = take<bool>(static_cast<std::size_t>(sum.channels));
  step->is_first = is_first;
  step->is_last = is_last;
  for (std::size_t c = 0; c < sum.terms.size(); ++c) {
    if (is_first) sum.out.push_back(take_buffer());
    step->channels[c].out = sum.out[c];
    if (sum.begun) step->channels[c].begun = sum.begun + c;
  }
  for (std::size_t i = sum.added; !is_last && i < end; ++i) {  // the last part is released with the node's own sources
    read_[sum.sources[i]] = 1;
    drop_reader(*feeds_[sum.sources[i]]);
  }
  sum.added = end;
}

void Compiler::sum(std::size_t index, std::size_t p, Sources sources, float **place) {
  const auto begun = std::ranges::find_if(
      sums_, [&](const Sum &sum) { return sum.node == static_cast<int>(index) && sum.port == static_cast<int>(p); });
  Sum whole{static_cast<int>(index), static_cast<int>(p), graph_.nodes[index].ports()[p].channels(), sources};
  Sum &sum = begun == sums_.end() ? whole : *begun;
  add_part(sum, sources.size());
  tables_.hints[p] = static_cast<MixStep *>(plan_->steps_.back())->hint;
  std::ranges::copy(sum.out, place);
  tables_.scratch.insert(tables_.scratch.end(), sum.out.begin(), sum.out.end());
}

// Its buffers are still to be given.
MixStep *Compiler::add_mix(const std::vector<std::vector<MixTerm>> &terms) {
  const bool fades = std::ranges::any_of(terms, [](const auto &channel) {
    return std::ranges::any_of(channel, [](const MixTerm &term) { return term.fade != nullptr; });
  });
  auto *step = add_step<MixStep>(fades ? run_fading_mix : run_mix, nullptr);
  step->channels = take<MixChannel>(terms.size());
  step->channel_count = static_cast<std::int32_t>(terms.size());
  step->warm = step->channels;
  step->is_first = step->is_last = true;
  step->hint = take<std::uint32_t>();
  for (std::size_t c = 0; c < terms.size(); ++c)
    step->channels[c] = {nullptr, copy(terms[c]), static_cast<std::int32_t>(terms[c].size()), nullptr};
  return step;
}

// What the plan sets on its way when it takes over; null for null.
const Fade *Compiler::fade(const std::shared_ptr<Fade> &fade, double target) {
  if (fade) plan_->fades_.push_back({fade, target});
  return fade.get();
}

// Mono goes to every channel; several channels into one are averaged.
void Compiler::add_terms(std::uint32_t number, std::vector<std::vector<MixTerm>> &terms) {
  const ResolvedConnection &connection = graph_.connections[number];
  const Output &out = ready(number);
  const auto gain = connection.fade ? 1.0f : static_cast<float>(connection.gain);
  const Fade *const faded = fade(connection.fade, connection.fades_to);
  const auto from = [&](int channel) { return out.channels[std::size_t(connection.from_channel + channel)]; };
  if (connection.to_channels == 1) {
    for (int c = 0; c < connection.from_channels; ++c)
      terms[std::size_t(connection.to_channel)].push_back(
          {from(c), out.hint, gain / static_cast<float>(connection.from_channels), faded});
    return;
  }
  const bool spread = connection.from_channels == 1;
  const int count = spread ? connection.to_channels : std::min(connection.from_channels, connection.to_channels);
  for (int c = 0; c < count; ++c)
    terms[std::size_t(connection.to_channel + c)].push_back({from(spread ? 0 : c), out.hint, gain, faded});
}

}  // namespace arranger
