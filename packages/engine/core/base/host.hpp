// SPDX-License-Identifier: MIT
// What a WebAssembly module asks of its host; all that it imports beside the clock and random numbers of WASI.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace arranger::host {

// A thread would stand still here until the audio thread has done something: the host plays what is due, and runs nothing
// else, since the caller may be amid an edit.
void while_waiting();
// Long work is between two of its blocks and holds nothing: the host plays what is due and answers other requests.
void between_blocks();
// Called by while_waiting besides the host: whoever has messages for the audio thread sees them taken. [control]
void set_waiting(std::function<void()> take_messages);

// Files by their UTF-8 names; numbers below zero are errors of errno, negated. A host may know none.
extern "C" {
#define ARRANGER_HOST(name) __attribute__((import_module("arranger"), import_name(name)))
ARRANGER_HOST("while_waiting") void arranger_host_while_waiting();
ARRANGER_HOST("between_blocks") void arranger_host_between_blocks();
// 0: nothing there, 1: a regular file, 2: something else.
ARRANGER_HOST("file_kind") std::int32_t arranger_host_file_kind(const char *name, std::size_t length);
// The size in bytes; the content is kept until it is taken.
ARRANGER_HOST("file_read") double arranger_host_file_read(const char *name, std::size_t length, double limit);
ARRANGER_HOST("file_take") void arranger_host_file_take(void *bytes);
// In the place of what is there: a reader sees the old content or the new.
ARRANGER_HOST("file_write")
std::int32_t arranger_host_file_write(const char *name, std::size_t length, const void *bytes, std::size_t count);
// Whether this host reads and writes files.
ARRANGER_HOST("has_files") std::int32_t arranger_host_has_files();
#undef ARRANGER_HOST
}

}  // namespace arranger::host
