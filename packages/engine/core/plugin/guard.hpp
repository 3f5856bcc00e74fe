// SPDX-License-Identifier: MIT
// Calls into plugin code that is allowed to fail, on control threads: what a plain C++ plugin throws ends in guard.cpp, which
// has exceptions, and becomes an error. Process has a guard of its own, graph/run_steps.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arranger/plugin.h"
#include "base/error.hpp"
#include "plugin/state.hpp"

namespace arranger::guard {

using Entry = arr_status (*)(arr_registry *);

// All functions: [control]. `who` is the plugin's or library's name and begins the message, which goes on with what the
// plugin reported, what it threw, or its status: "test.synth failed in activate: out of memory".
// Error: plugin_load_failed of register_plugin, plugin_failed of the others.
Result<void> register_plugin(Entry entry, arr_registry &registry, std::string_view who);
// The instance is checked to have every function that the ABI requires; a faulty one is destroyed and refused.
Result<arr_plugin *> create(const arr_factory &factory, const arr_host &host, std::string_view who);
Result<void> configure(arr_plugin &plugin, const char *id, const arr_config_value &value, std::string_view who);
// The instance's own ports, valid until its next configure; an empty span with a null pointer when it has no ports
// function and those of the descriptor hold.
Result<std::span<const arr_port *const>> ports(arr_plugin &plugin, std::string_view who);
Result<void> activate(arr_plugin &plugin, arr_activation &activation, std::string_view who);
Result<void> deactivate(arr_plugin &plugin, std::string_view who);
// Off the audio thread only.
Result<void> reset(arr_plugin &plugin, std::string_view who);
Result<void> destroy(arr_plugin &plugin, std::string_view who);
// The parameters of each point of a curve, empty where a point has none; and the curve at every x. `port` is a graph editor.
// Errors: plugin_failed, also where the plugin has no curve there.
struct CurveParams {
  std::string enabled, kind, x, y, width;
};
Result<std::vector<CurveParams>> curve_points(arr_plugin &plugin, const char *port, std::string_view who);
Result<std::vector<double>> curve_response(arr_plugin &plugin, const char *port, std::span<const double> values,
                                           double sample_rate, std::span<const double> x, std::string_view who);
// The keys of a plugin's state; none where it keeps none. Also while process runs. Errors: plugin_failed, also for a key that
// is none, or is written twice.
Result<std::vector<StateEntry>> save_state(arr_plugin &plugin, std::string_view who);
// After activate, before the first process. The positions of the entries that it did not read.
Result<std::vector<std::size_t>> load_state(arr_plugin &plugin, const PluginState &state, std::string_view who);
// What a plugin's snapshots are. After activate, before the first process; `functions` is null where there are none.
struct SnapshotShape {
  const arr_snapshot *functions = nullptr;
  std::uint64_t layout = 0, size = 0;
};
SnapshotShape snapshot_shape(arr_plugin &plugin);
// The calls that have been inside for longer than this and were not told yet: "test.synth does not return from activate".
// Any thread but [audio].
std::vector<std::string> overdue(std::chrono::milliseconds limit);
// NULL when the plugin has none or throws.
const void *get_extension(arr_plugin &plugin, const char *id);

}  // namespace arranger::guard
