// SPDX-License-Identifier: MIT
// An instance of a plugin in a process of its own, arranger-isolate: to whoever processes it an arr_plugin like others. What
// the plugin does there it does to that process.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/companion.hpp"
#include "base/error.hpp"
#include "base/thread.hpp"
#include "plugin/instance.hpp"
#include "plugin/isolated_calls.hpp"
#include "plugin/isolated_messages.hpp"

namespace arranger {

class IsolatedPlugin : private arr_plugin {
 public:
  // Of each [control] function; who does not return within it is given up.
  static constexpr std::chrono::seconds control_limit{10};

  // Starts the process, loads the library's file there, creates and configures. Errors: plugin_failed, plugin_crashed,
  // plugin_timeout, plugin_load_failed (also when the file is another one by now), plugin_probe_unavailable (there is no
  // arranger-isolate). [control]
  static Result<std::unique_ptr<IsolatedPlugin>> create(std::shared_ptr<const PluginEntry> entry,
                                                        std::span<const ConfigSetting> config);
  ~IsolatedPlugin();
  IsolatedPlugin(const IsolatedPlugin &) = delete;
  IsolatedPlugin &operator=(const IsolatedPlugin &) = delete;

  // For everything but what follows.
  arr_plugin &plugin() { return *this; }
  const std::vector<Port> &ports() const { return created_.ports; }
  // Errors: as create, and io_error. [control]
  Result<void> activate(arr_activation &activation);

  // It does not play any more, and only a new one will. Any thread, real-time safe.
  bool has_failed() const;
  // Why: plugin_crashed or plugin_timeout; nothing while it plays. [control]
  std::optional<Error> failure() const;
  // Ends a process that has failed: one that hangs would use up the processor. [control]
  void give_up() { process_->kill(); }
  // Those that there are in this process. Any thread.
  static std::size_t count();
  // Asks for the state, which `save` gives when the process is gone. [control]
  void remember();
  // Blocks that it was too late for. Any thread.
  std::uint64_t misses() const { return calls_ ? calls_->misses() : 0; }

 private:
  explicit IsolatedPlugin(std::shared_ptr<const PluginEntry> entry);
  Result<void> start(std::span<const ConfigSetting> config);
  // Sends, and waits for the reply; while the plugin loads, its state is read from `reader`. `function` is for people.
  Result<std::string> ask(const isolated::Pack &message, const char *function,
                          const arr_state_reader *reader = nullptr);
  Result<std::string> exchange(const isolated::Pack &message, Channel::State &state, const arr_state_reader *reader);
  // What a reader has under a key, kept as what the plugin remembers.
  isolated::Pack answer(const arr_state_reader &reader, const isolated::StateKey &key);
  Error lost(const char *function, Channel::State state) const;
  const std::vector<isolated::PointNames> &points(const char *port);
  arr_status ask_state();  // into saved_
  void end();

  static arr_status save(arr_plugin *plugin, arr_state_writer *writer);
  static arr_status load(arr_plugin *plugin, const arr_state_reader *reader);
  static std::uint32_t point_count(arr_plugin *plugin, const char *port);
  static const arr_curve_point *point(arr_plugin *plugin, const char *port, std::uint32_t index);
  static arr_status evaluate(arr_plugin *plugin, const char *port, const double *values, std::uint32_t value_count,
                             double sample_rate, const double *x, double *y, std::uint32_t count);
  static const void *extension(arr_plugin *plugin, const char *id);
  static IsolatedPlugin &of(arr_plugin *plugin) { return *static_cast<IsolatedPlugin *>(plugin); }
  static const arr_state state_extension;
  static const arr_curve curve_extension;

  std::shared_ptr<const PluginEntry> entry_;
  isolated::Created created_;
  SharedMemory memory_;
  SignalEvent request_event_, done_event_;
  std::unique_ptr<isolated::Calls> calls_;
  mutable Mutex mutex_;                                              // one question at a time
  std::vector<isolated::StateRecord> saved_;                         // the state as it was known last
  std::map<std::string, std::vector<isolated::PointNames>> points_;  // by port
  arr_curve_point shown_point_{};
  std::atomic<bool> is_cut_off_ = false;  // a control function did not return
  std::optional<Error> cut_off_;          // from which one
  std::unique_ptr<Companion> process_;    // ends before what it calls
};

// $ARRANGER_ISOLATE, else arranger-isolate beside this module. Any thread.
std::filesystem::path isolate_path();

}  // namespace arranger
