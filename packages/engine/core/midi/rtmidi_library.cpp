// SPDX-License-Identifier: MIT
#if defined(ARRANGER_RTMIDI)
#include "midi/rtmidi_library.hpp"

#include <array>
#include <optional>

#include "base/own_path.hpp"
#include "midi/jack_server.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <dlfcn.h>
#endif

namespace arranger {
namespace {

#if defined(_WIN32)
constexpr std::array names{"rtmidi.dll"};
void *open_library(const char *name) { return ::LoadLibraryA(name); }
void *symbol(void *handle, const char *name) {
  return reinterpret_cast<void *>(::GetProcAddress(static_cast<HMODULE>(handle), name));
}
#else
// 6 and 7 are RtMidi 5 and 6, which have the same C functions; the last is what this was built with.
constexpr std::array names{"librtmidi.so.7", "librtmidi.so.6", "librtmidi.7.dylib", "librtmidi.6.dylib",
                           ARRANGER_RTMIDI};
void *open_library(const char *name) { return ::dlopen(name, RTLD_NOW | RTLD_LOCAL); }
void *symbol(void *handle, const char *name) { return ::dlsym(handle, name); }
#endif

template <class Function>
Function function(void *handle, const char *name) {
  return reinterpret_cast<Function>(symbol(handle, name));
}

#if defined(__linux__)

void ignore_alsa(const char *, int, const char *, int, const char *, ...) {}
void ignore_jack(const char *) {}

// The libraries below RtMidi talk on stderr. They keep these functions for good, so this code stays, too.
void silence(void *handle) {
  ::dlopen(own_path().c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  if (const auto set = function<int (*)(decltype(&ignore_alsa))>(handle, "snd_lib_error_set_handler")) set(ignore_alsa);
  for (const char *name : {"jack_set_error_function", "jack_set_info_function"})
    if (const auto set = function<void (*)(decltype(&ignore_jack))>(handle, name)) set(ignore_jack);
}

bool alsa_answers(void *handle) {
  constexpr int duplex = 3;
  const auto open = function<int (*)(void **, const char *, int, int)>(handle, "snd_seq_open");
  const auto close = function<int (*)(void *)>(handle, "snd_seq_close");
  void *sequencer = nullptr;
  if (!open || !close || open(&sequencer, "default", duplex, 0) < 0) return false;
  close(sequencer);
  return true;
}

#else
void silence(void *) {}
bool alsa_answers(void *) { return true; }
#endif

std::optional<RtMidiLibrary> load() {
  void *handle = nullptr;
  for (const char *name : names)
    if (!handle) handle = open_library(name);
  if (!handle) return std::nullopt;
  RtMidiLibrary out{};
  out.handle = handle;
  bool complete = true;
  const auto find = [&]<class Function>(Function &to, const char *name) {
    to = function<Function>(handle, name);
    complete = complete && to;
  };
  find(out.get_compiled_api, "rtmidi_get_compiled_api");
  find(out.open_port, "rtmidi_open_port");
  find(out.open_virtual_port, "rtmidi_open_virtual_port");
  find(out.close_port, "rtmidi_close_port");
  find(out.get_port_count, "rtmidi_get_port_count");
  find(out.get_port_name, "rtmidi_get_port_name");
  find(out.in_create, "rtmidi_in_create");
  find(out.in_free, "rtmidi_in_free");
  find(out.in_set_callback, "rtmidi_in_set_callback");
  find(out.out_create, "rtmidi_out_create");
  find(out.out_free, "rtmidi_out_free");
  find(out.out_send_message, "rtmidi_out_send_message");
  if (!complete) return std::nullopt;
  silence(handle);
  return out;
}

}  // namespace

std::vector<RtMidiApi> RtMidiLibrary::running() const {
  std::array<RtMidiApi, 16> compiled{};
  const int count = get_compiled_api(compiled.data(), compiled.size());
  std::vector<RtMidiApi> out;
  for (int i = 0; i < count; ++i) {
    const RtMidiApi api = compiled[static_cast<std::size_t>(i)];
    const bool answers = api == RTMIDI_API_LINUX_ALSA  ? alsa_answers(handle)
                         : api == RTMIDI_API_UNIX_JACK ? JackServer::running(handle) != 0
                                                       : api != RTMIDI_API_RTMIDI_DUMMY;
    if (answers) out.push_back(api);
  }
  return out;
}

const RtMidiLibrary *rtmidi_library() {
  static const std::optional<RtMidiLibrary> library = load();
  return library ? &*library : nullptr;
}

}  // namespace arranger
#endif
