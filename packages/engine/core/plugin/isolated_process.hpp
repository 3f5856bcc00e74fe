// SPDX-License-Identifier: MIT
// The plugin's side of the calls of process: in arranger-isolate.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "base/shared_memory.hpp"
#include "base/shared_signal.hpp"
#include "plugin/instance.hpp"
#include "plugin/isolated_memory.hpp"
#include "plugin/shown_transport.hpp"

namespace arranger::isolated {

class Process {
 public:
  // Of an active instance, for ever; `is_live`: before other threads. Error: io_error, busy.
  static Result<void> start(Instance &instance, bool is_live, SharedMemory &shared, SharedSignal::Handle request,
                            SharedSignal::Handle done);

 private:
  // An event output's list, whose events go into the shared memory.
  struct List : arr_event_list {
    arr_event *storage;
  };

  Process(Instance &instance) : plugin_(instance.plugin()), memory_(instance.ports(), instance.max_frames()) {}
  static std::int32_t append(arr_event_list *list, const arr_event *event);
  void lay_out();
  void run(bool is_live);
  void call();
  void reset();

  arr_plugin &plugin_;
  Memory memory_;
  SharedSignal request_, done_;
  std::vector<List> lists_;
  std::vector<arr_event_list *> events_;
  arr_process call_{};
  ShownTransport transport_;
  std::int32_t resets_ = 0;
  Priority priority_;
};

}  // namespace arranger::isolated
