// SPDX-License-Identifier: MIT
// Text with values in it: std::format's plain {} only, for compilers whose library lacks the real one (g++ 12).
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace arranger {

namespace detail {

inline void append_value(std::string &out, std::string_view value) { out += value; }

template <class T>
  requires std::is_arithmetic_v<T>
void append_value(std::string &out, T value) {
  if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, char>) {
    out += value;
  } else {
    char buffer[32];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
  }
}

}  // namespace detail

// Replaces each {} of the pattern by the next value; numbers in their shortest exact form. Any thread.
// Named by more than its name alone: where there is a std::format, strings among the values bring that into the choice.
template <std::convertible_to<std::string_view> Pattern, class... Values>
std::string format(const Pattern &text, Values &&...values) {
  std::string_view pattern = text;
  std::string out;
  const auto next = [&](const auto &value) {
    const std::size_t at = pattern.find("{}");
    out += pattern.substr(0, at);
    detail::append_value(out, value);
    pattern.remove_prefix(at == std::string_view::npos ? pattern.size() : at + 2);
  };
  (next(values), ...);
  out += pattern;
  return out;
}

}  // namespace arranger
