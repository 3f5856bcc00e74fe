// SPDX-License-Identifier: MIT
// Nothing that is called on the audio thread takes memory.
#include <arranger/dsp/delay_line.hpp>
#include <arranger/dsp/envelope.hpp>
#include <arranger/dsp/fft.hpp>
#include <arranger/dsp/filter.hpp>
#include <arranger/dsp/oscillator.hpp>
#include <arranger/dsp/random.hpp>
#include <arranger/dsp/smoother.hpp>
#include <arranger/dsp/voice_allocator.hpp>

#include <doctest/doctest.h>
#include <atomic>
#include <cstdlib>
#include <new>

using namespace arranger::dsp;

namespace {

std::atomic<int> allocations{0};

struct Tone {
  Oscillator oscillator;
  Svf filter;
  Envelope envelope;
  bool is_active() const { return envelope.is_active(); }
  float level() const { return envelope.level(); }
};

}  // namespace

// Not inlined: g++ would see the free of what it takes for the library's own new, and warn.
[[gnu::noinline]] void *operator new(std::size_t size) {
  ++allocations;
  if (void *memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void *memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("a voice, an echo and everything on the way allocate nothing") {
  VoiceAllocator<Tone, 4> voices(Steal::quietest);
  for (Tone &voice : voices.voices()) voice.envelope.activate(48000.0);
  Smoother smoother;
  smoother.activate(48000.0, 0.02f);
  Biquad biquad;
  Random random(1);
  RealFft fft;
  fft.resize(128);
  DelayLine line;
  const int before_resize = allocations;
  line.resize(48000);
  CHECK(allocations > before_resize);  // the count counts

  const int before = allocations;
  float sum = 0.0f;
  for (int block = 0; block < 100; ++block) {
    voices.note_on(static_cast<std::uint32_t>(block + 1), 0, 60).envelope.trigger();
    if (block > 2) voices.note_off(static_cast<std::uint32_t>(block - 1), 0, 60, [](Tone &t) { t.envelope.release(); });
    smoother.set_target(random.bipolar());
    biquad.set(BiquadCoefficients::low_shelf(200.0, 0.7, 6.0, 48000.0));
    const Signal bend = smoother.next(128), noise = random.noise(128);
    voices.for_each_active([&](Tone &voice) {
      const Signal tone = voice.oscillator.triangle(bend, 48000.0), level = voice.envelope.next(128);
      const Signal out = voice.filter.low_pass(tone, Constant(900.0f, 128), level, 48000.0);
      sum += biquad.process(out)[127] + noise[0];
      sum += line.read(1000, 128)[5] + line.read_cubic(77.7f);
      line.write(out);
      float real[65], imag[65];
      fft.forward(out.data(), real, imag);
      sum += real[3] + imag[4];
    });
  }
  line.reset();
  CHECK(allocations == before);
  CHECK(sum == sum);
}
