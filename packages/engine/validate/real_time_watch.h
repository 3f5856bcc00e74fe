/* SPDX-License-Identifier: MIT
 * What real_time_watch.c sees on the threads that it watches. */
#ifndef ARRANGER_REAL_TIME_WATCH_H
#define ARRANGER_REAL_TIME_WATCH_H

#ifdef __cplusplus
extern "C" {
#endif

enum arranger_watched { ARRANGER_ALLOCATION, ARRANGER_LOCK, ARRANGER_SYSTEM_CALL, ARRANGER_THROW, arranger_watched_count };

/* [audio] They may nest. */
void arranger_audio_enter(void);
void arranger_audio_leave(void);
/* How often a thread has entered. */
unsigned long arranger_audio_blocks(void);
/* [audio] Around what is allowed: the wake of an isolated node's process, and the wait for it. */
void arranger_audio_pause(void);
void arranger_audio_resume(void);
/* How often a watched thread has paused. */
unsigned long arranger_audio_pauses(void);

/* Defined by who links the watch: called on the watched thread, by the function that is named. What it calls is not watched. */
void arranger_audio_saw(enum arranger_watched kind, const char *function);

#ifdef __cplusplus
}
#endif
#endif
