// SPDX-License-Identifier: MIT
#include "harness.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <numbers>
#include <random>
#include <stdexcept>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "event_output.hpp"

namespace harness {

namespace {

constexpr int max_frames = 8192;
constexpr float rubbish = 1e30f;  // in the padding and in outputs before a call: nobody may rely on it

std::string &last_error() {
  static std::string text;
  return text;
}

const arr_host &host() {
  static const arr_host instance = [] {
    arr_host h{};
    h.struct_size = sizeof h;
    h.abi_major = ARR_ABI_MAJOR;
    h.abi_minor = ARR_ABI_MINOR;
    h.engine_name = "test";
    h.engine_version = "0";
    h.get_extension = [](const arr_host *, const char *) -> const void * { return nullptr; };
    h.report_error = [](const arr_host *, const char *message) { last_error() = message; };
    return h;
  }();
  return instance;
}

std::string path_of(const std::string &name, const std::string &level) {
  const std::filesystem::path directory = ARRANGER_TEST_PLUGIN_DIRECTORY;
  return (directory / level / (name + ARRANGER_TEST_PLUGIN_SUFFIX)).string();
}

int channels_of(const arr_port &port) {
  if (port.type == ARR_PORT_TYPE_AUDIO_STEREO) return 2;
  return port.type == ARR_PORT_TYPE_EVENT ? 0 : port.type == ARR_PORT_TYPE_AUDIO ? port.channel_count : 1;
}

bool is_control(const arr_port &port) { return port.type == ARR_PORT_TYPE_CONTROL; }
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

struct Instance::Buffer {
  alignas(64) float samples[max_frames + 16];
};

Library::Library(const std::string &name, const std::string &level) {
  const std::string path = path_of(name, level);
  handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) throw std::runtime_error(dlerror());
  using Entry = arr_status(arr_registry *);
  auto *entry = reinterpret_cast<Entry *>(dlsym(handle_, "register_plugin"));
  if (entry == nullptr) throw std::runtime_error(path + " has no register_plugin");
  struct Registry {
    arr_registry base{};
    Library *library;
  } registry;
  registry.library = this;
  registry.base.struct_size = sizeof(arr_registry);
  registry.base.host = &host();
  registry.base.add = [](arr_registry *base, const arr_descriptor *descriptor,
                         const arr_factory *factory) -> arr_status {
    Library &library = *reinterpret_cast<Registry *>(base)->library;
    library.id = descriptor->id;
    library.preserves_finite = descriptor->preserves_finite != 0;
    library.in_place = descriptor->in_place != 0;
    library.factory_ = factory;
    return ARR_STATUS_OK;
  };
  if (entry(&registry.base) != ARR_STATUS_OK || factory_ == nullptr)
    throw std::runtime_error(path + " did not register");
}

Library::~Library() { dlclose(handle_); }

bool Library::has_level(const std::string &name, const std::string &level) {
#if defined(__x86_64__)
  if (level == "x86-64-v3" && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) return false;
#endif
  return std::filesystem::exists(path_of(name, level));
}

Instance::Instance(const Library &library, const std::map<std::string, double> &config, double sample_rate,
                   const std::map<std::string, std::string> &text_config)
    : transport(sample_rate) {
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
  if (plugin_->activate(plugin_.get(), &activation_) != ARR_STATUS_OK) throw std::runtime_error(last_error());
  plugin_->reset(plugin_.get());
  for (const arr_port *port : ports_) {
    for (int c = 0; c < channels_of(*port); ++c) buffers_.push_back(std::make_unique<Buffer>());
    if (is_control(*port) && port->role == ARR_PORT_ROLE_INPUT) values_[port->id] = port->default_value;
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

void Instance::reset() {
  plugin_->reset(plugin_.get());
  asleep_ = false;
  sounding_.clear();
}

// The buffers of one call: inputs filled, everything else rubbish.
void Instance::prepare(int at, int frames) {
  channels_.clear();
  std::size_t next = 0;
  std::vector<float *> shareable;
  for (std::size_t p = 0; p < ports_.size(); ++p) {
    const arr_port &port = *ports_[p];
    hints_[p] = 0;
    for (int c = 0; c < channels_of(port); ++c) {
      float *to = buffers_[next++]->samples;
      std::fill_n(to, frames + 16, rubbish);
      channels_.push_back(to);
    }
    float *const *own = channels_.data() + channels_.size() - channels_of(port);
    if (port.role != ARR_PORT_ROLE_INPUT) {
      if (share_buffers && is_audio(port) && !shareable.empty())
        std::copy(shareable.begin(), shareable.end(), channels_.end() - channels_of(port));
      shareable.clear();
      continue;
    }
    if (is_control(port)) {
      const auto curve = curves_.find(port.id);
      if (curve != curves_.end()) std::copy_n(curve->second.begin() + at, frames, own[0]);
      else std::fill_n(own[0], give_hints ? 1 : frames, static_cast<float>(values_[port.id]));
      if (curve == curves_.end() && give_hints) hints_[p] = ARR_HINT_CONSTANT;
    } else if (is_audio(port)) {
      const auto fed = inputs_.find(port.id);
      bool silent = true;
      for (int c = 0; c < channels_of(port); ++c) {
        if (fed == inputs_.end()) std::fill_n(own[c], frames, 0.0f);
        else std::copy_n(fed->second[static_cast<std::size_t>(c)].begin() + at, frames, own[c]);
        silent = silent && is_zero(own[c], frames);
      }
      if (silent && give_hints) hints_[p] = ARR_HINT_SILENT;
      if (shareable.empty()) shareable.assign(own, own + channels_of(port));
    }
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
  for (std::size_t p = 0; p < ports_.size(); ++p) {
    const arr_port &port = *ports_[p];
    if (port.role == ARR_PORT_ROLE_MONITOR) monitors_[port.id] = asleep_ ? monitors_[port.id] : channels_[next][0];
    if (port.role != ARR_PORT_ROLE_OUTPUT || !is_audio(port)) {
      next += static_cast<std::size_t>(channels_of(port));
      continue;
    }
    for (int c = 0; c < channels_of(port); ++c, ++next, ++channel) {
      const float *from = channels_[next];
      if ((hints_[p] & ARR_HINT_SILENT) != 0 && !is_zero(from, frames))
        throw std::runtime_error("not silent as hinted");
      if (out.size() <= channel) out.emplace_back();
      out[channel].resize(static_cast<std::size_t>(at + frames));
      std::copy_n(from, frames, out[channel].begin() + at);
    }
  }
}

// One call of process, with an event list for each port.
void Instance::call(int at, int frames) {
  EventOutput output{
      {sizeof(arr_event_list), sizeof(arr_event), nullptr, 0, 0, EventOutput::append}, at, frames, sent_};
  arr_event_list input{
      sizeof(arr_event_list), sizeof(arr_event), due_.data(), static_cast<std::uint32_t>(due_.size()), 0, nullptr};
  std::vector<arr_event_list *> lists;
  for (const arr_port *port : ports_)
    if (port->type == ARR_PORT_TYPE_EVENT) lists.push_back(port->role == ARR_PORT_ROLE_OUTPUT ? &output.list : &input);
  const arr_process process{sizeof(arr_process),   frames,      steady_, &transport.show(), channels_.data(),
                            hint_pointers_.data(), lists.data()};
  const auto begin = std::chrono::steady_clock::now();
  status_ = plugin_->process(plugin_.get(), &process);
  nanoseconds += std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
  if (status_ == ARR_PROCESS_ERROR) throw std::runtime_error("process failed");
  if (output.misplaced) throw std::runtime_error("an event outside of its call, or before the one that was sent last");
}

std::vector<Samples> Instance::run(int frames, const Cuts &cuts) {
  const FlushDenormals flush;
  std::stable_sort(events_.begin(), events_.end(), [](auto &a, auto &b) { return a.frame < b.frame; });
  std::vector<Samples> out;
  sent_.clear();
  std::size_t cut = 0, next_event = 0;
  for (int at = 0; at < frames;) {
    const int wanted = std::min({frames - at, cuts[std::min(cut++, cuts.size() - 1)], max_frames});
    const int now = transport.until_jump(at, wanted);
    due_.clear();
    for (; next_event < events_.size() && events_[next_event].frame < at + now; ++next_event) {
      due_.push_back(events_[next_event]);
      due_.back().frame -= at;
    }
    prepare(at, now);
    asleep_ = asleep_ && !wants_to_wake(at, now);
    if (asleep_) {
      for (std::size_t p = 0, c = 0; p < ports_.size(); c += static_cast<std::size_t>(channels_of(*ports_[p++])))
        if (ports_[p]->role == ARR_PORT_ROLE_OUTPUT)
          for (int n = 0; n < channels_of(*ports_[p]); ++n)
            std::fill_n(channels_[c + static_cast<std::size_t>(n)], now, 0.0f);
      slept_ += now;
      collect(at, now, out);
    } else {
      call(at, now);
      collect(at, now, out);
      asleep_ = status_ == ARR_PROCESS_SLEEP;
    }
    transport.advance(now);
    steady_ += now;
    at += now;
  }
  transport.end_run();
  events_.clear();
  curves_.clear();
  inputs_.clear();
  return out;
}

Cuts random_cuts(std::uint32_t seed, int frames, int longest) {
  std::mt19937 random(seed);
  Cuts cuts;
  for (int total = 0; total < frames; total += cuts.back())
    cuts.push_back(1 + static_cast<int>(random() % static_cast<unsigned>(random() % 4 == 0 ? longest : 40)));
  return cuts;
}

double rms(const Samples &samples, int from, int to) {
  if (to < 0) to = static_cast<int>(samples.size());
  double sum = 0;
  for (int i = from; i < to; ++i)
    sum += static_cast<double>(samples[static_cast<std::size_t>(i)]) *
           static_cast<double>(samples[static_cast<std::size_t>(i)]);
  return std::sqrt(sum / (to - from));
}

double peak(const Samples &samples, int from, int to) {
  if (to < 0) to = static_cast<int>(samples.size());
  double greatest = 0;
  for (int i = from; i < to; ++i)
    greatest = std::max(greatest, std::abs(static_cast<double>(samples[static_cast<std::size_t>(i)])));
  return greatest;
}

double amplitude_at(const Samples &samples, double hertz, double sample_rate, int from, int to) {
  double cosine = 0, sine = 0;
  for (int i = from; i < to; ++i) {
    const double angle = 2 * std::numbers::pi * hertz / sample_rate * i;
    cosine += std::cos(angle) * static_cast<double>(samples[static_cast<std::size_t>(i)]);
    sine += std::sin(angle) * static_cast<double>(samples[static_cast<std::size_t>(i)]);
  }
  return 2 * std::hypot(cosine, sine) / (to - from);
}

bool all_finite(const Samples &samples) {
  return std::all_of(samples.begin(), samples.end(), [](float x) { return std::isfinite(x); });
}

Samples noise(int frames, std::uint32_t seed, float level) {
  std::mt19937 random(seed);
  Samples out(static_cast<std::size_t>(frames));
  for (float &x : out) x = level * (static_cast<float>(random() >> 8) * 0x1p-23f - 1.0f);
  return out;
}

Samples tone(int frames, double hertz, double sample_rate, float level) {
  Samples out(static_cast<std::size_t>(frames));
  for (int i = 0; i < frames; ++i)
    out[static_cast<std::size_t>(i)] =
        level * static_cast<float>(std::sin(2 * std::numbers::pi * hertz / sample_rate * i));
  return out;
}

}  // namespace harness
