// SPDX-License-Identifier: MIT
#include "rig.hpp"

#include <algorithm>
#include <exception>

#include "base/denormals.hpp"
#include "base/format.hpp"
#include "rig_parts.hpp"

namespace arranger::validate {

Rig::Rig() = default;
Rig::Rig(Rig &&) noexcept = default;
Rig::~Rig() = default;

Result<Rig> Rig::make(const Subject &subject, const RigOptions &options) {
  auto instance = subject.activate(options.activation);
  if (!instance) return std::unexpected(instance.error());
  Rig rig;
  rig.options_ = options;
  rig.instance_ = std::move(*instance);
  rig.transport_ = std::make_unique<Transport>(options.activation.sample_rate);
  rig.make_buffers();
  if (options.shares_buffers) rig.share_buffers();
  return rig;
}

void Rig::make_buffers() {
  const std::vector<Port> &ports = instance_->ports();
  places_ = places_of(ports);
  std::size_t monitor = 0;
  for (const Place &place : places_) {
    source_.push_back(buffers_.size());
    if (place.port->is_monitor()) {
      buffers_.push_back(nullptr);
      channels_.push_back(instance_->monitors()[monitor].values);
      value_counts_.push_back(&instance_->monitors()[monitor++].count);
    } else {
      buffers_.push_back(std::make_unique<Channel>(options_.activation.max_frames));
      channels_.push_back(buffers_.back()->samples());
    }
  }
  hints_.resize(ports.size());
  for (std::uint32_t &word : hints_) hint_pointers_.push_back(&word);
  due_list_ = std::make_unique<arr_event_list>();
  for (const Port &port : ports) {
    if (!port.is_event()) continue;
    if (port.is_output()) event_outputs_.push_back(std::make_unique<EventOutput>(&port - ports.data()));
    event_lists_.push_back(port.is_output() ? &event_outputs_.back()->list : due_list_.get());
  }
}

// The n-th audio output shares with the n-th audio input, where both have as many channels.
void Rig::share_buffers() {
  const auto ports_of = [&](arr_port_role role) {
    std::vector<std::size_t> first;
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (places_[i].port->is_audio() && places_[i].port->role == role && places_[i].channel == 0) first.push_back(i);
    return first;
  };
  const auto inputs = ports_of(ARR_PORT_ROLE_INPUT), outputs = ports_of(ARR_PORT_ROLE_OUTPUT);
  for (std::size_t n = 0; n < std::min(inputs.size(), outputs.size()); ++n) {
    const int channels = places_[inputs[n]].port->channels();
    if (channels != places_[outputs[n]].port->channels()) continue;
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
      source_[outputs[n] + c] = inputs[n] + c;
      channels_[outputs[n] + c] = channels_[inputs[n] + c];
    }
  }
}

void Rig::begin(const Music &music) {
  music_ = &music;
  output_ = {};
  at_ = 0;
  next_event_ = 0;
  transport_->api.song_frame = music.song_frame;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!places_[i].is_output()) continue;
    output_.names.push_back(name_of(i));
    output_.channels.emplace_back().reserve(static_cast<std::size_t>(music.frames));
    output_.is_audio.push_back(places_[i].port->is_audio());
  }
}

Result<Output> Rig::play(const Music &music, const Cuts &cuts) {
  begin(music);
  for (std::size_t n = 0; !at_end(); ++n)
    if (auto done = step(cuts[n % cuts.size()]); !done) return std::unexpected(done.error());
  return take();
}

Result<void> Rig::step(int frames) {
  frames = std::min({frames, music_->frames - at_, options_.activation.max_frames});
  prepare(frames);
  prepare_events(frames);
  if (options_.lets_sleep && asleep_ && !must_wake()) {
    stay_asleep(frames);
  } else {
    if (auto done = call(frames); !done) return done;
    examine(frames);
  }
  collect(frames);
  at_ += frames;
  steady_ += frames;
  transport_->api.song_frame += frames;
  return {};
}

