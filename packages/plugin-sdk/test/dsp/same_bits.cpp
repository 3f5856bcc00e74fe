// SPDX-License-Identifier: MIT
// Prints one line per generator with a hash of its samples. Built at several levels; the lines must be the same.
// Exit code 77: this processor lacks the level this program was built for.
#include <arranger/dsp/delay_line.hpp>
#include <arranger/dsp/envelope.hpp>
#include <arranger/dsp/fft.hpp>
#include <arranger/dsp/filter.hpp>
#include <arranger/dsp/lanes.hpp>
#include <arranger/dsp/math.hpp>
#include <arranger/dsp/oscillator.hpp>
#include <arranger/dsp/phasor.hpp>
#include <arranger/dsp/random.hpp>
#include <arranger/dsp/smoother.hpp>

#include <bit>
#include <cstdint>
#include <cstdio>

using namespace arranger;
using dsp::Frame;
using dsp::Signal;

namespace {

constexpr int blocks = 400;
constexpr double rate = 44100.0;

template <class Render>
void print(const char *name, Render render) {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (int block = 0; block < blocks; ++block) {
    const Signal out = render(static_cast<Frame>(1 + block * 31 % 128));
    for (Frame i = 0; i < out.size(); ++i) hash = (hash ^ std::bit_cast<std::uint32_t>(out[i])) * 1099511628211u;
  }
  std::printf("%s %016llx\n", name, static_cast<unsigned long long>(hash));
}

// Values that move about between two limits.
struct Wander {
  float low, high;
  dsp::Random random{99};
  Signal next(Frame size) {
    Signal out = random.noise(size);
    for (Frame i = 0; i < size; ++i) out[i] = low + (high - low) * (0.5f + 0.5f * out[i]);
    return out;
  }
};

template <class Function>
void print_function(const char *name, float low, float high, Function function) {
  Wander wander{low, high};
  print(name, [&](Frame size) {
    Signal out = wander.next(size);
    for (Frame i = 0; i < size; ++i) out[i] = function(out[i]);
    return out;
  });
}

template <class Wave>
void print_wave(const char *name, Wave wave) {
  dsp::Oscillator still, moving;
  Wander rates{-200.0f, 9000.0f};
  print(name, [&](Frame size) { return wave(still, Signal(size, 441.7f)); });
  print(name, [&](Frame size) { return wave(moving, rates.next(size)); });
}

// Eight voices that sweep, summed.
void print_lanes() {
  dsp::UintLanes phase = 0u, increment = 0u;
  for (int lane = 0; lane < dsp::lane_count; ++lane)
    increment.set(lane, 0x01000000u + 0x00543210u * static_cast<std::uint32_t>(lane));
  print("lanes", [&](Frame size) {
    dsp::Lanes waves[dsp::max_frames + 3];
    for (Frame i = 0; i < size; ++i) {
      const dsp::Lanes scale = dsp::detail::frames_per_phase_step<dsp::Lanes>(increment);
      waves[i] = dsp::detail::saw_of_phase(phase, scale) * dsp::exp2(dsp::sine_of_phase(phase)) +
                 dsp::detail::triangle_of_phase(phase, scale);
      phase += increment;
      increment += 4321u;
    }
    for (Frame i = size; i < size + 3; ++i) waves[i] = 0.0f;
    alignas(16) float sums[dsp::max_frames + 3];
    dsp::sum_lanes(waves, sums, size);
    Signal out(size);
    for (Frame i = 0; i < size; ++i) out[i] = sums[i];
    return out;
  });
}

void print_all() {
  print_lanes();
  print_function("exp2", -130.0f, 130.0f, [](float x) { return dsp::exp2(x); });
  print_function("log2", 0.0f, 1e6f, dsp::log2);
  print_function("tanh", -12.0f, 12.0f, dsp::tanh);
  print_function("tan_of_half_turns", 0.0f, 0.499f, [](float x) { return dsp::tan_of_half_turns(x); });
  print_function("midi_to_hz", 0.0f, 127.0f, [](float x) { return dsp::midi_to_hz(x); });
  print_function("db_to_gain", -144.0f, 24.0f, dsp::db_to_gain);
  print_wave("sine", [](dsp::Oscillator &o, const Signal &hz) { return o.sine(hz, rate); });
  print_wave("saw", [](dsp::Oscillator &o, const Signal &hz) { return o.saw(hz, rate); });
  print_wave("pulse", [](dsp::Oscillator &o, const Signal &hz) { return o.pulse(hz, 0.3f, rate); });
  print_wave("triangle", [](dsp::Oscillator &o, const Signal &hz) { return o.triangle(hz, rate); });

  dsp::Random noise(5);
  print("noise", [&](Frame size) { return noise.noise(size); });

  dsp::Smoother smoother;
  smoother.activate(rate, 0.01f);
  print("smoother", [&](Frame size) {
    smoother.set_target(noise.bipolar());
    return smoother.next(size);
  });

  dsp::Envelope envelope;
  envelope.activate(rate);
  int note = 0;
  print("envelope", [&](Frame size) {
    ++note % 40 == 0 ? envelope.trigger() : note % 40 == 25 ? envelope.release() : void();
    return envelope.next(size);
  });

  dsp::Svf svf;
  Wander cutoff{50.0f, 15000.0f}, q{0.5f, 5.0f};
  print("svf", [&](Frame size) { return svf.low_pass(noise.noise(size), cutoff.next(size), q.next(size), rate); });
  print("svf",
        [&](Frame size) { return svf.band_pass(noise.noise(size), Signal(size, 777.0f), Signal(size, 9.0f), rate); });
  dsp::Biquad biquad;
  biquad.set(dsp::BiquadCoefficients::high_shelf(1000.0, 0.7, 9.0, rate));
  print("biquad", [&](Frame size) { return biquad.process(noise.noise(size)); });

  dsp::RealFft fft;
  fft.resize(dsp::max_frames);
  float transformed[dsp::max_frames] = {};
  print("fft", [&](Frame size) {
    const Signal in = noise.noise(size);
    for (Frame i = 0; i < size; ++i) transformed[i] = in[i];
    float real[dsp::max_frames / 2 + 1], imag[dsp::max_frames / 2 + 1];
    fft.forward(transformed, real, imag);
    Signal out(size);
    for (Frame i = 0; i < size; ++i) out[i] = real[i / 2] + imag[i / 2];
    return out;
  });

  dsp::DelayLine line;
  line.resize(1000);
  Wander delay{2.0f, 1000.0f};
  print("delay_line", [&](Frame size) {
    Signal out(size);
    const Signal in = noise.noise(size), delays = delay.next(size);
    for (Frame i = 0; i < size; ++i) {
      out[i] = line.read_cubic(delays[i]) + line.read_linear(delays[i]);
      line.write(in[i]);
    }
    return out;
  });
}

}  // namespace

int main() {
#if defined(__AVX2__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 77;
#endif
  print_all();
}
