// SPDX-License-Identifier: MIT
// What it costs to run a plugin in a process of its own: the time of one call of process with 64 frames at 48 kHz, paced as a
// device paces it, against the same call in this process. The bits are compared on the way.
//
//   arranger-isolation-bench [--json] [--blocks N]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <thread>
#include <vector>

#include "base/own_path.hpp"
#include "base/thread.hpp"
#include "plugin/isolated_plugin.hpp"

#if defined(__linux__)
#include <sched.h>
#endif

namespace arranger {
namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;
constexpr std::int32_t frames = 64;
constexpr double rate = 48000;
constexpr double block_us = 1e6 * frames / rate;
constexpr double target_us = block_us * 0.05;

// An instance and the buffers that it is called with.
class Runner {
 public:
  static std::unique_ptr<Runner> make(const std::shared_ptr<const PluginEntry> &entry, bool isolated) {
    auto instance = isolated ? Instance::create_isolated(entry, {}) : Instance::create(entry, {});
    if (instance) {
      if (auto done = (*instance)->activate(rate, frames, false, 1); !done) instance = std::unexpected(done.error());
    }
    if (instance) return std::unique_ptr<Runner>(new Runner(std::move(*instance)));
    std::fprintf(stderr, "%s\n", instance.error().message.c_str());
    return nullptr;
  }

  // Microseconds that the call took.
  double call(std::uint64_t block) {
    for (std::size_t c = 0; c < buffers_.channels.size(); ++c)
      for (std::int32_t i = 0; i < frames; ++i)
        buffers_.channels[c][i] = static_cast<float>((block * 31 + static_cast<std::uint64_t>(i) * 7 + c) % 101) / 101;
    const auto began = Clock::now();
    transport_.limit = {block + 1, began + std::chrono::microseconds(static_cast<int>(block_us / 2))};
    call_.steady_frame = static_cast<std::int64_t>(block) * frames;
    arr_plugin &plugin = instance_->plugin();
    plugin.process(&plugin, &call_);
    return Microseconds(Clock::now() - began).count();
  }
  const float *output() const { return buffers_.channels.back(); }
  std::uint64_t misses() const { return instance_->isolated() ? instance_->isolated()->misses() : 0; }
  bool has_failed() const { return instance_->isolated() && instance_->isolated()->has_failed(); }

 private:
  explicit Runner(std::unique_ptr<Instance> instance)
      : instance_(std::move(instance)), buffers_(instance_->ports(), frames), memory_(buffers_.bytes() + 64) {
    const auto at = reinterpret_cast<std::uintptr_t>(memory_.data());
    buffers_.attach(memory_.data() + (64 - at % 64) % 64);
    call_.struct_size = sizeof call_;
    call_.frames = frames;
    call_.channels = buffers_.channels.data();
    call_.hints = buffers_.hints.data();
    call_.transport = &transport_.shown;
    transport_.shown.struct_size = sizeof transport_.shown;
  }

