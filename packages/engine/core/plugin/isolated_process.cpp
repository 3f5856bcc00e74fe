// SPDX-License-Identifier: MIT
#include "plugin/isolated_process.hpp"

#include <algorithm>

#include "base/denormals.hpp"
#include "base/priority.hpp"
#include "base/thread.hpp"

#if defined(__linux__)
#include <sched.h>
#endif

namespace arranger::isolated {

// It lives as long as the process.
Result<void> Process::start(Instance &instance, bool is_live, SharedMemory &shared, SharedSignal::Handle request,
                            SharedSignal::Handle done) {
  auto *process = new Process(instance);
  auto mapped = shared.map(process->memory_.bytes());
  if (!mapped) return std::unexpected(std::move(mapped.error()));
  process->memory_.attach(*mapped);
  process->request_ = SharedSignal(process->memory_.header->request, request);
  process->done_ = SharedSignal(process->memory_.header->done, done);
  process->lay_out();
  std::thread thread = start_thread([process, is_live] { process->run(is_live); });
  if (!thread.joinable()) return fail(Code::busy, "Expected a thread from the system but it gave none");
  thread.detach();
  return {};
}

void Process::lay_out() {
  lists_.resize(memory_.events.size());
  for (const PortPlace &place : memory_.places) {
    if (place.kind != PortPlace::Kind::events_in && place.kind != PortPlace::Kind::events_out) continue;
    List &list = lists_[place.number];
    list.struct_size = sizeof(arr_event_list);
    list.stride = sizeof(arr_event);
    list.events = list.storage = memory_.events[place.number];
    list.append = place.kind == PortPlace::Kind::events_out ? append : nullptr;
    events_.push_back(&list);
  }
  call_.struct_size = sizeof call_;
  call_.channels = memory_.channels.data();
  call_.hints = memory_.hints.data();
  call_.events = events_.data();
  call_.value_counts = memory_.value_counts.data();
}

std::int32_t Process::append(arr_event_list *list, const arr_event *event) {
  if (list->count == most_output_events) return 0;
  static_cast<List *>(list)->storage[list->count++] = *event;
  return 1;
}

void Process::run(bool is_live) {
  if (is_live) ask_for_priority();
  const FlushDenormals guard;
  for (std::uint32_t number = 0;;) {
    number = request_.wait(number, SharedSignal::Clock::time_point::max(), {});
    call();
    done_.set(number);
  }
}

void Process::call() {
  Header &header = *memory_.header;
  if (header.priority != priority_) take_priority(priority_ = header.priority);
  if (header.resets != resets_) reset();
  call_.frames = header.frames;
  call_.steady_frame = header.steady_frame;
  call_.transport = header.has_transport != 0 ? &transport_.shown : nullptr;
  transport_.shown = header.transport;
  transport_.shown.frame_of_beat = frame_of_beat;
  transport_.tempo = {{memory_.tempo, header.tempo_count}, header.sample_rate, header.tempo_serial};
  for (std::size_t i = 0; i < lists_.size(); ++i) lists_[i].count = *memory_.event_counts[i];
  header.status = plugin_.process(&plugin_, &call_);
  for (std::size_t i = 0; i < lists_.size(); ++i) *memory_.event_counts[i] = lists_[i].count;
}

void Process::reset() {
  resets_ = memory_.header->resets;
  plugin_.reset(&plugin_);
  for (const PortPlace &place : memory_.places) {
    if (place.kind != PortPlace::Kind::monitor) continue;
    std::fill_n(memory_.channels[place.first], place.values, 0.0f);
    *memory_.value_counts[place.number] = 0;
  }
}

}  // namespace arranger::isolated
