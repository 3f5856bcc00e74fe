// SPDX-License-Identifier: MIT
// JSON to values, strictly: a wrong type, a value out of range or an unknown field is an error that says where it is, what
// was expected, what came, and what may have been meant.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/error.hpp"
#include "base/format.hpp"
#include "base/json_pointer.hpp"
#include "base/nearest.hpp"
#include "control/attachments.hpp"
#include "control/fields.hpp"

namespace arranger::json {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

// Where in the request a value stands. Lives on the stack; becomes text only in an error.
struct Path {
  const Path *parent = nullptr;
  std::string_view key = {};
  std::int64_t index = -1;
  std::string_view base = {};      // of a root that stands within a request
  Attachments attachments = {};    // of a root: those of the request
  std::string_view left_out = {};  // of a root: a field that may be missing, since it comes later

  // A JSON Pointer (RFC 6901).
  std::string text() const {
    if (!parent) return std::string(base);
    std::string out = parent->text() + '/';
    if (index >= 0) return out + std::to_string(index);
    return out + pointer_token(key);
  }
  std::string_view name() const { return index >= 0 && parent ? parent->name() : key.empty() ? "the request" : key; }
};

std::string_view kind_of(const Element &element);  // "a number", "a string", …

inline std::unexpected<Error> mismatch(const Path &path, std::string_view expected, const Element &element) {
  return fail(Code::type_mismatch,
              format("Expected {} to be {} but received {}", path.name(), expected, kind_of(element)), path.text());
}

template <class T>
std::unexpected<Error> unknown_field(std::string_view key, const Path &path) {
  std::vector<std::string_view> names;
  std::apply([&](const auto &...field) { (names.push_back(field.name), ...); }, Fields<T>::get());
  const Path here{&path, key};
  return fail(Code::invalid_request, format("Unknown field '{}' in {}{}", key, path.name(), nearest_hint(key, names)),
              here.text());
}

inline std::unexpected<Error> missing_field(std::string_view name, const Path &path) {
  const Path here{&path, name};
  return fail(Code::invalid_request, format("Expected the field '{}' but it is missing", name), here.text());
}

inline std::unexpected<Error> given_twice(std::string_view key, const Path &path) {
  const Path here{&path, key};
  return fail(Code::invalid_request, format("Expected the field '{}' once but it is given again", key), here.text());
}

// Names and paths go to C, where a NUL would end them.
inline Result<void> check_text(std::string_view text, const Path &path) {
  if (text.find('\0') == std::string_view::npos) return {};
  return fail(Code::invalid_request, format("Expected {} without NUL characters but it has one", path.name()),
              path.text());
}

inline Result<void> check_range(double value, const Path &path, const FieldOptions &options) {
  if (value >= options.min && value <= options.max) return {};
  const auto message =
      std::isinf(options.max)
          ? format("Expected {} of at least {} but received {}", path.name(), options.min, value)
          : format("Expected {} between {} and {} but received {}", path.name(), options.min, options.max, value);
  return fail(Code::out_of_range, message, path.text());
}

template <class T>
Result<void> read(const Element &element, T &out, const Path &path, const FieldOptions &options = {});

template <class T>
Result<void> take_number(double value, T &out, const Path &path, const FieldOptions &options) {
  if constexpr (is_optional<T>) return take_number(value, out.emplace(), path, options);
  else if constexpr (std::is_integral_v<T>) {
    if (value != std::floor(value))
      return fail(Code::type_mismatch, format("Expected {} to be a whole number but received {}", path.name(), value),
                  path.text());
    constexpr double limit = 9007199254740992.0;  // 2^53: beyond it a double is no exact integer
    const double lowest = std::max(options.min, std::max(-limit, static_cast<double>(std::numeric_limits<T>::min())));
    const double highest = std::min(options.max, std::min(limit, static_cast<double>(std::numeric_limits<T>::max())));
    if (auto done = check_range(value, path, {.min = lowest, .max = highest}); !done) return done;
  } else if (auto done = check_range(value, path, options); !done) {
    return done;
  }
  if constexpr (!is_optional<T>) out = static_cast<T>(value);
  return {};
}

template <class T>
Result<void> read_number(const Element &element, T &out, const Path &path, const FieldOptions &options) {
  double value = 0;
  if (element.get_double().get(value) != simdjson::SUCCESS)
    return mismatch(path, std::is_integral_v<T> ? "a whole number" : "a number", element);
  return take_number(value, out, path, options);
}

// {"attachment":0}: one of the arrays beside the request.
Result<Attachment> read_attachment(const Element &element, const Path &path);

// `others` says what else there may be, as in "a number or ".
template <class E>
Result<void> read_word(const Element &element, E &out, const Path &path, std::string_view others = {}) {
  std::string_view word;
  std::string number;
  const auto &words = Words<E>::all;
  if (std::int64_t value = 0; std::ranges::any_of(words, is_whole_number, [](auto &entry) { return entry.second; }) &&
                              element.get_int64().get(value) == simdjson::SUCCESS)
    word = number = std::to_string(value);
  else if (element.get_string().get(word) != simdjson::SUCCESS)
    return mismatch(path, others.empty() ? "a string" : format("{}a string", others), element);
  for (const auto &[value, name] : words) {
    if (name != word) continue;
    out = value;
    return {};
  }
  std::string all;
  std::vector<std::string_view> known;
  for (const auto &[value, name] : words) {
    known.push_back(name);
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  return fail(Code::out_of_range,
              format("Expected {} to be {}one of {} but received '{}'{}", path.name(), others, all, word,
                     nearest_hint(word, known)),
              path.text());
}

Result<void> read_values(const Element &element, Values &out, const Path &path);

// Reads the field that has this name, of those from `first` on, and answers its place; as many as there are: none has it.
template <class T, std::size_t... I>
std::size_t read_named(std::string_view key, const Element &element, T &out, const Path &path, std::size_t first,
                       Result<void> &result, std::index_sequence<I...>) {
  [[maybe_unused]] static constexpr auto fields = Fields<T>::get();
  std::size_t place = sizeof...(I);
  [[maybe_unused]] const auto is_it = [&]<std::size_t i>() {
    static constexpr auto &field = std::get<i>(fields);
    constexpr std::size_t size = field.name.size();  // known here, so that a few comparisons of words do
    if (i < first || key.size() != size || std::memcmp(key.data(), field.name.data(), size) != 0) return false;
    const Path here{&path, key};
    result = read(element, out.*field.member, here, field.options);
    place = i;
    return true;
  };
  (void)(is_it.template operator()<I>() || ...);
  return place;
}

template <class T>
Result<void> read_record(const Element &element, T &out, const Path &path) {
  Object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return mismatch(path, "an object", element);
  constexpr auto fields = Fields<T>::get();
  constexpr std::size_t count = std::tuple_size_v<decltype(fields)>;
  constexpr std::make_index_sequence<count> all;
  std::array<bool, count + 2> seen{};  // by field, then cmd and id
  std::size_t next = 0;                // most often they come as they are declared
  for (const auto [key, value] : object) {
    Result<void> result;
    std::size_t place = read_named(key, value, out, path, next, result, all);
    if (place == count && next > 0) place = read_named(key, value, out, path, 0, result, all);
    bool twice = false;
    if (place < count) {
      twice = std::exchange(seen[place], true);
      next = place + 1;
    } else {
      const bool is_envelope = !path.parent && (key == "cmd" || key == "id");
      if constexpr (Open<T>) {
        result = out.read_unknown(key, value, path);
      } else if (is_envelope) {
        twice = std::exchange(seen[count + (key == "id")], true);
      } else {
        return unknown_field<T>(key, path);
      }
    }
    if (!result) return result;
    if (twice) return given_twice(key, path);
  }
  std::size_t index = 0;
  std::string_view missing;
  std::apply(
      [&](const auto &...field) {
        ((field.options.required && !seen[index] && missing.empty() && field.name != path.left_out
              ? void(missing = field.name)
              : void(),
          ++index),
         ...);
      },
      fields);
  if (missing.empty()) return {};
  return missing_field(missing, path);
}

template <class T>
Result<void> read(const Element &element, T &out, const Path &path, const FieldOptions &options) {
  if constexpr (is_optional<T>) {
    if (element.is_null()) {
      out.reset();
      return {};
    }
    return read(element, out.emplace(), path, options);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (element.get_bool().get(out) != simdjson::SUCCESS) return mismatch(path, "true or false", element);
    return {};
  } else if constexpr (std::is_arithmetic_v<T>) {
    return read_number(element, out, path, options);
  } else if constexpr (is_number_or_word<T>) {
    if (element.is_number()) return read_number(element, out.template emplace<0>(), path, options);
    return read_word(element, out.template emplace<1>(), path, "a number or ");
  } else if constexpr (std::is_same_v<T, std::string>) {
    std::string_view text;
    if (element.get_string().get(text) != simdjson::SUCCESS) return mismatch(path, "a string", element);
    out = text;
    return check_text(text, path);
  } else if constexpr (std::is_same_v<T, Raw>) {
    out.text = simdjson::minify(element);
    return {};
  } else if constexpr (std::is_same_v<T, Values>) {
    return read_values(element, out, path);
  } else if constexpr (std::is_enum_v<T>) {
    return read_word(element, out, path);
  } else if constexpr (is_items<T> || is_columns<T>) {
    return out.read_from(element, path);
  } else if constexpr (is_vector<T>) {
    simdjson::dom::array array;
    if (element.get_array().get(array) != simdjson::SUCCESS) return mismatch(path, "an array", element);
    out.reserve(array.size());
    std::int64_t index = 0;
    for (const Element item : array) {
      const Path here{&path, {}, index++};
      if (auto done = read(item, out.emplace_back(), here, options); !done) return done;
    }
    return {};
  } else {
    return read_record(element, out, path);
  }
}

}  // namespace arranger::json
