// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include "host.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <stdexcept>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace harness {

namespace {

constexpr int max_frames = 8192;
constexpr float rubbish = 1e30f;  // in the padding and in outputs before a call: nobody may rely on it

int channels_of(const arr_port &port) {
  if (port.type == ARR_PORT_TYPE_AUDIO_STEREO) return 2;
  return port.type == ARR_PORT_TYPE_EVENT ? 0 : port.type == ARR_PORT_TYPE_AUDIO ? port.channel_count : 1;
}

bool is_control(const arr_port &port) { return port.type == ARR_PORT_TYPE_CONTROL; }
bool is_input(const arr_port &port) { return port.role == ARR_PORT_ROLE_INPUT || port.role == ARR_PORT_ROLE_SIDECHAIN; }
bool is_monitor(const arr_port &port) { return port.role == ARR_PORT_ROLE_MONITOR; }
bool is_audio(const arr_port &port) { return !is_control(port) && port.type != ARR_PORT_TYPE_EVENT; }

bool is_zero(const float *samples, int frames) {
  return std::all_of(samples, samples + frames, [](float x) { return x == 0.0f; });
}

class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040u); }
  ~FlushDenormals() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#endif
};

}  // namespace

// The samples of one channel, or the values of a monitor, aligned as the engine's are.
struct Instance::Buffer {
  struct alignas(64) Line {
    float samples[16];
  };
  explicit Buffer(int floats) : lines(static_cast<std::size_t>(floats + 15) / 16) {}
  float *samples() { return lines.front().samples; }
  std::vector<Line> lines;
};

// What an event output sends, refused where it breaks the rules.
struct Instance::EventOutput {
  arr_event_list list{};  // first: append finds the rest behind it
  std::vector<arr_event> events;
  const char *id;
  int frames = 0;
  bool broke_a_rule = false;

  explicit EventOutput(const char *port) : id(port) {
    list.struct_size = sizeof list;
    list.stride = sizeof(arr_event);
    list.append = [](arr_event_list *base, const arr_event *event) {
      auto &self = *reinterpret_cast<EventOutput *>(base);
      const int least = self.events.empty() ? 0 : self.events.back().frame;
      if (event->frame < least || event->frame >= self.frames) self.broke_a_rule = true;
      if (self.events.size() == 1024) return 0;
      self.events.push_back(*event);
      return 1;
    };
  }
};

Instance::Instance(const Library &library, const std::map<std::string, double> &config, double sample_rate,
                   const std::map<std::string, std::string> &text_config, int input_delay)
    : transport(sample_rate), sample_rate_(sample_rate) {
  plugin_.reset(library.factory_->create(library.factory_, &host()));
  if (plugin_ == nullptr) throw std::runtime_error(last_error());
  for (const auto &[key, number] : config) {
    const arr_config_value value{sizeof(arr_config_value), 0, nullptr, number};
    if (plugin_->configure(plugin_.get(), key.c_str(), &value) != ARR_STATUS_OK)
      throw std::runtime_error("configure " + key);
  }
  for (const auto &[key, text] : text_config) {
    const arr_config_value value{sizeof(arr_config_value), static_cast<std::uint32_t>(text.size()), text.c_str(), 0};
    if (plugin_->configure(plugin_.get(), key.c_str(), &value) != ARR_STATUS_OK)
      throw std::runtime_error("configure " + key);
  }
  std::uint32_t count = 0;
  const arr_port *const *ports = plugin_->ports(plugin_.get(), &count);
  ports_.assign(ports, ports + count);
  activation_.struct_size = sizeof activation_;
  activation_.max_frames = max_frames;
  activation_.sample_rate = sample_rate;
  activation_.seed = 1;
  activation_.input_delay_frames = input_delay;
  if (plugin_->activate(plugin_.get(), &activation_) != ARR_STATUS_OK) throw std::runtime_error(last_error());
  plugin_->reset(plugin_.get());
  make_buffers();
}

void Instance::make_buffers() {
  value_counts_.reserve(ports_.size());
  for (const arr_port *port : ports_) {
    const int floats = is_monitor(*port) ? std::max(1, port->value_count) : max_frames + 16;
    for (int c = 0; c < channels_of(*port); ++c) {
      buffers_.push_back(std::make_unique<Buffer>(floats));
      channels_.push_back(buffers_.back()->samples());
    }
    if (is_control(*port) && is_input(*port)) values_[port->id] = port->default_value;
    if (is_monitor(*port)) value_count_pointers_.push_back(&value_counts_.emplace_back());
    if (port->type != ARR_PORT_TYPE_EVENT) continue;
    if (!is_input(*port)) event_outputs_.push_back(std::make_unique<EventOutput>(port->id));
    event_lists_.push_back(is_input(*port) ? due_list_.get() : &event_outputs_.back()->list);
  }
  hints_.resize(ports_.size());
  for (auto &word : hints_) hint_pointers_.push_back(&word);
}

