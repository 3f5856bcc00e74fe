// SPDX-License-Identifier: MIT
// A host as small as plugin.h allows: opens a library, makes an instance, and runs it in whatever pieces a test wants.
// Like the engine it flushes denormals, lets a sleeping instance sleep, and holds it to what its hints, its sleep and its
// event frames say.
#pragma once

#include <arranger/plugin.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "transport.hpp"

namespace harness {

using Samples = std::vector<float>;

// An opened library and what it registered.
class Library {
 public:
  // `name` as in "sine"; `level` "" for the base build, else "x86-64-v3". Throws std::runtime_error with the reason.
  explicit Library(const std::string &name, const std::string &level = "");
  ~Library();
  Library(const Library &) = delete;
  Library &operator=(const Library &) = delete;

  // False where the level was not built or this processor lacks it.
  static bool has_level(const std::string &name, const std::string &level);

  // Of the plugin it registered, copied.
  std::string id;
  bool preserves_finite = false;
  bool in_place = false;

 private:
  friend class Instance;
  void *handle_ = nullptr;
  const arr_factory *factory_ = nullptr;
};

// How a run is cut into calls: sizes in turn, the last one repeated. The default is one engine-like slice size.
using Cuts = std::vector<int>;
Cuts random_cuts(std::uint32_t seed, int frames, int longest);

class Instance {
 public:
  explicit Instance(const Library &library, const std::map<std::string, double> &config = {},
                    double sample_rate = 48000, const std::map<std::string, std::string> &text_config = {});
  Instance(Instance &&) noexcept;
  ~Instance();

  // The value from now on.
  void set(const std::string &param, double value);
  // A value per frame of the next run.
  void curve(const std::string &param, Samples values);
  // What an audio input hears in the next run; silence when not called. One or two channels.
  void feed(const std::string &port, std::vector<Samples> channels);

  // Events of the next run, at frames counted from its start.
  void event(int frame, arr_event_type type, int channel, int key, double value, std::uint32_t note_id = 0);
  void note_on(int frame, int key, double velocity = 1.0, int channel = 0);
  void note_off(int frame, int key, int channel = 0);

  // Runs `frames` frames and returns the channels of the output. Calls end where the transport jumps, too.
  std::vector<Samples> run(int frames, const Cuts &cuts = {128});
  // What the event outputs sent in the last run, at frames counted from its start.
  const std::vector<arr_event> &sent() const { return sent_; }
  void reset();

  Transport transport;

  // Share the first input's buffers with the first output, as the engine does where the descriptor allows it.
  bool share_buffers = false;
  // Tell of silent inputs and constant parameters; off, the samples must say it.
  bool give_hints = true;
  // Time spent in the plugin's process, for benchmarks.
  double nanoseconds = 0;

  const arr_port *port(const std::string &id) const;
  std::vector<const arr_port *> ports() const { return ports_; }
  float monitor(const std::string &id) const { return monitors_.at(id); }
  double default_of(const std::string &param) const { return port(param)->default_value; }
  std::int64_t tail_frames() const { return activation_.tail_frames; }
  bool asleep() const { return asleep_; }
  arr_process_status status() const { return status_; }
  std::int64_t slept_frames() const { return slept_; }

 private:
  struct Buffer;
  void prepare(int at, int frames);
  void call(int at, int frames);
  bool wants_to_wake(int at, int frames) const;
  void collect(int at, int frames, std::vector<Samples> &out);

  struct Destroy {
    void operator()(arr_plugin *plugin) const;
  };
  std::unique_ptr<arr_plugin, Destroy> plugin_;
  arr_activation activation_{};
  std::vector<const arr_port *> ports_;
  std::vector<std::unique_ptr<Buffer>> buffers_;  // one per channel
  std::vector<float *> channels_;
  std::vector<std::uint32_t> hints_;
  std::vector<std::uint32_t *> hint_pointers_;
  std::map<std::string, double> values_;
  std::map<std::string, Samples> curves_;
  std::map<std::string, std::vector<Samples>> inputs_;
  std::map<std::string, float> monitors_;
  std::vector<arr_event> events_, due_, sent_;
  std::map<int, std::vector<std::uint32_t>> sounding_;  // note ids by channel and key
  std::uint32_t next_note_ = 1;
  std::int64_t steady_ = 0, slept_ = 0;
  bool asleep_ = false;
  arr_process_status status_ = ARR_PROCESS_CONTINUE;
};

// Measures.
double rms(const Samples &samples, int from = 0, int to = -1);
double peak(const Samples &samples, int from = 0, int to = -1);
// Amplitude of the sine of this frequency, by correlation with both phases; `from` .. `to` should hold whole periods.
double amplitude_at(const Samples &samples, double hertz, double sample_rate, int from, int to);
bool all_finite(const Samples &samples);
Samples noise(int frames, std::uint32_t seed, float level = 1.0f);
Samples tone(int frames, double hertz, double sample_rate, float level = 1.0f);

}  // namespace harness
