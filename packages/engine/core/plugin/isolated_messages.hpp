// SPDX-License-Identifier: MIT
// What an engine and the process of an isolated plugin say to each other beside the calls of process. Both are of one build,
// so values cross as they lie in memory; what comes from a process that has run strangers' code is checked all the same.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "plugin/instance.hpp"

namespace arranger::isolated {

// What stands first in each message; the fields of a message follow, as listed below.
enum class Kind : std::uint8_t {
  create,          // Create → created: Created
  activate,        // Activate → activated: Activated
  save_state,      // → state: StatusReply, then records
  load_state,      // LoadState → any number of ask_key, then status: StatusReply
  curve_points,    // Text → points: StatusReply, then names
  curve_response,  // Response → response: StatusReply, then numbers
  leave,           // the child destroys the instance and ends
  reply,
  ask_key,  // StateKey → reply: found, StateRecord
  refused,  // in place of a reply: Refused
};

class Pack {
 public:
  explicit Pack(Kind kind) { (*this)(kind); }
  template <class... T>
  Pack &operator()(const T &...values) {
    (add(values), ...);
    return *this;
  }
  const std::string &bytes() const { return bytes_; }

 private:
  template <class T>
  void add(const T &value) {
    if constexpr (std::is_trivially_copyable_v<T>) bytes_.append(reinterpret_cast<const char *>(&value), sizeof value);
    else fields(*this, value);
  }
  void add(const std::string &text) {
    add(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <class T>
  void add(const std::vector<T> &values) {
    add(static_cast<std::uint32_t>(values.size()));
    for (const T &value : values) add(value);
  }
  void add(const ConfigValue &value) {
    const auto *text = std::get_if<std::string>(&value);
    add(text != nullptr);
    if (text) add(*text);
    else add(std::get<double>(value));
  }

  std::string bytes_;
};

// Reads in the same order. What is not there leaves the rest as it is, and is_good() false.
class Unpack {
 public:
  explicit Unpack(std::string_view bytes) : rest_(bytes) {}
  template <class... T>
  Unpack &operator()(T &...values) {
    (take(values), ...);
    return *this;
  }
  bool is_good() const { return good_; }

 private:
  template <class T>
  void take(T &value) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      if (!has(sizeof value)) return;
      std::memcpy(static_cast<void *>(&value), rest_.data(), sizeof value);
      rest_.remove_prefix(sizeof value);
    } else {
      fields(*this, value);
    }
  }
  void take(std::string &text) {
    std::uint32_t length = 0;
    take(length);
    if (!has(length)) return;
    text.assign(rest_.substr(0, length));
    rest_.remove_prefix(length);
  }
  template <class T>
  void take(std::vector<T> &values) {
    std::uint32_t count = 0;
    take(count);
    if (!has(count)) return;  // each takes a byte or more
    values.resize(count);
    for (T &value : values) take(value);
  }
  void take(ConfigValue &value) {
    bool is_text = false;
    take(is_text);
    if (is_text) take(value.emplace<std::string>());
    else take(value.emplace<double>());
  }
  bool has(std::size_t count) {
    good_ = good_ && count <= rest_.size();
    return good_;
  }

  std::string_view rest_;
  bool good_ = true;
};

// Each message's fields once, for both directions.
template <class Archive, class Setting>
  requires std::is_same_v<std::remove_const_t<Setting>, ConfigSetting>
void fields(Archive &archive, Setting &setting) {
  archive(setting.id, setting.value);
}

template <class Archive, class P>
  requires std::is_same_v<std::remove_const_t<P>, Port>
void fields(Archive &archive, P &port) {
  archive(port.id, port.display_name, port.doc, port.group, port.type, port.role, port.channel_count, port.hint,
          port.unit, port.taper, port.graph_type, port.default_value, port.min, port.max, port.step, port.smoothing_ms,
          port.choices, port.flags, port.show_port_default, port.since_version, port.delay_frames, port.value_count);
}

// A message derives from this and lists its fields.
struct Message {};
template <class Archive, class M>
  requires std::is_base_of_v<Message, M>
void fields(Archive &archive, M &message) {
  std::remove_const_t<M>::each(message, archive);
}

struct Create : Message {
  std::string engine_version, library_path, plugin_id;
  std::uint64_t library_hash = 0;
  std::vector<ConfigSetting> config;
  static void each(auto &m, auto &archive) {
    archive(m.engine_version, m.library_path, m.plugin_id, m.library_hash, m.config);
  }
};

struct Created : Message {
  std::vector<Port> ports;
  bool has_state = false, has_curve = false;
  static void each(auto &m, auto &archive) { archive(m.ports, m.has_state, m.has_curve); }
};

struct Activate {
  double sample_rate = 0;
  std::int32_t max_frames = 0;
  bool offline = false;
  std::uint64_t seed = 0;
  std::int32_t input_delay = 0;
};

struct Activated {
  std::int32_t latency_frames = 0;
  std::int64_t tail_frames = 0;
};

struct StatusReply : Message {
  arr_status status = ARR_STATUS_OK;
  std::string reason;
  static void each(auto &m, auto &archive) { archive(m.status, m.reason); }
};

enum class StateType : std::uint8_t { number, text, bytes };

struct StateKey : Message {
  StateType type = StateType::number;
  std::string key;
  static void each(auto &m, auto &archive) { archive(m.type, m.key); }
};

struct StateRecord : StateKey {
  double number = 0;
  std::string data;
  static void each(auto &m, auto &archive) { archive(m.type, m.key, m.number, m.data); }
};

struct Response : Message {
  std::string port;
  std::vector<double> values, x;
  double sample_rate = 0;
  static void each(auto &m, auto &archive) { archive(m.port, m.values, m.x, m.sample_rate); }
};

// The parameters of a point of a curve; empty where it has none.
struct PointNames : Message {
  std::string enabled, kind, x, y, width;
  static void each(auto &m, auto &archive) { archive(m.enabled, m.kind, m.x, m.y, m.width); }
};

struct Refused : Message {
  Code code = Code::plugin_failed;
  std::string message;
  static void each(auto &m, auto &archive) { archive(m.code, m.message); }
};

}  // namespace arranger::isolated
