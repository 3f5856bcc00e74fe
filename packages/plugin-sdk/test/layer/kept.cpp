// SPDX-License-Identifier: MIT
// What an instance of a rebuilt library takes over from the one that plays.
#include <doctest/doctest.h>

#include <algorithm>
#include <span>

#include "host.hpp"

using namespace arranger;

namespace {

struct Voice {
  dsp::Envelope envelope;
  std::uint32_t phase = 0;
  bool is_active() const { return envelope.is_active(); }
};

// An echo of noise with voices: everything that a plugin may want to keep.
class Everything : public Plugin {
  AudioOut out{*this, "audio_out", "Audio Out"};

  dsp::VoiceAllocator<Voice, 4> voices;
  dsp::DelayLine line;
  std::vector<float> table;
  std::vector<dsp::DelayLine> lines;
  std::uint32_t random = 1;
  Kept kept{*this, voices, line, table, lines, random};

  void activate(const Activation &activation) override {
    line.resize(static_cast<Frame>(activation.sample_rate / 100));
    lines.resize(2);
    for (auto &other : lines) other.resize(100);
    table.assign(64, 0.25f);
    Voice &voice = voices.note_on(7, 0, 60);
    voice.envelope.activate(activation.sample_rate);
    voice.envelope.trigger();
  }
  void process(const Block &block) override {
    for (Frame i : block) {
      random = random * 1664525u + 1013904223u;
      table[random % 64] += 0.001f;
      lines[1].write(lines[0].read(50));
      lines[0].write(table[5]);
      const float sample = 0.5f * line.read(480) + static_cast<float>(random >> 8) * 0x1p-24f;
      line.write(sample);
      Voice &voice = voices.voices()[0];
      voice.phase += 1000;
      out.left[i] = out.right[i] =
          sample * voice.envelope.next(1)[0] + lines[1].read(20) + static_cast<float>(voice.phase) * 0x1p-32f;
    }
  }
};

// The same with one member more.
class Grown : public Everything {
  float more = 0;
  Kept kept_too{*this, more};
};

class Nothing : public Plugin {
  AudioOut out{*this, "audio_out", "Audio Out"};
  void process(const Block &) override { out.set_silent(); }
};

template <class T>
const arr_snapshot *snapshot_of(Hosted<T> &host) {
  return static_cast<const arr_snapshot *>(host.plugin->get_extension(host.plugin, ARR_EXTENSION_SNAPSHOT));
}

}  // namespace

TEST_CASE("an instance goes on to the bit where another one is") {
  Hosted<Everything> before, after;
  for (int i = 0; i < 20; ++i) before.process(100);
  const arr_snapshot *snapshot = snapshot_of(before);
  std::vector<std::uint8_t> bytes(snapshot->size(before.plugin));
  CHECK(bytes.size() > 480 * sizeof(float));
  CHECK(snapshot->layout(before.plugin) == snapshot->layout(after.plugin));
  CHECK(snapshot->size(after.plugin) == bytes.size());

  after.process(10);
  CHECK(after.channels[0][9] != before.channels[0][99]);
  snapshot->save(before.plugin, bytes.data());
  snapshot->load(after.plugin, bytes.data());
  for (int i = 0; i < 20; ++i) {
    before.process(64);
    after.process(64);
    CHECK(std::ranges::equal(std::span(before.channels[0]).first(64), std::span(after.channels[0]).first(64)));
  }
}

TEST_CASE("another layout is told apart, and who keeps nothing says so") {
  Hosted<Everything> before;
  Hosted<Grown> grown;
  Hosted<Nothing> nothing;
  CHECK(snapshot_of(before)->layout(before.plugin) != snapshot_of(grown)->layout(grown.plugin));
  CHECK(snapshot_of(nothing) == nullptr);
}
