// SPDX-License-Identifier: MIT
#include "device/portaudio.hpp"

#if defined(ARRANGER_HAS_PORTAUDIO)
#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/module.hpp"
#include "base/nearest.hpp"
#include "base/survive.hpp"

namespace arranger {
namespace {

#if defined(_WIN32)
constexpr std::array library_names = {"portaudio.dll", "libportaudio.dll", "portaudio_x64.dll"};
#elif defined(__APPLE__)
constexpr std::array library_names = {"libportaudio.2.dylib", "/opt/homebrew/lib/libportaudio.2.dylib",
                                      "/usr/local/lib/libportaudio.2.dylib"};
#else
constexpr std::array library_names = {"libportaudio.so.2"};
#endif

// The file that copies are made of; empty when there is none. ARRANGER_PORTAUDIO names another.
const std::filesystem::path &library_file() {
  static const std::filesystem::path &file = *new std::filesystem::path([]() -> std::filesystem::path {
    std::vector<std::filesystem::path> candidates(library_names.begin(), library_names.end());
    if (const char *given = std::getenv("ARRANGER_PORTAUDIO")) candidates = {from_utf8(given)};
    for (const auto &candidate : candidates)
      if (const auto module = Module::open(candidate, {}, {}, "PortAudio"))
        if (void *symbol = module->symbol("Pa_GetVersion")) return Module::file_of(symbol);
    return {};
  }());
  return file;
}

void ignore_alsa(const char *, int, const char *, int, const char *, ...) {}
void ignore_jack(const char *) {}

// What PortAudio asks of ALSA and JACK fails on most machines, and both would say so on stderr.
void silence(const Module &module) {
  using AlsaSetter = int (*)(decltype(&ignore_alsa));
  using JackSetter = void (*)(decltype(&ignore_jack));
  if (const auto set = reinterpret_cast<AlsaSetter>(module.symbol("snd_lib_error_set_handler"))) set(ignore_alsa);
  for (const char *name : {"jack_set_error_function", "jack_set_info_function"})
    if (const auto set = reinterpret_cast<JackSetter>(module.symbol(name))) set(ignore_jack);
}

template <class Function>
bool look_up(const Module &module, const char *name, Function &function) {
  function = reinterpret_cast<Function>(module.symbol(name));
  return function != nullptr;
}

}  // namespace

class PortAudio::Copy {
 public:
  static Result<std::unique_ptr<Copy>> take();
  static void give_back(std::unique_ptr<Copy> copy) {
    const std::lock_guard lock(idle().mutex);
    idle().copies.push_back(std::move(copy));
  }

  Module module;
  decltype(&::Pa_Initialize) initialize = nullptr;
  decltype(&::Pa_Terminate) terminate = nullptr;

