// SPDX-License-Identifier: MIT
// The statistics of live playback, in replies and in events.
#pragma once

#include <string>
#include <vector>

#include "control/events.hpp"
#include "control/fields.hpp"
#include "engine.hpp"

namespace arranger {

struct NodeShareJson {
  std::string node_id;
  double share = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &NodeShareJson::node_id, {.doc = "The node."}),
                      json::field("share", &NodeShareJson::share, {.doc = "Of a block's time, 0..1."})};
  }
};

struct IsolatedJson {
  std::string node_id;
  std::uint64_t misses = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("node_id", &IsolatedJson::node_id, {.doc = "A node in a process of its own."}),
                      json::field("misses", &IsolatedJson::misses,
                                  {.doc = "Blocks that it was too late for, and silent, since it was made."})};
  }
};

struct StatsReply {
  std::string device;
  std::int32_t sample_rate = 0, block_size = 0, threads = 0;
  std::uint64_t blocks = 0, xruns = 0;
  double load = 0, p50_us = 0, p99_us = 0, max_us = 0;
  std::uint64_t dropped_events = 0, dropped_pushes = 0, most_messages = 0, most_waiting = 0, message_room = 0;
  json::Nullable audio_allocations;
  std::vector<NodeShareJson> nodes;
  std::vector<std::string> faults;
  std::vector<IsolatedJson> isolated;
  static constexpr auto fields() {
    return std::tuple{
        json::field("device", &StatsReply::device, {.doc = "What plays; empty = nothing yet."}),
        json::field("sample_rate", &StatsReply::sample_rate, {.doc = "Of the device.", .unit = "Hz"}),
        json::field("block_size", &StatsReply::block_size, {.doc = "Of a call.", .unit = "frames"}),
        json::field("threads", &StatsReply::threads,
                    {.doc = "That run the graph now: more than one where that saves time; 0 = nothing plays yet."}),
        json::field("blocks", &StatsReply::blocks, {.doc = "Calls so far."}),
        json::field("xruns", &StatsReply::xruns,
                    {.doc = "Calls that were not done in time, since the device was opened."}),
        json::field("load", &StatsReply::load, {.doc = "Share of a block's time that calls take, of about a second."}),
        json::field("p50_us", &StatsReply::p50_us, {.doc = "Half of all calls took at most this.", .unit = "us"}),
        json::field("p99_us", &StatsReply::p99_us, {.doc = "99 of 100 calls took at most this.", .unit = "us"}),
        json::field("max_us", &StatsReply::max_us, {.doc = "The longest call.", .unit = "us"}),
        json::field(
            "dropped_events", &StatsReply::dropped_events,
            {.doc = "Notes and changes of parameters that were lost: more came in a block than there is room for."}),
        json::field("dropped_pushes", &StatsReply::dropped_pushes,
                    {.doc = "Push events that were lost, the oldest first: their reader was too slow."}),
        json::field("most_messages", &StatsReply::most_messages,
                    {.doc = "The most edits that ever were on their way to the audio thread at a time."}),
        json::field("most_waiting", &StatsReply::most_waiting,
                    {.doc = "The most edits that ever waited there for their frame."}),
        json::field("message_room", &StatsReply::message_room,
                    {.doc = "How many either of them may be; with more, a command is busy."}),
        json::field(
            "audio_allocations", &StatsReply::audio_allocations,
            {.doc = "Calls for or back of memory on the audio thread, in this process; null = nobody watches."}),
        json::field("nodes", &StatsReply::nodes, {.doc = "What each node takes, measured on every 64th slice."}),
        json::field("faults", &StatsReply::faults, {.doc = "Nodes that failed and are muted until reset_node."}),
        json::field("isolated", &StatsReply::isolated, {.doc = "Isolated nodes that play."})};
  }
};

StatsReply stats_reply(const Engine &engine, const EventHub &events);

}  // namespace arranger
