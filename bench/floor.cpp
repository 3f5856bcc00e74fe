// SPDX-License-Identifier: MIT
// What the processor needs for the inner loops alone: no graph, no events, no host. Prints JSON; times are of the processor.
// Every result is the best of several runs, since a floor is what can be reached.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <vector>

namespace {

constexpr int block = 128;
typedef float Eight __attribute__((vector_size(32)));

volatile float sink;  // what is computed for nothing is not computed

double processor_seconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Nanoseconds of one of `count` things that `run` does.
template <typename Run>
double best_ns(double count, Run run) {
  double best = 1e9;
  for (int repeat = 0; repeat < 9; ++repeat) {
    const double began = processor_seconds();
    run();
    best = std::min(best, processor_seconds() - began);
  }
  return 1e9 * best / count;
}

// W1: a stereo gain, called through a pointer as a plugin is.
struct Gain {
  void (*process)(Gain &, const float *const *in, float *const *out);
  float gain;
};
void run_gain(Gain &node, const float *const *in, float *const *out) {
  for (int channel = 0; channel < 2; ++channel)
    for (int i = 0; i < block; ++i) out[channel][i] = node.gain * in[channel][i];
}
double gain_ns() {
  alignas(64) static float buffers[2][2][block] = {};
  for (int i = 0; i < block; ++i) buffers[0][0][i] = buffers[0][1][i] = 0.1f;
  const int blocks = 5000;
  std::vector<Gain> nodes(100);
  for (std::size_t n = 0; n < nodes.size(); ++n) nodes[n] = {run_gain, n % 2 ? 0.8f : 1.25f};
  return best_ns(100.0 * blocks, [&] {
    for (int b = 0; b < blocks; ++b)
      for (std::size_t n = 0; n < nodes.size(); ++n) {
        auto &from = buffers[n % 2], &to = buffers[1 - n % 2];
        const float *in[] = {from[0], from[1]};
        float *out[] = {to[0], to[1]};
        nodes[n].process(nodes[n], in, out);
      }
    sink = buffers[0][0][5];
  });
}

// W2: the sine of a phase that wraps in 32 bits, by an odd polynomial over a quarter of a turn; error below 2e-6.
inline float sine(std::int32_t phase) {
  const float half_turns = static_cast<float>(phase) * 0x1p-31f, size = __builtin_fabsf(half_turns);
  const float mirrored = 1.0f - size, x = size < mirrored ? size : mirrored, square = x * x;
  const float value =
      x * (3.1415920f + square * (-5.1677128f + square * (2.5501631f + square * (-0.5983151f + square * 0.0777018f))));
  return __builtin_copysignf(value, half_turns);
}
double sine_ns() {
  alignas(64) float sum[block];
  const int voices = 256, blocks = 500;
  return best_ns(double{voices} * block * blocks, [&] {
    std::uint32_t at = 0;
    for (int b = 0; b < blocks; ++b, at += block) {
      std::fill_n(sum, block, 0.0f);
      for (int v = 0; v < voices; ++v) {
        const std::uint32_t step = 0x00800000u + static_cast<std::uint32_t>(v) * 70001u, phase = at * step;
        for (int i = 0; i < block; ++i)
          sum[i] += 0.01f * sine(static_cast<std::int32_t>(phase + static_cast<std::uint32_t>(i) * step));
      }
      sink = sum[7];
    }
  });
}

// W3: a biquad, 16 voices side by side in two vectors, as many as hide its latency.
double biquad_ns() {
  constexpr int groups = 4;
  const int blocks = 20000;
  Eight in[groups], z1[groups] = {}, z2[groups] = {};
  for (Eight &lane : in) lane = Eight{1, 2, 3, 4, 5, 6, 7, 8} * 0.01f;
  const float b0 = 0.02f, b1 = 0.04f, b2 = 0.02f, a1 = -1.56f, a2 = 0.64f;
  return best_ns(double{groups} * 8 * block * blocks, [&] {
    Eight out = {};
    for (int i = 0; i < block * blocks; ++i)
      for (int g = 0; g < groups; ++g) {
        const Eight y = b0 * in[g] + z1[g];
        z1[g] = b1 * in[g] - a1 * y + z2[g];
        z2[g] = b2 * in[g] - a2 * y;
        out += y;
      }
    sink = out[0];
  });
}

// W4: what comes in any order has to be sorted once.
double sort_ns() {
  struct Event {
    std::uint64_t frame;
    float value;
    std::uint32_t target;
  };
  const std::size_t count = 1'000'000;
  std::vector<Event> events(count);
  return best_ns(static_cast<double>(count), [&] {
    std::uint64_t random = 88172645463325252u;
    for (Event &event : events) {
      random ^= random << 13, random ^= random >> 7, random ^= random << 17;
      event = {random % 28'800'000, 1, 0};
    }
    std::sort(events.begin(), events.end(), [](const Event &a, const Event &b) { return a.frame < b.frame; });
    sink = static_cast<float>(events[7].frame);
  });
}

}  // namespace

int main() {
  std::printf("{\"gainNs\":%.3f,\"sineNs\":%.4f,\"biquadNs\":%.4f,\"sortNs\":%.2f}\n", gain_ns(), sine_ns(),
              biquad_ns(), sort_ns());
}
