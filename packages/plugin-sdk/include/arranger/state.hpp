// SPDX-License-Identifier: MIT
// State: what a plugin remembers beside its parameters and config values, by keys. Saved with a session and carried over
// when the library is replaced.
#pragma once

#include <arranger/plugin.h>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace arranger {

// Plain values: state holds their bytes as they lie in memory, which is the same on all systems that plugins are built for.
template <class T>
concept StateElement = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

// Takes the keys of a state: letters, digits, `_`, `.` and `-`, each once. [control]
class StateWriter {
 public:
  explicit StateWriter(arr_state_writer &writer) : writer_(writer) {}

  // A number, a text, or plain values in a row. Text and values are copied.
  void write(const char *key, double value) { writer_.write_number(&writer_, key, value); }
  void write(const char *key, std::string_view text) {
    writer_.write_text(&writer_, key, text.data(), static_cast<std::uint32_t>(text.size()));
  }
  void write(const char *key, const char *text) { write(key, std::string_view(text)); }
  template <StateElement T>
  void write(const char *key, std::span<const T> values) {
    writer_.write_bytes(&writer_, key, reinterpret_cast<const std::uint8_t *>(values.data()),
                        static_cast<std::uint32_t>(values.size_bytes()));
  }
  template <StateElement T>
  void write(const char *key, const std::vector<T> &values) {
    write(key, std::span<const T>(values));
  }

 private:
  arr_state_writer &writer_;
};

// Gives the keys of a state that this or another version of the plugin has written. Every read answers whether the key is
// there, with a value of that kind; the value is left alone when it is not. [control]
class StateReader {
 public:
  explicit StateReader(const arr_state_reader &reader) : reader_(reader) {}

  // PluginInfo::version of the plugin that wrote it.
  int version() const { return reader_.version; }

  // A number, as any arithmetic type, or a text.
  bool read(const char *key, double &value) const { return reader_.read_number(&reader_, key, &value) != 0; }
  template <StateElement T>
    requires(!std::same_as<T, double>)
  bool read(const char *key, T &value) const {
    double number = 0;
    if (!read(key, number)) return false;
    value = static_cast<T>(number);
    return true;
  }
  bool read(const char *key, std::string &text) const {
    const char *data = nullptr;
    std::uint32_t length = 0;
    if (reader_.read_text(&reader_, key, &data, &length) == 0) return false;
    text.assign(data, length);
    return true;
  }
  // False also where the bytes are no whole number of values.
  template <StateElement T>
  bool read(const char *key, std::vector<T> &values) const {
    const std::uint8_t *data = nullptr;
    std::uint32_t length = 0;
    if (reader_.read_bytes(&reader_, key, &data, &length) == 0 || length % sizeof(T) != 0) return false;
    values.resize(length / sizeof(T));
    if (length > 0) std::memcpy(values.data(), data, length);
    return true;
  }

 private:
  const arr_state_reader &reader_;
};

}  // namespace arranger
