// SPDX-License-Identifier: MIT
// libfluidsynth (LGPL-2.1), opened when the first SoundFont is to be played: it brings fifty libraries and six megabytes with it,
// and most sessions do without.
#pragma once

#include <fluidsynth.h>

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include <array>

namespace fluidsynth {

// The functions that are used, by their own names. The library has threads (OpenMP's), which must not lose their code: it stays in
// the process for good.
struct Library {
#define ARRANGER_FLUIDSYNTH_FUNCTIONS(use)                                                                       \
  use(new_fluid_settings) use(delete_fluid_settings) use(fluid_settings_setint) use(fluid_settings_setnum)       \
      use(new_fluid_synth) use(delete_fluid_synth) use(fluid_synth_sfload) use(fluid_synth_set_sample_rate)      \
          use(fluid_synth_set_gain) use(fluid_synth_system_reset) use(fluid_synth_all_sounds_off)                \
              use(fluid_synth_noteon) use(fluid_synth_noteoff) use(fluid_synth_cc) use(fluid_synth_bank_select)  \
                  use(fluid_synth_program_change) use(fluid_synth_pitch_bend) use(fluid_synth_channel_pressure)  \
                      use(fluid_synth_key_pressure) use(fluid_synth_reverb_on) use(fluid_synth_chorus_on)        \
                          use(fluid_synth_get_active_voice_count) use(fluid_synth_write_float)                   \
                              use(fluid_synth_alloc_voice) use(fluid_synth_start_voice) use(fluid_voice_gen_set) \
                                  use(new_fluid_sample) use(delete_fluid_sample) use(fluid_sample_set_loop)      \
                                      use(fluid_sample_set_sound_data) use(fluid_set_log_function)
#if defined(__GNUC__)  // some are discouraged, and used with care
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
#define ARRANGER_FLUIDSYNTH_POINTER(name) decltype(&::name) name = nullptr;
  ARRANGER_FLUIDSYNTH_FUNCTIONS(ARRANGER_FLUIDSYNTH_POINTER)
#undef ARRANGER_FLUIDSYNTH_POINTER
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
  bool is_there = false;

  Library() {
    void *handle = nullptr;
    for (const char *name : names)
      if (!handle) handle = open(name);
    if (!handle) return;
    is_there = true;
#define ARRANGER_FLUIDSYNTH_FIND(name)                            \
  name = reinterpret_cast<decltype(name)>(symbol(handle, #name)); \
  is_there = is_there && name;
    ARRANGER_FLUIDSYNTH_FUNCTIONS(ARRANGER_FLUIDSYNTH_FIND)
#undef ARRANGER_FLUIDSYNTH_FIND
  }

 private:
#if defined(_WIN32)
  static constexpr std::array names{"libfluidsynth-3.dll", "fluidsynth.dll"};
  static void *open(const char *name) { return LoadLibraryA(name); }
  static void *symbol(void *handle, const char *name) {
    return reinterpret_cast<void *>(GetProcAddress(static_cast<HMODULE>(handle), name));
  }
#else
  // That of its version 2; the last is what this was built with.
  static constexpr std::array names{"libfluidsynth.so.3", "libfluidsynth.3.dylib", ARRANGER_FLUIDSYNTH};
  static void *open(const char *name) { return dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE); }
  static void *symbol(void *handle, const char *name) { return dlsym(handle, name); }
#endif
};

// Opened by the first call. [control]; once an instance is active, any thread.
inline const Library &library() {
  static const Library opened;
  return opened;
}

}  // namespace fluidsynth
