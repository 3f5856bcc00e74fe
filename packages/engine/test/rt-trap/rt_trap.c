// SPDX-License-Identifier: MIT
// A library that is loaded before the program (LD_PRELOAD) and watches its audio threads: whatever may block there is
// counted, and told on standard error with the calls that led to it. When the process ends, one line sums up. Linux with
// glibc.
#define _GNU_SOURCE
#include <execinfo.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "real_time_watch.h"

static const char *const kind_names[arranger_watched_count] = {"allocations", "locks", "system calls", "exceptions"};

static atomic_ulong counts[arranger_watched_count];
static atomic_int told;
enum { most_told = 10, most_frames = 40 };

unsigned long arranger_audio_allocations(void) { return atomic_load(&counts[ARRANGER_ALLOCATION]); }

void arranger_audio_saw(enum arranger_watched kind, const char *function) {
  atomic_fetch_add(&counts[kind], 1);
  if (atomic_fetch_add(&told, 1) >= most_told) return;
  void *frames[most_frames];
  dprintf(STDERR_FILENO, "rt_trap: %s on the audio thread\n", function);
  backtrace_symbols_fd(frames, backtrace(frames, most_frames), STDERR_FILENO);
}

__attribute__((constructor)) static void begin(void) {
  void *frame[1];
  backtrace(frame, 1);  // the first call loads a library
}

__attribute__((destructor)) static void end(void) {
  dprintf(STDERR_FILENO, "rt_trap: %lu blocks", arranger_audio_blocks());
  for (int kind = 0; kind < arranger_watched_count; ++kind)
    dprintf(STDERR_FILENO, ", %lu %s", atomic_load(&counts[kind]), kind_names[kind]);
  dprintf(STDERR_FILENO, ", %lu allowed\n", arranger_audio_pauses());
}