Instance::Instance(Instance &&) noexcept = default;
Instance::~Instance() = default;

void Instance::Destroy::operator()(arr_plugin *plugin) const {
  plugin->deactivate(plugin);
  plugin->destroy(plugin);
}

const arr_port *Instance::port(const std::string &id) const {
  for (const arr_port *port : ports_)
    if (id == port->id) return port;
  throw std::runtime_error("no port " + id);
}

void Instance::set(const std::string &param, double value) {
  port(param);
  values_[param] = value;
}
void Instance::curve(const std::string &param, Samples values) {
  port(param);
  curves_[param] = std::move(values);
}
void Instance::feed(const std::string &id, std::vector<Samples> channels) {
  port(id);
  inputs_[id] = std::move(channels);
}

void Instance::event(int frame, arr_event_type type, int channel, int key, double value, std::uint32_t note_id) {
  arr_event event{};
  event.frame = frame;
  event.type = type;
  event.channel = static_cast<std::uint16_t>(channel);
  event.key = key;
  event.value = value;
  event.note_id = note_id;
  events_.push_back(event);
}

void Instance::note_on(int frame, int key, double velocity, int channel) {
  sounding_[channel * 128 + key].push_back(next_note_);
  event(frame, ARR_EVENT_NOTE_ON, channel, key, velocity, next_note_++);
}

void Instance::note_off(int frame, int key, int channel) {
  auto &ids = sounding_[channel * 128 + key];
  if (ids.empty()) throw std::runtime_error("note_off of a note that does not sound");
  event(frame, ARR_EVENT_NOTE_OFF, channel, key, 0, ids.front());
  ids.erase(ids.begin());
}

void Instance::play(std::int64_t song_frame, std::vector<TempoChange> tempo) {
  transport.tempo(std::move(tempo));
  transport.play_from(song_frame);
}
void Instance::stop() { transport.stand(); }

const arr_curve *Instance::curve_extension() const {
  return static_cast<const arr_curve *>(plugin_->get_extension(plugin_.get(), ARR_EXTENSION_CURVE));
}

std::vector<double> Instance::curve_response(const std::string &id, std::vector<double> x) const {
  std::vector<double> values, y(x.size());
  for (const arr_port *port : ports_) values.push_back(values_.contains(port->id) ? values_.at(port->id) : 0.0);
  const auto count = static_cast<std::uint32_t>(values.size());
  if (curve_extension()->evaluate(plugin_.get(), id.c_str(), values.data(), count, sample_rate_, x.data(), y.data(),
                                  static_cast<std::uint32_t>(x.size())) != ARR_STATUS_OK)
    throw std::runtime_error("evaluate " + id + ": " + last_error());
  return y;
}

Samples Instance::monitor_values(const std::string &id) const {
  const arr_port *wanted = port(id);
  std::size_t monitor = 0, channel = 0;
  for (const arr_port *port : ports_) {
    if (port == wanted) break;
    monitor += is_monitor(*port);
    channel += static_cast<std::size_t>(channels_of(*port));
  }
  if (!is_monitor(*wanted)) throw std::runtime_error(id + " is no monitor");
  const std::uint32_t count = wanted->value_count < 2 ? 1 : value_counts_[monitor];
  return Samples(channels_[channel], channels_[channel] + count);
}

void Instance::reset() {
  plugin_->reset(plugin_.get());
  std::fill(value_counts_.begin(), value_counts_.end(), 0u);
  for (std::size_t p = 0, c = 0; p < ports_.size(); c += static_cast<std::size_t>(channels_of(*ports_[p++])))
    if (is_monitor(*ports_[p])) std::fill_n(channels_[c], std::max(1, ports_[p]->value_count), 0.0f);
  asleep_ = false;
  sounding_.clear();
}

// The buffers of one call: inputs filled, everything else rubbish but the monitors, which are the instance's own.
void Instance::prepare(int at, int frames) {
  std::size_t next = 0;
  std::vector<float *> shareable;
  for (std::size_t p = 0; p < ports_.size(); ++p) {
    const arr_port &port = *ports_[p];
    const int channels = channels_of(port);
    float **const own = channels_.data() + next;
    hints_[p] = 0;
    next += static_cast<std::size_t>(channels);
    if (is_monitor(port)) continue;
    for (int c = 0; c < channels; ++c) {
      own[c] = buffers_[next - static_cast<std::size_t>(channels - c)]->samples();
      std::fill_n(own[c], frames + 16, rubbish);
    }
    if (!is_input(port)) {
      if (share_buffers && is_audio(port) && !shareable.empty()) std::copy(shareable.begin(), shareable.end(), own);
      shareable.clear();
    } else if (is_control(port)) {
      const auto curve = curves_.find(port.id);
      if (curve != curves_.end()) std::copy_n(curve->second.begin() + at, frames, own[0]);
      else std::fill_n(own[0], give_hints ? 1 : frames, static_cast<float>(values_[port.id]));
      if (curve == curves_.end() && give_hints) hints_[p] = ARR_HINT_CONSTANT;
    } else if (is_audio(port)) {
      const auto fed = inputs_.find(port.id);
      bool silent = true;
      for (int c = 0; c < channels; ++c) {
        if (fed == inputs_.end()) std::fill_n(own[c], frames, 0.0f);
        else std::copy_n(fed->second[static_cast<std::size_t>(c)].begin() + at, frames, own[c]);
        silent = silent && is_zero(own[c], frames);
      }
      if (silent && give_hints) hints_[p] = ARR_HINT_SILENT;
      if (fed == inputs_.end()) hints_[p] |= ARR_HINT_UNCONNECTED;
      else if (shareable.empty() && port.role == ARR_PORT_ROLE_INPUT) shareable.assign(own, own + channels);
    }
  }
}

