// SPDX-License-Identifier: MIT
// JSON to values, strictly: a wrong type, a value out of range or an unknown field is an error that says where it is, what
// was expected, what came, and what may have been meant.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>

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

inline void put_text(std::string_view &out, std::string_view text) { out = text; }
// Made anew: unlike an assignment that is compiled into the reader.
inline void put_text(std::string &out, std::string_view text) {
  std::destroy_at(&out);
  std::construct_at(&out, text);
}

// {"attachment":0}: one of the arrays beside the request.
Result<Attachment> read_attachment(const Element &element, const Path &path);

// The value that has this word, if one has.
template <class E>
std::optional<E> value_of_word(std::string_view word) {
  static constexpr auto &words = Words<E>::all;
  std::optional<E> out;
  const auto is_it = [&]<std::size_t i>() {
    constexpr std::string_view name = words[i].second;
    if (word.size() != name.size() || std::memcmp(word.data(), name.data(), name.size()) != 0) return false;
    out = words[i].first;
    return true;
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)(is_it.template operator()<I>() || ...);
  }(std::make_index_sequence<words.size()>());
  return out;
}

// `others` says what else there may be, as in "a number or ".
template <class E>
Result<void> read_word(const Element &element, E &out, const Path &path, std::string_view others = {}) {
  std::string_view word;
  std::string number;
  constexpr auto &words = Words<E>::all;
  constexpr bool has_numbers = std::ranges::any_of(words, is_whole_number, [](auto &entry) { return entry.second; });
  if (std::int64_t value = 0; has_numbers && element.get_int64().get(value) == simdjson::SUCCESS)
    word = number = std::to_string(value);
  else if (element.get_string().get(word) != simdjson::SUCCESS)
    return mismatch(path, others.empty() ? "a string" : format("{}a string", others), element);
  if (const auto found = value_of_word<E>(word)) {
    out = *found;
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

// Reads what most values are, of the right type and in range, and answers whether it was that: without a path or an error to
// prepare for. Whatever else is there is left to `read`.
template <class T>
bool read_plain(const Element &element, T &out, const FieldOptions &options) {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
    std::string_view text;
    if (element.get_string().get(text) != simdjson::SUCCESS || text.find('\0') != text.npos) return false;
    put_text(out, text);
    return true;
  } else if constexpr (std::is_floating_point_v<T>) {
    double value = 0;
    if (element.get_double().get(value) != simdjson::SUCCESS || !(value >= options.min && value <= options.max))
      return false;
    out = static_cast<T>(value);
    return true;
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    std::int64_t value = 0;
    if (element.get_int64().get(value) != simdjson::SUCCESS) return false;
    const auto number = static_cast<double>(value);
    if (!(number >= std::max(options.min, -2147483648.0) && number <= std::min(options.max, 2147483647.0)))
      return false;
    out = static_cast<T>(value);
    return true;
  } else if constexpr (is_optional<T>) {
    typename T::value_type value{};
    if (!read_plain(element, value, options)) return false;
    out = std::move(value);
    return true;
  } else if constexpr (std::is_enum_v<T>) {
    std::string_view word;
    const auto value =
        element.get_string().get(word) == simdjson::SUCCESS ? value_of_word<T>(word) : std::optional<T>();
    if (value) out = *value;
    return value.has_value();
  } else {
    return false;
  }
}

// Reads a field if it has this name.
template <class T, std::size_t i>
bool read_named(std::string_view key, const Element &element, T &out, const Path &path, Result<void> &result) {
  static constexpr auto field = std::get<i>(Fields<T>::get());
  constexpr std::size_t size = field.name.size();  // known here, so that a few comparisons of words do
  if (key.size() != size || std::memcmp(key.data(), field.name.data(), size) != 0) return false;
  if (read_plain(element, out.*field.member, field.options)) return true;
  if (auto done = read(element, out.*field.member, Path{&path, key}, field.options); !done) result = std::move(done);
  return true;
}

template <class T>
inline constexpr std::size_t field_count = std::tuple_size_v<decltype(Fields<T>::get())>;

// Which field came behind which: the next record of a list most often has the same order, the first one that of the declaration.
template <class T>
struct FieldOrder {};
template <Record T>
struct FieldOrder<T> {
  std::array<std::uint8_t, field_count<T> + 1> behind;  // [0]: the first one, [i + 1]: behind field i
  constexpr FieldOrder() { std::iota(behind.begin(), behind.end(), std::uint8_t{0}); }
};

// Reads the field that has this name, and answers its place; as many as there are: none has it. `last` is 1 + the one before.
template <class T>
std::size_t read_field(std::string_view key, const Element &element, T &out, const Path &path, std::size_t last,
                       FieldOrder<T> &order, Result<void> &result) {
  constexpr std::size_t count = field_count<T>;
  using Reader = bool (*)(std::string_view, const Element &, T &, const Path &, Result<void> &);
  static constexpr auto readers = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Reader, sizeof...(I)>{&read_named<T, I>...};
  }(std::make_index_sequence<count>());
  const std::size_t expected = order.behind[last];
  if (expected < count && readers[expected](key, element, out, path, result)) return expected;
  std::size_t place = 0;
  while (place < count && !readers[place](key, element, out, path, result)) ++place;
  if (place < count) order.behind[last] = static_cast<std::uint8_t>(place);
  return place;
}