 private:
  struct Idle {
    std::mutex mutex;
    std::vector<std::unique_ptr<Copy>> copies;
  };
  // Never destroyed: threads that were left behind may come to it when the process ends.
  static Idle &idle() {
    static Idle &all = *new Idle;
    return all;
  }
  static Result<std::unique_ptr<Copy>> make();
};

Result<std::unique_ptr<PortAudio::Copy>> PortAudio::Copy::take() {
  {
    const std::lock_guard lock(idle().mutex);
    if (!idle().copies.empty()) {
      auto copy = std::move(idle().copies.back());
      idle().copies.pop_back();
      return copy;
    }
  }
  return make();
}

Result<std::unique_ptr<PortAudio::Copy>> PortAudio::Copy::make() {
  const std::filesystem::path &file = library_file();
  if (file.empty()) return fail(Code::device_unavailable, "Expected PortAudio but this system has none");
  const auto bytes = read_file(file);
  if (!bytes) return fail(Code::device_unavailable, "PortAudio could not be read: " + bytes.error().message);
  // The loader gives the same image for the same file, so each copy has a file of its own while it is opened.
  auto copy_file = PrivateCopy::make(*bytes, file.filename());
  if (!copy_file) return fail(Code::device_unavailable, "PortAudio could not be copied: " + copy_file.error().message);
  auto module = Module::open(copy_file->file(), file.parent_path(), {}, "PortAudio");
  if (!module) return fail(Code::device_unavailable, module.error().message);
  copy_file->remove();
  auto copy = std::make_unique<Copy>();
  copy->module = std::move(*module);
  if (!look_up(copy->module, "Pa_Initialize", copy->initialize) ||
      !look_up(copy->module, "Pa_Terminate", copy->terminate))
    return fail(Code::device_unavailable, "Expected PortAudio 19 but received another library");
  silence(copy->module);
  // What other programs of a JACK server call us. It stays for as long as the copy.
  using SetName = PaError (*)(const char *);
  if (const auto set = reinterpret_cast<SetName>(copy->module.symbol("PaJack_SetClientName"))) set("arranger");
  return copy;
}

Result<std::unique_ptr<PortAudio>> PortAudio::initialise() {
  auto copy = Copy::take();
  if (!copy) return std::unexpected(std::move(copy.error()));
  std::unique_ptr<PortAudio> out(new PortAudio);
  const Module &module = (*copy)->module;
  const bool complete =
      look_up(module, "Pa_GetErrorText", out->error_text) && look_up(module, "Pa_GetDeviceCount", out->device_count) &&
      look_up(module, "Pa_GetDeviceInfo", out->device_info) &&
      look_up(module, "Pa_GetHostApiInfo", out->host_api_info) &&
      look_up(module, "Pa_GetDefaultOutputDevice", out->default_output) &&
      look_up(module, "Pa_OpenStream", out->open_stream) && look_up(module, "Pa_StartStream", out->start_stream) &&
      look_up(module, "Pa_AbortStream", out->abort_stream) && look_up(module, "Pa_CloseStream", out->close_stream) &&
      look_up(module, "Pa_IsStreamActive", out->is_stream_active) &&
      look_up(module, "Pa_GetStreamInfo", out->stream_info);
  if (!complete) return fail(Code::device_unavailable, "Expected PortAudio 19 but received another library");
  PaError error = paNoError;
  if (survive([&] { error = (*copy)->initialize(); }) != 0) {
    (void)copy->release();
    return fail(Code::device_unavailable, "A sound server ended while it was asked for its devices");
  }
  if (error != paNoError)
    return fail(Code::device_unavailable, format("PortAudio did not start: {}", out->error_text(error)));
  out->copy_ = std::move(*copy);
  return out;
}

PortAudio::~PortAudio() {
  if (!copy_) return;
  if (survive([this] { copy_->terminate(); }) == 0) Copy::give_back(std::move(copy_));
  else (void)copy_.release();
}

std::vector<PortAudio::Found> PortAudio::devices() const {
  std::vector<Found> out;
  const PaDeviceIndex chosen = default_output();
  for (PaDeviceIndex index = 0; index < device_count(); ++index) {
    const PaDeviceInfo &device = *device_info(index);
    if (device.maxOutputChannels <= 0) continue;
    out.push_back({{device.name, host_api_info(device.hostApi)->name, device.maxOutputChannels, device.maxInputChannels,
                    device.defaultSampleRate, index == chosen},
                   index});
  }
  std::vector<std::string> names;
  for (const Found &found : out) names.push_back(found.info.name);
  names.insert(names.end(), {null_device_name, default_device_name});  // these mean something else
  for (Found &found : out) {
    if (std::ranges::count(names, found.info.name) == 1) continue;
    std::string name = format("{} ({})", found.info.name, found.info.host_api);
    for (int number = 2; std::ranges::find(out, name, [](const Found &f) { return f.info.name; }) != out.end();
         ++number)
      name = format("{} ({}, {})", device_info(found.index)->name, found.info.host_api, number);
    found.info.name = std::move(name);
  }
  return out;
}

Result<PortAudio::Found> PortAudio::find(std::string_view name) const {
  std::vector<std::string> known = {null_device_name, default_device_name};
  for (const Found &found : devices()) {
    if (name == default_device_name ? found.info.is_default : found.info.name == name) return found;
    known.push_back(found.info.name);
  }
  if (name == default_device_name)
    return fail(Code::device_unavailable, "Expected a default output device but the system has none", "/name");
  return fail(Code::device_unavailable, format("No device '{}'{}", name, nearest_hint(name, known)), "/name");
}

std::vector<DeviceInfo> system_devices() {
  std::vector<DeviceInfo> out;
  if (library_file().empty()) return out;
  if (const auto audio = PortAudio::initialise())
    for (PortAudio::Found &found : (*audio)->devices()) out.push_back(std::move(found.info));
  return out;
}

bool has_audio_library() { return !library_file().empty(); }

}  // namespace arranger

#else

namespace arranger {

std::vector<DeviceInfo> system_devices() { return {}; }

bool has_audio_library() { return false; }

}  // namespace arranger
#endif
