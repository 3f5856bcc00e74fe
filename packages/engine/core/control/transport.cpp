// SPDX-License-Identifier: MIT
#include "control/command.hpp"

namespace arranger {
namespace {

struct SetBpm : json::Request {
  double bpm = 120;
  static constexpr CommandInfo info{.name = "set_bpm",
                                    .doc = "Sets the tempo from beat 0 to the first tempo event of the schedule.",
                                    .examples = {{R"({"cmd":"set_bpm","bpm":96})"}}};
  static constexpr auto fields() {
    return std::tuple{json::field("bpm", &SetBpm::bpm, {.doc = "Tempo.", .min = 1, .max = 999, .unit = "BPM"})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    context.engine.set_bpm(bpm);
    return Reply{};
  }
};

}  // namespace

std::span<const Command> transport_commands() {
  static constexpr std::array commands{command<SetBpm>("transport")};
  return commands;
}

}  // namespace arranger
