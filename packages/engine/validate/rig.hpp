// SPDX-License-Identifier: MIT
// A host for one instance that sees what it does with every buffer: guard words behind what it may write, rubbish in what
// it may not rely on. It calls in whatever pieces a check wants.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "music.hpp"
#include "subject.hpp"

namespace arranger::validate {

struct RigOptions {
  Activation activation = {};
  bool shares_buffers = false;  // the n-th audio output has the n-th audio input's buffers
  bool lets_sleep = false;      // as the engine does; else it is called all the same
};

// The rules that are watched in every call. A check asks for its own, so that one fault is told once.
enum class Rule { buffers, hints, events };

// What an event output sent, at frames counted from the beginning of the run.
struct Sent {
  int port, frame, type, channel, key;
  double value;
  bool operator==(const Sent &) const = default;
};

struct Output {
  std::vector<std::string> names;  // of the channels: "audio_out[1]"
  std::vector<Samples> channels;   // audio and control outputs
  std::vector<bool> is_audio;      // by channel
  std::vector<Sent> events;
};

class Rig {
 public:
  // Errors: plugin_failed.
  static Result<Rig> make(const Subject &subject, const RigOptions &options = {});
  Rig(Rig &&) noexcept;
  ~Rig();

  // The whole music, in pieces of these sizes. Error: plugin_failed, when process fails or throws.
  Result<Output> play(const Music &music, const Cuts &cuts = {128});
  // The same in steps: `music` must outlive the last of them.
  void begin(const Music &music);
  Result<void> step(int frames);
  bool at_end() const { return at_ >= music_->frames; }
  Output take() { return std::move(output_); }

  void reset();
  Instance &instance() { return *instance_; }
  // The first time the rule was broken; empty when it never was.
  const std::string &broken(Rule rule) const { return broken_[static_cast<std::size_t>(rule)]; }
  std::int64_t slept_frames() const { return slept_; }

 private:
  struct Channel;
  struct EventOutput;
  struct Transport;
  Rig();
  void make_buffers();
  void share_buffers();
  void prepare(int frames);
  void prepare_events(int frames);
  void prepare_channel(std::size_t place, int frames);
  bool must_wake() const;
  Result<void> call(int frames);
  void stay_asleep(int frames);
  void examine(int frames);
  void examine_output(std::size_t place, int frames);
  void examine_input(std::size_t place, int frames);
  void examine_events(int frames);
  void collect(int frames);
  void note_broken(Rule rule, std::string text);
  std::string name_of(std::size_t place) const;

  RigOptions options_;
  std::unique_ptr<Instance> instance_;
  std::vector<Place> places_;
  std::vector<std::unique_ptr<Channel>> buffers_;  // by place; null of a monitor
  std::vector<std::size_t> source_;                // by place: the place whose buffer it has
  std::vector<float *> channels_;
  std::vector<std::uint32_t> hints_;
  std::vector<std::uint32_t *> hint_pointers_, value_counts_;
  std::vector<arr_event> due_;
  std::unique_ptr<arr_event_list> due_list_;
  std::vector<std::unique_ptr<EventOutput>> event_outputs_;
  std::vector<arr_event_list *> event_lists_;
  std::unique_ptr<Transport> transport_;
  std::array<std::string, 3> broken_;

  const Music *music_ = nullptr;
  Output output_;
  int at_ = 0;
  std::size_t next_event_ = 0;
  std::int64_t steady_ = 0, slept_ = 0;
  bool asleep_ = false;
};

// A new instance, one run.
Result<Output> play(const Subject &subject, const Music &music, const Cuts &cuts = {128},
                    const RigOptions &options = {});

}  // namespace arranger::validate
