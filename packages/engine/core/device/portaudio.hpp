// SPDX-License-Identifier: MIT
// PortAudio, found at run time: a system without it has everything but devices.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "device/device.hpp"

namespace arranger {

// Those that can be played on. As below, it may take for ever.
std::vector<DeviceInfo> system_devices();

}  // namespace arranger

#if defined(ARRANGER_HAS_PORTAUDIO)
#include <portaudio.h>

namespace arranger {

// A private copy of the library, initialised: it sees the devices of this moment. All calls on one thread, which is
// nobody's who cannot wait: some of them may take for ever when hardware or a sound server has died. The copy is then left
// as it is, with `std::unique_ptr::release`, and the next one starts afresh.
class PortAudio {
 public:
  // Errors: device_unavailable.
  static Result<std::unique_ptr<PortAudio>> initialise();
  ~PortAudio();  // terminates; the copy is kept for the next who wants one

  decltype(&::Pa_GetErrorText) error_text = nullptr;
  decltype(&::Pa_GetDeviceCount) device_count = nullptr;
  decltype(&::Pa_GetDeviceInfo) device_info = nullptr;
  decltype(&::Pa_GetHostApiInfo) host_api_info = nullptr;
  decltype(&::Pa_GetDefaultOutputDevice) default_output = nullptr;
  decltype(&::Pa_OpenStream) open_stream = nullptr;
  decltype(&::Pa_StartStream) start_stream = nullptr;
  decltype(&::Pa_AbortStream) abort_stream = nullptr;
  decltype(&::Pa_CloseStream) close_stream = nullptr;
  decltype(&::Pa_IsStreamActive) is_stream_active = nullptr;
  decltype(&::Pa_GetStreamInfo) stream_info = nullptr;

  // Those that can be played on, each under a name of its own, and what PortAudio calls them.
  struct Found {
    DeviceInfo info;
    PaDeviceIndex index;
  };
  std::vector<Found> devices() const;
  // Error: device_unavailable, with the nearest name.
  Result<Found> find(std::string_view name) const;

 private:
  class Copy;
  PortAudio() = default;
  std::unique_ptr<Copy> copy_;
};

}  // namespace arranger
#endif
