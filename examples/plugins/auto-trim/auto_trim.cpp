// SPDX-License-Identifier: MIT
// Learns the loudest sample and brings it to a level: what it has learned is its state.
#include <arranger/plugin.hpp>
#include <algorithm>
#include <atomic>
#include <cmath>
using namespace arranger;

class AutoTrim final : public Plugin {
  static constexpr float quietest = 0.001f;   // -60 dBFS: silence teaches nothing
  AudioIn  in    {*this, "audio_in",  "Audio In"};
  AudioOut out   {*this, "audio_out", "Audio Out"};
  Param    target{*this, "target", "Target", {.min = -24, .max = 0, .default_value = -6, .unit = Unit::decibels, .smoothing_ms = 20, .doc = "Level of the loudest sample."}};
  Param    learn {*this, "learn", "Learn", {.default_value = 1, .hint = Hint::toggle, .doc = "On: listens for a louder sample."}};
  float peak = quietest;
  float loaded = quietest;              // where reset goes back to
  std::atomic<float> learned = quietest;   // what save_state may read while process runs
  Kept kept{*this, peak};               // a rebuilt library goes on from the same sample

  void reset() override { peak = loaded; learned = loaded; }

  void save_state(StateWriter& state) const override { state.write("peak", learned.load(std::memory_order_relaxed)); }

  void load_state(const StateReader& state) override {
    float read = quietest;   // a state of version 1 has no such key
    if (state.read("peak", read) && !(read >= quietest && read <= 1e6f)) return fail("peak is no level");
    loaded = read;
    reset();
  }

  void process(const Block& block) override {
    if (in.silent()) return sleep();
    for (Frame i : block) {
      if (learn[i] >= 0.5f) peak = std::max(peak, std::max(std::abs(in.left[i]), std::abs(in.right[i])));
      const float gain = dsp::db_to_gain(target[i]) / peak;
      out.left[i]  = gain * in.left[i];
      out.right[i] = gain * in.right[i];
    }
    learned.store(peak, std::memory_order_relaxed);
  }
};
ARRANGER_PLUGIN(AutoTrim, {.id = "com.example.auto-trim", .name = "Auto Trim", .category = Category::effect, .version = 2, .doc = "Learns the loudest sample and brings it to a level.", .migrations = {{.before = 2, .from = "headroom", .to = "target", .scale = -1}}})
