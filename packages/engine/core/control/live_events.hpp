// SPDX-License-Identifier: MIT
// Push events: what stands beside "event" in each. Sent by whoever sees it happen, described here once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "control/events.hpp"
#include "control/position.hpp"
#include "control/stats.hpp"
#include "control/write.hpp"

namespace arranger {

struct MetersEvent {
  std::vector<json::Nullable> peak_dbfs, rms_dbfs;
  std::int64_t frames = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("peak_dbfs", &MetersEvent::peak_dbfs,
                    {.doc = "Of left and right over those frames; null = silence.", .unit = "dB"}),
        json::field("rms_dbfs", &MetersEvent::rms_dbfs,
                    {.doc = "The same; a square wave of full scale has 0.", .unit = "dB"}),
        json::field("frames", &MetersEvent::frames,
                    {.doc = "All that was played since the last event, in whole blocks.", .unit = "frames"})};
  }
};

struct XrunEvent {
  std::uint64_t count = 0, total = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("count", &XrunEvent::count, {.doc = "Since the last event, or since the device was opened."}),
        json::field("total", &XrunEvent::total, {.doc = "Since the device was opened."})};
  }
};

template <>
struct json::Words<Fault> {
  static constexpr std::array<std::pair<Fault, std::string_view>, 7> all{{{Fault::error_status, "error_status"},
                                                                          {Fault::not_finite, "not_finite"},
                                                                          {Fault::out_of_bounds, "out_of_bounds"},
                                                                          {Fault::threw, "threw"},
                                                                          {Fault::crashed, "crashed"},
                                                                          {Fault::stuck, "stuck"},
                                                                          {Fault::late, "late"}}};
};

struct FaultEvent {
  std::string node_id, plugin_id;
  Fault reason = Fault::error_status;
  std::string function = "process";
  std::optional<std::string> signal = {};
  std::string message = {};
  static constexpr auto fields() {
    return std::tuple{
        json::field("node_id", &FaultEvent::node_id,
                    {.doc = "The node, which is muted until reset_node; empty when it is not known."}),
        json::field("plugin_id", &FaultEvent::plugin_id, {.doc = "Its plugin."}),
        json::field(
            "reason", &FaultEvent::reason,
            {.doc = "error_status: it said so; not_finite: it put out NaN or infinity; out_of_bounds: it "
                    "wrote past its buffers; threw: an exception; crashed: a signal; stuck: it does not "
                    "return, and the rest plays on with new instances; late: an isolated node's process was late "
                    "for 3 blocks of 100. Of an isolated node, crashed: its process has ended."}),
        json::field("function", &FaultEvent::function, {.doc = "What was called."}),
        json::field("signal", &FaultEvent::signal, {.doc = "Of a crash: its name."}),
        json::field("message", &FaultEvent::message, {.doc = "One sentence, as in the log."})};
  }
};

struct RestartedEvent {
  std::string node_id, plugin_id;
  std::int64_t restarts = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("node_id", &RestartedEvent::node_id, {.doc = "An isolated node that had failed and plays again."}),
        json::field("plugin_id", &RestartedEvent::plugin_id, {.doc = "Its plugin."}),
        json::field("restarts", &RestartedEvent::restarts,
                    {.doc = "So many within a minute; after the fifth it is left alone until reset_node."})};
  }
};

struct LibraryEvent {
  std::string library_id, path;
  std::vector<std::string> plugin_ids;
  std::int32_t generation = 1;
  static constexpr auto fields() {
    return std::tuple{
        json::field("library_id", &LibraryEvent::library_id, {.doc = "Its name among those loaded."}),
        json::field("path", &LibraryEvent::path, {.doc = "Its file."}),
        json::field("plugin_ids", &LibraryEvent::plugin_ids, {.doc = "Its plugins."}),
        json::field("generation", &LibraryEvent::generation, {.doc = "Counts the contents that this path has had."})};
  }
};

struct LibraryFailedEvent {
  std::string path, code, message;
  static constexpr auto fields() {
    return std::tuple{json::field("path", &LibraryFailedEvent::path, {.doc = "The file."}),
                      json::field("code", &LibraryFailedEvent::code, {.doc = "Error code."}),
                      json::field("message", &LibraryFailedEvent::message,
                                  {.doc = "Why it was not loaded; what was there before plays on."})};
  }
};

struct DeviceLostEvent {
  std::string name, reason;
  static constexpr auto fields() {
    return std::tuple{
        json::field("name", &DeviceLostEvent::name, {.doc = "The device that is gone; the clock goes on."}),
        json::field("reason", &DeviceLostEvent::reason, {.doc = "One sentence."})};
  }
};

struct MidiPortEvent {
  std::string name, direction;
  static constexpr auto fields() {
    return std::tuple{json::field("name", &MidiPortEvent::name, {.doc = "An open port, as open_midi was given it."}),
                      json::field("direction", &MidiPortEvent::direction, {.doc = "input or output."})};
  }
};

struct MidiLearnedEvent {
  std::string port;
  std::int32_t channel = 0, controller = 0;
  std::string node_id, param_id;
  static constexpr auto fields() {
    return std::tuple{json::field("port", &MidiLearnedEvent::port, {.doc = "The input it came from."}),
                      json::field("channel", &MidiLearnedEvent::channel, {.doc = "MIDI channel, from 0."}),
                      json::field("controller", &MidiLearnedEvent::controller, {.doc = "Its number."}),
                      json::field("node_id", &MidiLearnedEvent::node_id, {.doc = "The node that it moves now."}),
                      json::field("param_id", &MidiLearnedEvent::param_id, {.doc = "The parameter."})};
  }
};

struct DeviceFoundEvent {
  std::string name;
  static constexpr auto fields() {
    return std::tuple{json::field("name", &DeviceFoundEvent::name, {.doc = "The device that plays again."})};
  }
};

template <>
struct json::Words<LogLevel> {
  static constexpr std::array<std::pair<LogLevel, std::string_view>, 3> all{
      {{LogLevel::info, "info"}, {LogLevel::warning, "warning"}, {LogLevel::error, "error"}}};
};

struct LogEvent {
  LogLevel level = LogLevel::info;
  std::string source, message;
  static constexpr auto fields() {
    return std::tuple{
        json::field("level", &LogEvent::level, {.doc = "How bad it is."}),
        json::field("source", &LogEvent::source, {.doc = "Who says it: a plugin, a device, a port, a node."}),
        json::field("message", &LogEvent::message, {.doc = "One sentence."})};
  }
};

struct ProgressEvent {
  json::Raw id;
  double ratio = 0;
  std::int64_t frames = 0, total_frames = 0;
  static constexpr auto fields() {
    return std::tuple{
        json::field("id", &ProgressEvent::id, {.doc = "Of the render request."}),
        json::field("ratio", &ProgressEvent::ratio, {.doc = "Done, 0..1."}),
        json::field("frames", &ProgressEvent::frames, {.doc = "Done.", .unit = "frames"}),
        json::field("total_frames", &ProgressEvent::total_frames, {.doc = "To do in all.", .unit = "frames"})};
  }
};

template <class Event>
std::string event_text(std::string_view name, const Event &event) {
  std::string out = "{";
  json::ObjectWriter object(out);
  object.member("event", name);
  json::write_members(out, event, false);
  return out + '}';
}

// To all who want it, at once. Any thread.
template <class Event>
void tell(const EventHub &events, std::string_view name, const Event &event) {
  if (events.wanted(name)) events.emit(name, event_text(name, event));
}

}  // namespace arranger