// The events that are due in a call, and room for those it sends.
void Instance::prepare_events(int at, int frames) {
  due_.clear();
  for (; next_event_ < events_.size() && events_[next_event_].frame < at + frames; ++next_event_) {
    due_.push_back(events_[next_event_]);
    due_.back().frame -= at;
  }
  *due_list_ = {
      sizeof(arr_event_list), sizeof(arr_event), due_.data(), static_cast<std::uint32_t>(due_.size()), 0, nullptr};
  for (auto &output : event_outputs_) {
    output->events.clear();
    output->frames = frames;
  }
}

bool Instance::wants_to_wake(int at, int frames) const {
  if (!due_.empty()) return true;
  for (const auto &[id, channels] : inputs_)
    for (const Samples &samples : channels)
      if (!is_zero(samples.data() + at, frames)) return true;
  return false;
}

void Instance::collect(int at, int frames, std::vector<Samples> &out) {
  std::size_t next = 0, channel = 0;
  const auto append = [&](Samples &to, const float *from) { to.insert(to.end(), from, from + frames); };
  for (std::size_t p = 0; p < ports_.size(); ++p) {
    const arr_port &port = *ports_[p];
    for (int c = 0; c < channels_of(port); ++c, ++next) {
      const float *from = channels_[next];
      if (port.role != ARR_PORT_ROLE_OUTPUT) continue;
      if (is_control(port)) append(controls_[port.id], from);
      if (!is_audio(port)) continue;
      if ((hints_[p] & ARR_HINT_SILENT) != 0 && !is_zero(from, frames))
        throw std::runtime_error("not silent as hinted");
      if (out.size() <= channel) out.emplace_back();
      append(out[channel++], from);
    }
  }
  for (const auto &output : event_outputs_) {
    if (output->broke_a_rule) throw std::runtime_error(std::string(output->id) + " sent an event out of order");
    for (arr_event event : output->events) {
      event.frame += at;
      sent_[output->id].push_back(event);
    }
  }
}

void Instance::call(int frames) {
  const arr_process process{sizeof(arr_process),
                            frames,
                            steady_,
                            &transport.show(),
                            channels_.data(),
                            hint_pointers_.data(),
                            event_lists_.data(),
                            value_count_pointers_.data()};
  const auto begin = std::chrono::steady_clock::now();
  status_ = plugin_->process(plugin_.get(), &process);
  nanoseconds += std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
  if (status_ == ARR_PROCESS_ERROR) throw std::runtime_error("process failed");
  asleep_ = status_ == ARR_PROCESS_SLEEP;
}

void Instance::stay_asleep(int frames) {
  for (std::size_t p = 0, c = 0; p < ports_.size(); c += static_cast<std::size_t>(channels_of(*ports_[p++])))
    if (ports_[p]->role == ARR_PORT_ROLE_OUTPUT)
      for (int n = 0; n < channels_of(*ports_[p]); ++n)
        std::fill_n(channels_[c + static_cast<std::size_t>(n)], frames, 0.0f);
  slept_ += frames;
}

std::vector<Samples> Instance::run(int frames, const Cuts &cuts) {
  const FlushDenormals flush;
  std::stable_sort(events_.begin(), events_.end(), [](auto &a, auto &b) { return a.frame < b.frame; });
  std::vector<Samples> out;
  for (auto &[id, samples] : controls_) samples.clear();
  for (const auto &output : event_outputs_) sent_[output->id].clear();
  std::size_t cut = 0;
  next_event_ = 0;
  for (int at = 0, now = 0; at < frames; at += now) {
    now = transport.until_jump(at, std::min({frames - at, cuts[std::min(cut++, cuts.size() - 1)], max_frames}));
    prepare(at, now);
    prepare_events(at, now);
    if (asleep_ && !wants_to_wake(at, now)) stay_asleep(now);
    else call(now);
    collect(at, now, out);
    steady_ += now;
    transport.advance(now);
  }
  transport.end_run();
  events_.clear();
  curves_.clear();
  inputs_.clear();
  return out;
}

}  // namespace harness
