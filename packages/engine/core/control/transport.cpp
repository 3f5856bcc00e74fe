// SPDX-License-Identifier: MIT
#include "control/command.hpp"
#include "control/position.hpp"

namespace arranger {
namespace {

constexpr double greatest_beat = 1e7;

struct Play : json::Request {
  bool reset = false;
  static constexpr CommandInfo info{
      .name = "play",
      .doc = "Plays from where the playhead is, on the device or, where there is none, against a clock.",
      .examples = {{R"({"cmd":"play"})", "", {"set_graph", "set_schedule"}},
                   {R"({"cmd":"play","reset":true})", "Every instance begins anew, as in a render.", {"set_graph"}}},
      .plays = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("reset", &Play::reset, {.doc = "Resets every instance on the frame where playback starts."})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    edit.play(reset);
    return Reply{};
  }
};

struct Stop : json::Request {
  static constexpr CommandInfo info{.name = "stop",
                                    .doc = "Stops where the playhead is; notes end, tails ring on.",
                                    .examples = {{R"({"cmd":"stop"})", "", {"set_graph", "play"}}}};
  static constexpr auto fields() { return std::tuple{}; }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    edit.stop();
    return Reply{};
  }
};

struct Seek : json::Request {
  double beat = 0;
  static constexpr CommandInfo info{
      .name = "seek",
      .doc = "Moves the playhead. Programs, controllers and parameters are then as if played from the start.",
      .examples = {{R"({"cmd":"seek","beat":8})"}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("beat", &Seek::beat, {.doc = "Where to.", .min = 0, .max = greatest_beat, .unit = "beats"})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    edit.seek(beat);
    return Reply{};
  }
};

struct SetLoop : json::Request {
  bool enabled = true;
  double start = 0, end = 0;
  static constexpr CommandInfo info{
      .name = "set_loop",
      .doc = "Repeats the beats from start up to, but not including, end, once the playhead comes to end.",
      .examples = {{R"({"cmd":"set_loop","enabled":true,"start":0,"end":8})"},
                   {R"({"cmd":"set_loop","enabled":false})"}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("enabled", &SetLoop::enabled, {.doc = "False plays on."}),
        json::field("start", &SetLoop::start, {.doc = "First beat.", .min = 0, .max = greatest_beat, .unit = "beats"}),
        json::field("end", &SetLoop::end,
                    {.doc = "Beat after the last; 0 with start 0 = no loop.",
                     .min = 0,
                     .max = greatest_beat,
                     .unit = "beats"})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    const bool is_off = start == 0 && end == 0;
    if (!is_off && end <= start)
      return fail(Code::out_of_range, format("Expected end after start, beat {}, but received {}", start, end), "/end");
    edit.set_loop({enabled && !is_off, start, end});
    return Reply{};
  }
};

struct GetPosition : json::Request {
  static constexpr CommandInfo info{.name = "get_position",
                                    .doc = "Where the playhead is, as it is heard.",
                                    .examples = {{R"({"cmd":"get_position"})"}},
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  using Reply = PositionReply;
  Result<Reply> run(Context &context) const { return reply_of(context.engine.position()); }
};

struct SetBpm : json::Request {
  double bpm = 120;
  static constexpr CommandInfo info{.name = "set_bpm",
                                    .doc = "Sets the tempo from beat 0 to the first tempo event of the schedule.",
                                    .examples = {{R"({"cmd":"set_bpm","bpm":96})"}}};
  static constexpr auto fields() {
    return std::tuple{json::field("bpm", &SetBpm::bpm, {.doc = "Tempo.", .min = 1, .max = 999, .unit = "BPM"})};
  }
  using Reply = Empty;
  Result<Reply> run(Edit &edit) const {
    edit.set_bpm(bpm);
    return Reply{};
  }
};

}  // namespace

std::span<const Command> transport_commands() {
  static constexpr std::array commands{command<Play>("transport"),   command<Stop>("transport"),
                                       command<Seek>("transport"),   command<SetLoop>("transport"),
                                       command<SetBpm>("transport"), command<GetPosition>("transport")};
  return commands;
}

}  // namespace arranger