// One bit for each field that a record must have.
template <class T>
constexpr std::uint32_t required_fields() {
  std::uint32_t out = 0, bit = 1;
  std::apply([&](const auto &...field) { ((out |= field.options.required ? bit : 0, bit <<= 1), ...); },
             Fields<T>::get());
  return out;
}

// `lacking` has a bit for each field that is not there and must be.
template <class T>
Result<void> check_required(std::uint32_t lacking, const Path &path) {
  std::string_view missing;
  const auto look = [&](const auto &field) {
    if ((lacking & 1) != 0 && missing.empty() && field.name != path.left_out) missing = field.name;
    lacking >>= 1;
  };
  std::apply([&](const auto &...field) { (look(field), ...); }, Fields<T>::get());
  if (missing.empty()) return {};
  return missing_field(missing, path);
}

template <class T>
Result<void> read_record(const Element &element, T &out, const Path &path, FieldOrder<T> &order) {
  Object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return mismatch(path, "an object", element);
  constexpr std::size_t count = field_count<T>;
  static_assert(count + 2 <= 32, "a bit for each field, then cmd and id");
  std::uint32_t seen = 0;
  std::size_t last = 0;
  Result<void> result;
  for (const auto [key, value] : object) {
    std::size_t place = count;
    if constexpr (count > 0) place = read_field(key, value, out, path, last, order, result);
    if (!result) return result;
    if (place < count) {
      last = place + 1;
    } else if constexpr (Open<T>) {
      if (auto done = out.read_unknown(key, value, path); !done) return done;
      continue;
    } else {
      const bool is_envelope = !path.parent && (key == "cmd" || key == "id");
      if (!is_envelope) return unknown_field<T>(key, path);
      place = count + (key == "id");
    }
    const std::uint32_t bit = std::uint32_t{1} << place;
    if (seen & bit) return given_twice(key, path);
    seen |= bit;
  }
  constexpr std::uint32_t required = required_fields<T>();
  if ((seen & required) == required) return {};
  return check_required<T>(required & ~seen, path);
}

// Reads values of one type, one after the other.
template <class T>
class Series {
 public:
  Result<void> read(const Element &element, T &out, const Path &path, const FieldOptions &options = {}) {
    if constexpr (Record<T>) return read_record(element, out, path, order_);
    else return json::read(element, out, path, options);
  }

 private:
  [[no_unique_address]] FieldOrder<T> order_;
};

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
  } else if constexpr (std::is_same_v<T, std::string> ||
                       std::is_same_v<T, std::string_view>) {  // a view: of the request
    std::string_view text;
    if (element.get_string().get(text) != simdjson::SUCCESS) return mismatch(path, "a string", element);
    put_text(out, text);
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
    Series<typename T::value_type> series;
    for (const Element item : array) {
      const Path here{&path, {}, index++};
      if (auto done = series.read(item, out.emplace_back(), here, options); !done) return done;
    }
    return {};
  } else {
    return Series<T>().read(element, out, path);
  }
}

}  // namespace arranger::json
