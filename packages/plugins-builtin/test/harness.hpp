// SPDX-License-Identifier: MIT
// A host as small as plugin.h allows: opens a library, makes an instance, and runs it in whatever pieces a test wants.
// Like the engine it flushes denormals, lets a sleeping instance sleep, and holds it to what its hints and its sleep say.
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
  // `input_delay`: all inputs are that late, as when the instance closes a cycle; the test feeds them so.
  explicit Instance(const Library &library, const std::map<std::string, double> &config = {},
                    double sample_rate = 48000, const std::map<std::string, std::string> &text_config = {},
                    int input_delay = 0);
  Instance(Instance &&) noexcept;
  ~Instance();

  // The value from now on.
  void set(const std::string &param, double value);
  // A value per frame of the next run.
  void curve(const std::string &param, Samples values);
  // What an audio input hears in the next run; silence when not called. One or two channels. Only a port that was fed
  // counts as connected.
  void feed(const std::string &port, std::vector<Samples> channels);

  // Events of the next run, at frames counted from its start.
  void event(int frame, arr_event_type type, int channel, int key, double value, std::uint32_t note_id = 0);
  void note_on(int frame, int key, double velocity = 1.0, int channel = 0);
  void note_off(int frame, int key, int channel = 0);

  // The song: tempos, signatures, and jumps in the middle of a run.
  Transport transport;
  // The song plays from a song frame on, at tempos by ascending beat, the first at beat 0; until `stop` it runs on from run to
  // run. At first it stands at frame 0.
  void play(std::int64_t song_frame = 0, std::vector<TempoChange> tempo = {{0, 120}});
  void stop();

  // Runs `frames` frames and returns the channels of the output. A call ends where the transport jumps, too.
  std::vector<Samples> run(int frames, const Cuts &cuts = {128});
  void reset();

  // Share the first input's buffers with the first output, as the engine does where the descriptor allows it.
  bool share_buffers = false;
  // Tell of silent inputs and constant parameters; off, the samples must say it.
  bool give_hints = true;
  // Time spent in the plugin's process, for benchmarks.
  double nanoseconds = 0;

  const arr_port *port(const std::string &id) const;
  std::vector<const arr_port *> ports() const { return ports_; }
  // What a monitor shows now.
  float monitor(const std::string &id) const { return monitor_values(id).front(); }
  Samples monitor_values(const std::string &id) const;
  // What a control output put out in the last run.
  const Samples &control(const std::string &id) const { return controls_.at(id); }
  // The events that an event output sent in the last run, at frames counted from its start.
  const std::vector<arr_event> &sent(const std::string &id) const { return sent_.at(id); }
  // The curve extension, nullptr where there is none; and a curve at each x for the parameters as they are set.
  const arr_curve *curve_extension() const;
  std::vector<double> curve_response(const std::string &id, std::vector<double> x) const;
  arr_plugin *plugin() const { return plugin_.get(); }
  double default_of(const std::string &param) const { return port(param)->default_value; }
  int latency_frames() const { return activation_.latency_frames; }
  std::int64_t tail_frames() const { return activation_.tail_frames; }
  bool asleep() const { return asleep_; }
  arr_process_status status() const { return status_; }
  std::int64_t slept_frames() const { return slept_; }

 private:
  struct Buffer;
  struct EventOutput;
  void make_buffers();
  void prepare(int at, int frames);
  void prepare_events(int at, int frames);
  void call(int frames);
  void stay_asleep(int frames);
  bool wants_to_wake(int at, int frames) const;
  void collect(int at, int frames, std::vector<Samples> &out);

  struct Destroy {
    void operator()(arr_plugin *plugin) const;
  };
  std::unique_ptr<arr_plugin, Destroy> plugin_;
  arr_activation activation_{};
  std::vector<const arr_port *> ports_;
  double sample_rate_;
  std::vector<std::unique_ptr<Buffer>> buffers_;  // one per channel
  std::vector<float *> channels_;
  std::vector<std::uint32_t> hints_;
  std::vector<std::uint32_t *> hint_pointers_;
  std::map<std::string, double> values_;
  std::map<std::string, Samples> curves_;
  std::map<std::string, std::vector<Samples>> inputs_;
  std::map<std::string, Samples> controls_;
  std::vector<std::uint32_t> value_counts_;  // one per monitor
  std::vector<std::uint32_t *> value_count_pointers_;
  std::vector<arr_event> events_, due_;
  std::unique_ptr<arr_event_list> due_list_ = std::make_unique<arr_event_list>();
  std::vector<std::unique_ptr<EventOutput>> event_outputs_;
  std::vector<arr_event_list *> event_lists_;  // one per event port
  std::map<std::string, std::vector<arr_event>> sent_;
  std::map<int, std::vector<std::uint32_t>> sounding_;  // note ids by channel and key
  std::uint32_t next_note_ = 1;
  std::size_t next_event_ = 0;
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