void Rig::prepare(int frames) {
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i].channel == 0) hints_[static_cast<std::size_t>(places_[i].port_index)] = 0;
  // Outputs first: one that shares its buffer must not undo the input's samples.
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i].is_output()) buffers_[i]->make_rubbish(frames);
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i].port->is_input()) prepare_channel(i, frames);
}

void Rig::prepare_channel(std::size_t i, int frames) {
  const Place &place = places_[i];
  std::uint32_t &hints = hints_[static_cast<std::size_t>(place.port_index)];
  const Samples &given = music_->samples[i];
  Channel &buffer = *buffers_[i];
  buffer.make_rubbish(frames);
  if (!given.empty()) std::copy_n(given.begin() + at_, frames, buffer.samples());
  if (place.port->is_parameter()) {
    if (!given.empty()) return;
    buffer.samples()[0] = music_->values[i];
    hints = ARR_HINT_CONSTANT;
    return;
  }
  if (given.empty()) std::fill_n(buffer.samples(), frames, 0.0f);
  const bool silent = is_zero(buffer.samples(), frames);
  const bool before = place.channel == 0 || (hints & ARR_HINT_SILENT) != 0;
  hints = silent && before ? ARR_HINT_SILENT | ARR_HINT_CONSTANT : 0;
}

void Rig::prepare_events(int frames) {
  due_.clear();
  const auto &events = music_->events;
  for (; next_event_ < events.size() && events[next_event_].frame < at_ + frames; ++next_event_) {
    due_.push_back(events[next_event_]);
    due_.back().frame -= at_;
  }
  *due_list_ = {
      sizeof(arr_event_list), sizeof(arr_event), due_.data(), static_cast<std::uint32_t>(due_.size()), 0, nullptr};
  for (const auto &output : event_outputs_) output->begin(frames);
}

bool Rig::must_wake() const {
  if (!due_.empty()) return true;
  return std::ranges::any_of(places_, [&](const Place &place) {
    return place.is_audio_input() && (hints_[static_cast<std::size_t>(place.port_index)] & ARR_HINT_SILENT) == 0;
  });
}

Result<void> Rig::call(int frames) {
  const FlushDenormals flush;
  const arr_process process{sizeof(arr_process),
                            frames,
                            steady_,
                            &transport_->show(),
                            channels_.data(),
                            hint_pointers_.data(),
                            event_lists_.data(),
                            value_counts_.data()};
  const std::string where = format("process failed in a call of {} frames, {} frames into the run", frames, at_);
  arr_plugin &plugin = instance_->plugin();
  arr_process_status status = ARR_PROCESS_ERROR;
  const char *thrown = nullptr;
  {
    const RealTimeScope watched;
    try {
      status = plugin.process(&plugin, &process);
    } catch (...) {
      thrown = "it threw an exception";
    }
  }
  if (thrown) return fail(Code::plugin_failed, where + ": " + thrown);
  if (status == ARR_PROCESS_ERROR) return fail(Code::plugin_failed, where + ": it returned ARR_PROCESS_ERROR");
  if (status < ARR_PROCESS_CONTINUE || status > ARR_PROCESS_ERROR)
    return fail(Code::plugin_failed, format("{}: it returned the unknown status {}", where, status));
  asleep_ = status == ARR_PROCESS_SLEEP;
  return {};
}

void Rig::stay_asleep(int frames) {
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i].is_output()) std::fill_n(channels_[i], frames, 0.0f);
  slept_ += frames;
}

void Rig::reset() {
  const RealTimeScope watched;
  instance_->reset();
  asleep_ = false;
}

Result<Output> play(const Subject &subject, const Music &music, const Cuts &cuts, const RigOptions &options) {
  auto rig = Rig::make(subject, options);
  if (!rig) return std::unexpected(rig.error());
  return rig->play(music, cuts);
}

}  // namespace arranger::validate
