// SPDX-License-Identifier: MIT
#include "plugin/isolated_calls.hpp"

#include <algorithm>
#include <cstring>

#include "base/priority.hpp"
#include "base/real_time.hpp"

namespace arranger::isolated {
namespace {

using Clock = SharedSignal::Clock;
using Kind = PortPlace::Kind;
constexpr std::chrono::microseconds spin{5};
constexpr std::uint32_t silent = ARR_HINT_SILENT | ARR_HINT_CONSTANT;

std::size_t bytes_of(std::int32_t frames) { return static_cast<std::size_t>(frames) * sizeof(float); }

std::uint32_t after(std::uint32_t number) { return number + 1 == gone ? 1 : number + 1; }

}  // namespace

Result<std::unique_ptr<Calls>> Calls::make(const std::vector<Port> &ports, std::int32_t max_frames,
                                           SharedMemory &memory, const Events &events) {
  std::unique_ptr<Calls> calls(new Calls(ports, max_frames));
  auto mapped = memory.map(calls->memory_.bytes());
  if (!mapped) return std::unexpected(std::move(mapped.error()));
  calls->memory_.attach(*mapped);
  calls->request_ = SharedSignal(calls->memory_.header->request, events.request);
  calls->done_ = SharedSignal(calls->memory_.header->done, events.done);
  calls->kept_.resize(calls->memory_.events.size());
  for (const PortPlace &place : calls->memory_.places)
    if (place.kind == Kind::events_in) calls->kept_[place.number].reserve(most_input_events);
  return calls;
}

arr_process_status Calls::process(const arr_process *call) {
  const BlockLimit limit =
      call->transport ? reinterpret_cast<const ShownTransport *>(call->transport)->limit : BlockLimit{};
  if (failure() != Failure::none) return fail(call, failure());
  if (is_late_) {
    if (done_.value() == gone) return fail(call, Failure::gone);
    if (done_.value() != number_) return pass_over(call, limit);
    is_late_ = false;
    read_events(call, true);
  }
  const Clock::time_point began = Clock::now();
  const Clock::time_point deadline = limit.block == 0 ? began + offline_limit : limit.deadline;
  write(call);
  const std::uint32_t before = number_;
  request_.set(number_ = after(number_));
  const std::uint32_t done = done_.wait(before, deadline, spin);
  if (done == number_) return read(call);
  if (done != before) return fail(call, Failure::gone);
  return give_up(call, limit, began < deadline);
}

void Calls::reset() {
  ++resets_;
  for (auto &events : kept_) events.clear();
}

// It may be ended before the first call.
void Calls::end() {
  Failure none = Failure::none;
  failure_.compare_exchange_strong(none, Failure::gone);
  done_.set(gone);
}

void Calls::write(const arr_process *call) {
  Header &header = *memory_.header;
  if (!has_priority_) take_priority();
  header.frames = call->frames;
  header.steady_frame = call->steady_frame;
  header.resets = static_cast<std::int32_t>(resets_);
  write_transport(call->transport);
  for (std::size_t p = 0; p < memory_.places.size(); ++p) {
    const PortPlace &place = memory_.places[p];
    *memory_.hints[p] = place.kind == Kind::input ? *call->hints[p] : 0;
    if (place.kind == Kind::events_in) write_events(place, *call->events[place.number]);
    if (place.kind == Kind::events_out) *memory_.event_counts[place.number] = 0;
    if (place.kind != Kind::input) continue;
    const bool is_value = place.is_parameter && (*call->hints[p] & ARR_HINT_CONSTANT) != 0;
    for (std::uint32_t c = place.first; c < place.first + place.count; ++c)
      std::memcpy(memory_.channels[c], call->channels[c], bytes_of(is_value ? 1 : call->frames));
  }
}

// What was kept comes first, at once.
void Calls::write_events(const PortPlace &place, const arr_event_list &list) {
  arr_event *out = memory_.events[place.number];
  std::vector<arr_event> &kept = kept_[place.number];
  std::uint32_t count = 0;
  for (const arr_event &event : kept) out[count++] = event;
  kept.clear();
  for (std::uint32_t i = 0; i < list.count && count < most_input_events; ++i) out[count++] = list.events[i];
  *memory_.event_counts[place.number] = count;
}

void Calls::write_transport(const arr_transport *transport) {
  Header &header = *memory_.header;
  header.has_transport = transport != nullptr;
  if (!transport) return;
  header.transport = *transport;
  write_tempo(reinterpret_cast<const ShownTransport *>(transport)->tempo, transport->beat);
}

// Most maps are short and copied once; of a long one what lies around the playhead, again when that has gone far.
void Calls::write_tempo(const TempoSegments &tempo, double beat) {
  const std::size_t count = tempo.all.size();
  std::size_t first = 0;
  if (count > most_tempo_segments) {
    const std::size_t here = tempo.at(beat), quarter = most_tempo_segments / 4;
    const bool is_near = here >= tempo_first_ + quarter && here < tempo_first_ + 3 * quarter;
    first = is_near ? tempo_first_ : std::min(here - std::min(here, 2 * quarter), count - most_tempo_segments);
  }
  if (tempo.serial == tempo_serial_ && first == tempo_first_) return;
  tempo_serial_ = tempo.serial;
  tempo_first_ = first;
  Header &header = *memory_.header;
  header.sample_rate = tempo.sample_rate;
  header.tempo_serial = tempo.serial;
  header.tempo_count = std::min(count, most_tempo_segments);
  std::copy_n(tempo.all.data() + first, header.tempo_count, memory_.tempo);
}

// The process is to run by what this thread runs by. Asked once, of a system call that waits for nothing: the threads of a
// device have the same.
void Calls::take_priority() {
  has_priority_ = true;
  const RealTimeException named;
  memory_.header->priority = priority_of_thread();
}

arr_process_status Calls::read(const arr_process *call) {
  for (std::size_t p = 0; p < memory_.places.size(); ++p) {
    const PortPlace &place = memory_.places[p];
    if (place.kind == Kind::output) {
      *call->hints[p] = *memory_.hints[p] & silent;
      for (std::uint32_t c = place.first; c < place.first + place.count; ++c)
        std::memcpy(call->channels[c], memory_.channels[c], bytes_of(call->frames));
    } else if (place.kind == Kind::monitor) {
      const std::uint32_t shown = std::min(*memory_.value_counts[place.number], place.values);
      *call->value_counts[place.number] = shown;
      std::copy_n(memory_.channels[place.first], place.values == 1 ? 1 : shown, call->channels[place.first]);
    }
  }
  read_events(call, false);
  const arr_process_status status = memory_.header->status;
  return status >= ARR_PROCESS_CONTINUE && status <= ARR_PROCESS_SLEEP ? status : ARR_PROCESS_ERROR;
}

// Of a call that was given up its sound is lost, but not its events.
void Calls::read_events(const arr_process *call, bool is_late) {
  for (const PortPlace &place : memory_.places) {
    if (place.kind != Kind::events_out) continue;
    const std::uint32_t count = std::min(*memory_.event_counts[place.number], most_output_events);
    arr_event_list *list = call->events[place.number];
    for (std::uint32_t i = 0; i < count; ++i) {
      arr_event event = memory_.events[place.number][i];
      if (is_late) event.frame = 0;
      list->append(list, &event);
    }
    *memory_.event_counts[place.number] = 0;
  }
}

void Calls::keep_events(const arr_process *call) {
  for (const PortPlace &place : memory_.places) {
    if (place.kind != Kind::events_in) continue;
    const arr_event_list &list = *call->events[place.number];
    std::vector<arr_event> &kept = kept_[place.number];
    for (std::uint32_t i = 0; i < list.count && kept.size() < kept.capacity(); ++i) {
      kept.push_back(list.events[i]);
      kept.back().frame = 0;
    }
  }
}

// A node that was called when others had used up the block's time is silent too, but that is not its fault.
arr_process_status Calls::give_up(const arr_process *call, const BlockLimit &limit, bool is_own) {
  if (limit.block == 0) return fail(call, Failure::late);
  is_late_ = true;
  late_since_ = Clock::now();
  late_block_ = limit.block;
  if (!is_own || late_calls_.back() == limit.block) return miss(call, limit);
  std::shift_left(late_calls_.begin(), late_calls_.end(), 1);
  late_calls_.back() = limit.block;
  const bool is_fault = late_calls_.front() != 0 && limit.block - late_calls_.front() < late_blocks;
  return is_fault ? fail(call, Failure::late) : miss(call, limit);
}

// While an earlier call is in progress nobody waits, so that a node that hangs takes no time from the others.
arr_process_status Calls::pass_over(const arr_process *call, const BlockLimit &limit) {
  keep_events(call);
  const bool hangs = limit.block - late_block_ >= hang_blocks && Clock::now() - late_since_ >= hang_limit;
  return hangs ? fail(call, Failure::late) : miss(call, limit);
}

arr_process_status Calls::miss(const arr_process *call, const BlockLimit &limit) {
  silence(call);
  if (missed_block_ != limit.block) misses_.fetch_add(1, std::memory_order_relaxed);
  missed_block_ = limit.block;
  return ARR_PROCESS_CONTINUE;
}

arr_process_status Calls::fail(const arr_process *call, Failure failure) {
  Failure none = Failure::none;
  failure_.compare_exchange_strong(none, failure);
  silence(call);
  return process_failed;
}

void Calls::silence(const arr_process *call) const {
  for (std::size_t p = 0; p < memory_.places.size(); ++p) {
    const PortPlace &place = memory_.places[p];
    if (place.kind != Kind::output) continue;
    *call->hints[p] |= silent;
    for (std::uint32_t c = place.first; c < place.first + place.count; ++c)
      std::memset(call->channels[c], 0, bytes_of(call->frames));
  }
}

}  // namespace arranger::isolated
