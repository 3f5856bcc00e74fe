// SPDX-License-Identifier: MIT
#include "base/error.hpp"

#include <array>
#include <cstddef>

namespace arranger {
namespace {

// In the order of the enum, which the static assertion below holds.
constexpr std::array catalogue = {
    CodeInfo{Code::unknown_command, "unknown_command", "The request names a command that this engine does not have.",
             "Use a name that describe lists; the message gives the nearest one."},
    CodeInfo{Code::invalid_json, "invalid_json", "The request is not well-formed JSON.",
             "Correct the text; the message says what the parser did not understand."},
    CodeInfo{Code::invalid_request, "invalid_request",
             "A field of the request is missing, unknown, or holds something that no value of its kind can be.",
             "Compare the field that path points to with the command's schema in describe."},
    CodeInfo{Code::out_of_range, "out_of_range",
             "A number lies outside the range of its field, or a word is none of those that the field knows.",
             "Send a value that the message allows."},
    CodeInfo{Code::type_mismatch, "type_mismatch",
             "A value has another type than its field, or a connection joins ports of different types.",
             "Send the type that the message expects, or connect ports of one type."},
    CodeInfo{Code::unknown_node, "unknown_node", "The graph has no node with this id.",
             "Use an id of the current graph, or add the node first."},
    CodeInfo{Code::unknown_port, "unknown_port", "The node has no port with this id.",
             "Use a port id from the descriptor of the node's plugin."},
    CodeInfo{Code::unknown_param, "unknown_param", "The node has no parameter or config parameter with this id.",
             "Use an id from the descriptor of the node's plugin; the message gives the nearest one."},
    CodeInfo{Code::unknown_plugin, "unknown_plugin", "No loaded library has a plugin with this id.",
             "Load the library that brings it, or use an id that list_registered_plugins gives."},
    CodeInfo{
        Code::duplicate_id, "duplicate_id", "The id is taken already.",
        "Choose another id; for a plugin, load the library with replace if it is meant to take the other's place."},
    CodeInfo{Code::duplicate_connection, "duplicate_connection", "A control input has two sources of mode set.",
             "Leave it one, and give the others mode add."},
    CodeInfo{Code::cycle, "cycle",
             "The connections form a cycle in which no port declares a delay of 64 frames or more.",
             "Remove a connection of the cycle, or put a node with such a delay into it."},
    CodeInfo{Code::no_master, "no_master", "The graph has nodes but none that is its output.",
             "Give one node the id \"mixer\" or the type \"output\"."},
    CodeInfo{Code::needs_set_graph, "needs_set_graph", "The change would give a node other ports than it has.",
             "Send set_graph with the changed node."},
    CodeInfo{Code::nothing_to_render, "nothing_to_render", "There is no graph, or the range to render is empty.",
             "Send set_graph and a schedule first, or give the render a length."},
    CodeInfo{Code::cancelled, "cancelled", "The work was stopped by a cancel request.",
             "Start it again if it is still wanted."},
    CodeInfo{Code::io_error, "io_error", "A file could not be read or written.",
             "Check the path, the rights and the free space; the message has the system's reason."},
    CodeInfo{Code::busy, "busy", "A queue is full, or something that can be done once at a time is being done.",
             "Send the command again a little later."},
    CodeInfo{Code::device_unavailable, "device_unavailable",
             "There is no such audio device, or another program has it, or it does not support the format.",
             "Choose a device that list_devices gives, or play without one."},
    CodeInfo{Code::plugin_load_failed, "plugin_load_failed",
             "The file is not a plugin library that can be opened, or its plugins are described wrongly.",
             "The message names what is wrong; rebuild the library and check it with arranger validate."},
    CodeInfo{Code::plugin_abi_mismatch, "plugin_abi_mismatch",
             "The library was built for another major version of the plugin ABI.",
             "Rebuild it with the SDK of the version that the message names, or update the engine."},
    CodeInfo{Code::plugin_crashed, "plugin_crashed",
             "The library crashed while it was probed in a child process, or an isolated plugin's process has ended.",
             "Report it to the plugin's author; the message names the signal and the function."},
    CodeInfo{Code::plugin_timeout, "plugin_timeout",
             "The library or an isolated plugin did not return within the time limit.",
             "Report it to the plugin's author; opening and registering must not wait for anything."},
    CodeInfo{Code::plugin_probe_unavailable, "plugin_probe_unavailable",
             "The program that runs strangers' code in a child process could not be started.",
             "Put arranger-probe and arranger-isolate beside the engine or name them in ARRANGER_PROBE and "
             "ARRANGER_ISOLATE, or load a library you trust with probe off."},
    CodeInfo{Code::plugin_failed, "plugin_failed", "A plugin refused to be created, configured or activated.",
             "The message has the plugin's reason; check its config values."},
    CodeInfo{Code::message_empty, "message_empty", "A message of length 0 came.", "Send a JSON object."},
    CodeInfo{Code::message_too_large, "message_too_large", "A message is larger than the limit of 64 MiB.",
             "Split it, or pass large data as files."},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    if (static_cast<std::size_t>(catalogue[i].code) != i) return false;
  }
  return catalogue.size() == static_cast<std::size_t>(Code::message_too_large) + 1;
}
static_assert(in_order(), "every code has its entry, in the order of the enum");

}  // namespace

const CodeInfo &info(Code code) { return catalogue[static_cast<std::size_t>(code)]; }

}  // namespace arranger
