// SPDX-License-Identifier: MIT
// A host for one plugin of this program: makes it through the C ABI and calls it with buffers of its own.
#pragma once

#include <arranger/plugin.hpp>

#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

// An instance of the class T, activated and reset. Buffers of one call of up to 512 frames; a test fills and reads them.
template <class T>
class Hosted {
 public:
  explicit Hosted(int input_delay = 0) {
    host_.struct_size = sizeof host_;
    host_.report_error = [](const arr_host *host, const char *message) {
      reinterpret_cast<Hosted *>(const_cast<arr_host *>(host))->error = message;
    };
    plugin = arranger::detail::create<T>({.id = "test.plugin", .name = "Test"}, &host_);
    if (plugin == nullptr) throw std::runtime_error(error);
    std::uint32_t count = 0;
    const arr_port *const *all = plugin->ports(plugin, &count);
    ports.assign(all, all + count);
    activation.struct_size = sizeof activation;
    activation.max_frames = frames_max;
    activation.sample_rate = 48000;
    activation.input_delay_frames = input_delay;
    if (plugin->activate(plugin, &activation) != ARR_STATUS_OK) throw std::runtime_error(error);
    plugin->reset(plugin);
    for (const arr_port *port : ports) {
      hints.push_back(0);
      for (int c = 0; c < (port->type == ARR_PORT_TYPE_AUDIO_STEREO ? 2 : port->type != ARR_PORT_TYPE_EVENT); ++c)
        channels.emplace_back(static_cast<std::size_t>(std::max(frames_max, port->value_count)));
      if (port->role == ARR_PORT_ROLE_MONITOR) value_counts.push_back(0);
    }
    transport.struct_size = sizeof transport;
    transport.bpm = 120;
  }
  ~Hosted() {
    plugin->deactivate(plugin);
    plugin->destroy(plugin);
  }
  Hosted(const Hosted &) = delete;

  arr_process_status process(int frames) {
    std::vector<float *> channel_pointers;
    std::vector<std::uint32_t *> hint_pointers, count_pointers;
    for (auto &channel : channels) channel_pointers.push_back(channel.data());
    for (auto &hint : hints) hint_pointers.push_back(&hint);
    for (auto &count : value_counts) count_pointers.push_back(&count);
    const arr_process call{sizeof(arr_process),  frames,  steady_frame,         &transport, channel_pointers.data(),
                           hint_pointers.data(), nullptr, count_pointers.data()};
    steady_frame += frames;
    return plugin->process(plugin, &call);
  }
  const arr_curve *curve() const {
    return static_cast<const arr_curve *>(plugin->get_extension(plugin, ARR_EXTENSION_CURVE));
  }

  static constexpr int frames_max = 512;

 private:
  arr_host host_{};  // first: report_error finds the rest behind it

 public:
  std::string error;
  arr_plugin *plugin = nullptr;
  arr_activation activation{};
  arr_transport transport{};
  std::vector<const arr_port *> ports;
  std::deque<std::vector<float>> channels;  // of all ports, in declaration order
  std::deque<std::uint32_t> hints;          // one per port
  std::deque<std::uint32_t> value_counts;   // one per monitor
  std::int64_t steady_frame = 0;
};
