// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "host.hpp"

using namespace arranger;

namespace {

// A delay that may close a cycle, with a side chain that silences it.
class Feedback final : public Plugin {
  AudioIn in{*this, "in", "In"};
  SidechainIn key{*this, "key", "Key"};
  MonoSidechainIn mono_key{*this, "mono_key", "Mono Key"};
  AudioOut out{*this, "out", "Out", {.delay_frames = 64}};
  Frame delay = 0;

  void activate(const Activation &activation) override { delay = 100 - activation.input_delay; }
  void process(const Block &block) override {
    for (Frame i : block) {
      out.left[i] = key.connected() ? in.left[i] * key.right[i] : static_cast<float>(delay);
      out.right[i] = mono_key.connected() ? 1.0f : 0.0f;
    }
  }
};

}  // namespace

TEST_CASE("an instance is told how late its inputs are") {
  Hosted<Feedback> alone, in_cycle(64);
  for (auto *hosted : {&alone, &in_cycle}) {
    for (const std::size_t port : {1u, 2u}) hosted->hints[port] = ARR_HINT_UNCONNECTED | ARR_HINT_SILENT;
    CHECK(hosted->process(8) == ARR_PROCESS_CONTINUE);
  }
  CHECK(alone.channels[5][7] == 100);
  CHECK(in_cycle.channels[5][7] == 36);
}

TEST_CASE("a side chain is an input of its own role that says whether it is connected") {
  Hosted<Feedback> plugin;
  CHECK(plugin.ports[0]->role == ARR_PORT_ROLE_INPUT);
  CHECK(plugin.ports[1]->role == ARR_PORT_ROLE_SIDECHAIN);
  CHECK(plugin.ports[1]->type == ARR_PORT_TYPE_AUDIO_STEREO);
  CHECK(plugin.ports[2]->role == ARR_PORT_ROLE_SIDECHAIN);
  CHECK(plugin.ports[2]->type == ARR_PORT_TYPE_AUDIO_MONO);
  plugin.hints[2] = ARR_HINT_UNCONNECTED;
  plugin.channels[0][3] = 0.5f;   // in, left
  plugin.channels[3][3] = 0.25f;  // key, right
  plugin.process(8);
  CHECK(plugin.channels[5][3] == 0.125f);
  CHECK(plugin.channels[6][3] == 0.0f);
}
