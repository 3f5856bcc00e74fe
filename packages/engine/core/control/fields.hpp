// SPDX-License-Identifier: MIT
// One declaration per field of a request or a reply: its name, type, range and meaning. Parsing, validation, error paths,
// writing and the JSON Schema in `describe` all come from it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "plugin/abi_names.hpp"

namespace arranger::json {

struct FieldOptions {
  std::string_view doc = {};
  bool required = false;
  double min = -std::numeric_limits<double>::infinity();  // inclusive
  double max = std::numeric_limits<double>::infinity();   // inclusive
  std::string_view unit = {};
};

template <class Owner, class Member>
struct Field {
  std::string_view name;
  Member Owner::*member;
  FieldOptions options;
};

template <class Owner, class Member>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::*member, FieldOptions options = {}) {
  return {name, member, options};
}

// An integer of the ABI that JSON spells as a word.
template <class Owner>
struct NamedField {
  std::string_view name;
  std::int32_t Owner::*member;
  std::span<const abi::Name> names;
  FieldOptions options;
};

template <class Owner>
constexpr NamedField<Owner> named(std::string_view name, std::int32_t Owner::*member, std::span<const abi::Name> names,
                                  std::string_view doc) {
  return {name, member, names, {.doc = doc}};
}

// Bits of the ABI that JSON spells as a list of words.
template <class Owner>
struct FlagsField {
  std::string_view name;
  std::uint32_t Owner::*member;
  std::span<const abi::Name> names;
  FieldOptions options;
};

// A value that is made when it is written.
template <class Owner, class Value>
struct ComputedField {
  std::string_view name;
  Value (*value)(const Owner &);
  FieldOptions options;
};

// The fields of a type: its own static fields(), or a specialisation for types that know no JSON.
template <class T>
struct Fields;
template <class T>
  requires requires { T::fields(); }
struct Fields<T> {
  static constexpr auto get() { return T::fields(); }
};

template <class T>
concept Record = requires { Fields<T>::get(); };

// Marks a record that clients send.
struct Request {};

// A record that forgives unknown fields: it takes them itself, by read_unknown(key, element, path).
struct Forgiving : Request {};
template <class T>
concept Open = std::is_base_of_v<Forgiving, T>;

// The words of an enum.
template <class E>
struct Words;  // static constexpr std::array<std::pair<E, std::string_view>, N> all

// A number or null.
struct Nullable {
  std::optional<double> value;
};

// JSON text that is passed on as it is.
struct Raw {
  std::string text;
};

// A number, or one of the words of an enum in its place.
template <class E>
using NumberOr = std::variant<double, E>;
template <class T>
inline constexpr bool is_number_or_word = false;
template <class E>
  requires std::is_enum_v<E>
inline constexpr bool is_number_or_word<std::variant<double, E>> = true;

// Whether a word is a whole number, such as "16": a client may give it as a number too.
constexpr bool is_whole_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

// An object whose keys are the client's: numbers and strings.
using Values = std::vector<std::pair<std::string, std::variant<double, std::string>>>;

// An object of values by name. Replies only.
template <class T>
using Map = std::vector<std::pair<std::string_view, T>>;

template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<Map<T>> = true;
// control/items.hpp
template <class T>
inline constexpr bool is_items = false;
template <class T>
inline constexpr bool is_columns = false;
// Whether columns may have numbers of this type, so that arrays of them may come beside the request.
template <class T>
inline constexpr bool is_number_column = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;
template <class T>
inline constexpr bool is_number_column<std::optional<T>> = is_number_column<T>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

}  // namespace arranger::json
