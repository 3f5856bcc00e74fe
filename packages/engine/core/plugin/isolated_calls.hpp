// SPDX-License-Identifier: MIT
// The engine's side of the calls of process of an isolated plugin: what goes over, how long it is waited for, and what is
// heard when nothing comes back.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/shared_memory.hpp"
#include "base/shared_signal.hpp"
#include "plugin/isolated_memory.hpp"
#include "plugin/shown_transport.hpp"

namespace arranger::isolated {

// Offline nobody hears that a call takes long, but a render must end.
inline constexpr std::chrono::seconds offline_limit{10};
// So many calls that were late, in so many blocks, are a fault.
inline constexpr std::size_t most_late_calls = 3;
inline constexpr std::uint64_t late_blocks = 100;
// So is one that has lasted for so many blocks and so long. Shorter: a machine that was busy with something else.
inline constexpr std::uint64_t hang_blocks = 3;
inline constexpr std::chrono::milliseconds hang_limit{250};

// What process returns from then on, beside the ABI's values.
inline constexpr arr_process_status process_failed = 100;

enum class Failure { none, gone, late };

class Calls {
 public:
  // Windows needs an event for each of the two words that are waited for.
  struct Events {
    SharedSignal::Handle request = 0, done = 0;
  };
  // Error: io_error. [control]
  static Result<std::unique_ptr<Calls>> make(const std::vector<Port> &ports, std::int32_t max_frames,
                                             SharedMemory &memory, const Events &events);

  // [audio] A block that it misses is silent, and its events come with the next one: a note_off is never lost. Returns
  // process_failed once it has failed.
  arr_process_status process(const arr_process *call);
  // [audio] With the next call; what it still has to be told is forgotten.
  void reset();

  // The process is gone: nobody waits for it any more. Any thread.
  void end();

  Failure failure() const { return failure_.load(std::memory_order_acquire); }      // any thread
  std::uint64_t misses() const { return misses_.load(std::memory_order_relaxed); }  // any thread

 private:
  Calls(const std::vector<Port> &ports, std::int32_t max_frames) : memory_(ports, max_frames) {}

  void write(const arr_process *call);
  void write_events(const PortPlace &place, const arr_event_list &list);
  void write_transport(const arr_transport *transport);
  void write_tempo(const TempoSegments &tempo, double beat);
  void take_priority();
  arr_process_status read(const arr_process *call);
  void read_events(const arr_process *call, bool is_late);
  void keep_events(const arr_process *call);
  arr_process_status give_up(const arr_process *call, const BlockLimit &limit, bool is_own);
  arr_process_status pass_over(const arr_process *call, const BlockLimit &limit);
  arr_process_status miss(const arr_process *call, const BlockLimit &limit);
  arr_process_status fail(const arr_process *call, Failure failure);
  void silence(const arr_process *call) const;

  Memory memory_;
  SharedSignal request_, done_;
  std::vector<std::vector<arr_event>> kept_;  // by event list: of calls that were passed over
  std::uint32_t number_ = 0;                  // of the last call
  std::uint32_t resets_ = 0;
  bool is_late_ = false;  // the last call was given up and may be in progress still
  bool has_priority_ = false;
  std::uint64_t tempo_serial_ = 0;
  std::size_t tempo_first_ = 0;
  std::chrono::steady_clock::time_point late_since_{};
  std::array<std::uint64_t, most_late_calls> late_calls_{};  // their blocks, the last one last
  std::uint64_t late_block_ = 0, missed_block_ = 0;
  std::atomic<std::uint64_t> misses_ = 0;
  std::atomic<Failure> failure_ = Failure::none;
};

}  // namespace arranger::isolated