  std::unique_ptr<Instance> instance_;
  isolated::Memory buffers_;
  std::vector<std::byte> memory_;
  ShownTransport transport_;
  arr_process call_{};
};

struct Figures {
  const char *scheduling;
  bool refused = false;
  double inside = 0, median = 0, p99 = 0;  // of a call, µs
  std::uint64_t misses = 0, faults = 0;    // a machine with other things to do has some
  bool same = true;
};

double quantile(std::vector<double> &values, double share) {
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

// On a thread that is scheduled as an audio thread is.
void measure(const std::shared_ptr<const PluginEntry> &entry, int blocks, bool real_time, Figures &out) {
  ask_for_priority();
#if defined(__linux__)
  sched_param priority = {};
  priority.sched_priority = 70;
  if (real_time && ::sched_setscheduler(0, SCHED_FIFO, &priority) != 0) out.refused = true;
#else
  out.refused = real_time;
#endif
  if (out.refused) return;
  auto inside = Runner::make(entry, false), isolated = Runner::make(entry, true);
  std::vector<double> times, inside_times;
  auto next = Clock::now();
  for (int block = 0; inside && isolated && block < blocks; ++block) {
    std::this_thread::sleep_until(next += std::chrono::nanoseconds(static_cast<int>(block_us * 1000)));
    const std::uint64_t missed = isolated->misses();
    inside_times.push_back(inside->call(static_cast<std::uint64_t>(block)));
    times.push_back(isolated->call(static_cast<std::uint64_t>(block)));
    const bool was_missed = isolated->misses() != missed;
    out.misses += was_missed;
    if (isolated->has_failed()) {
      ++out.faults;
      inside = Runner::make(entry, false);
      isolated = Runner::make(entry, true);
      next = Clock::now();
    } else if (!was_missed && std::memcmp(inside->output(), isolated->output(), frames * sizeof(float)) != 0)
      out.same = false;
  }
  if (times.empty()) return;
  out.inside = quantile(inside_times, 0.5);
  out.median = quantile(times, 0.5);
  out.p99 = quantile(times, 0.99);
}

void print(const Figures &figures, bool json, bool last) {
  const double overhead = figures.median - figures.inside;
  if (json) {
    std::printf(
        "{\"scheduling\":\"%s\",\"refused\":%s,\"in_process_us\":%.3f,\"median_us\":%.3f,\"p99_us\":%.3f,"
        "\"overhead_us\":%.3f,\"target_us\":%.1f,\"misses\":%llu,\"faults\":%llu,\"same_bits\":%s}%s",
        figures.scheduling, figures.refused ? "true" : "false", figures.inside, figures.median, figures.p99, overhead,
        target_us, static_cast<unsigned long long>(figures.misses), static_cast<unsigned long long>(figures.faults),
        figures.same ? "true" : "false", last ? "" : ",");
    return;
  }
  if (figures.refused) {
    std::printf("%-9s the system refuses it\n", figures.scheduling);
    return;
  }
  std::printf(
      "%-9s in process %6.2f us, isolated: median %6.1f us, p99 %6.1f us; overhead %5.1f us = %.1f %% of a block "
      "(target 5 %%); %llu misses, %llu faults, %s\n",
      figures.scheduling, figures.inside, figures.median, figures.p99, overhead, 100 * overhead / block_us,
      static_cast<unsigned long long>(figures.misses), static_cast<unsigned long long>(figures.faults),
      figures.same ? "same bits" : "OTHER BITS");
}

int run(bool json, int blocks) {
  const auto path = own_path().parent_path() / "fixtures" / "test_gain.so";
  auto library = Library::open(path, {.probe = false});
  if (!library) {
    std::fprintf(stderr, "%s\n", library.error().message.c_str());
    return 1;
  }
  const PluginClass &plugin = (*library)->plugins().front();
  const auto entry = std::make_shared<const PluginEntry>(PluginEntry{plugin.descriptor, plugin.factory, *library, {}});
  Figures all[] = {{"normal"}, {"real-time"}};
  for (Figures &figures : all) {
    std::thread thread([&] { measure(entry, blocks, &figures != all, figures); });
    thread.join();
  }
  if (json) std::printf("{\"bench\":\"isolation\",\"frames\":%d,\"sample_rate\":%.0f,\"results\":[", frames, rate);
  for (const Figures &figures : all) print(figures, json, &figures == &all[1]);
  if (json) std::printf("]}\n");
  return all[0].same && all[1].same ? 0 : 1;
}

}  // namespace
}  // namespace arranger

int main(int count, char **arguments) {
  bool json = false;
  int blocks = 4000;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(arguments[i]) == "--json") json = true;
    if (std::string_view(arguments[i]) == "--blocks" && i + 1 < count)
      blocks = std::max(100, std::atoi(arguments[++i]));
  }
  return arranger::run(json, blocks);
}
