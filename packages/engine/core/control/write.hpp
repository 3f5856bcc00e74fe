// SPDX-License-Identifier: MIT
// Values to JSON text, appended. A list ends where the text has outgrown any message: whoever would send that refuses it.
#pragma once

#include <charconv>
#include <cmath>
#include <type_traits>

#include "base/json_text.hpp"
#include "control/face.hpp"
#include "control/fields.hpp"

namespace arranger::json {

// Shortest text that reads back as the same number; JSON has no NaN, so that is null.
template <class T>
  requires std::is_arithmetic_v<T>
void write_number(std::string &out, T value) {
  if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else {
    if constexpr (std::is_floating_point_v<T>)
      if (!std::isfinite(value)) {
        out += "null";
        return;
      }
    char buffer[32];
    std::to_chars_result end{};
    if constexpr (std::is_floating_point_v<T>) {
      // In full, twenty digits would be an integer that many readers refuse, this engine's own among them.
      end = std::abs(value) < 1e18
                ? std::to_chars(buffer, buffer + sizeof(buffer), value)
                : std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
    } else {
      end = std::to_chars(buffer, buffer + sizeof(buffer), value);
    }
    out.append(buffer, end.ptr);
  }
}

template <class T>
void write(std::string &out, const T &value);

// Objects, key by key. `first` is false when something stands in the object already.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string &out, bool first = true) : out_(out), first_(first) {}

  void key(std::string_view name) {
    if (!std::exchange(first_, false)) out_ += ',';
    write_text(out_, name);
    out_ += ':';
  }
  template <class T>
  void member(std::string_view name, const T &value) {
    if constexpr (is_optional<T>) {
      if (value) member(name, *value);
    } else {
      key(name);
      write(out_, value);
    }
  }

 private:
  std::string &out_;
  bool first_;
};

template <class Owner, class Member>
void write_field(ObjectWriter &object, std::string &, const Owner &owner, const Field<Owner, Member> &field) {
  object.member(field.name, owner.*field.member);
}

template <class Owner>
void write_field(ObjectWriter &object, std::string &, const Owner &owner, const NamedField<Owner> &field) {
  object.member(field.name, abi::name_of(field.names, owner.*field.member));
}

template <class Owner>
void write_field(ObjectWriter &object, std::string &out, const Owner &owner, const FlagsField<Owner> &field) {
  object.key(field.name);
  out += '[';
  bool first = true;
  for (const abi::Name &name : field.names) {
    if ((owner.*field.member & static_cast<std::uint32_t>(name.value)) == 0) continue;
    if (!std::exchange(first, false)) out += ',';
    write_text(out, name.name);
  }
  out += ']';
}

template <class Owner, class Value>
void write_field(ObjectWriter &object, std::string &, const Owner &owner, const ComputedField<Owner, Value> &field) {
  object.member(field.name, field.value(owner));
}

// The members of a record, without its braces.
template <Record T>
void write_members(std::string &out, const T &value, bool first = true) {
  ObjectWriter object(out, first);
  std::apply([&](const auto &...field) { (write_field(object, out, value, field), ...); }, Fields<T>::get());
}

template <class T>
void write(std::string &out, const T &value) {
  if constexpr (Record<T>) {
    out += '{';
    write_members(out, value);
    out += '}';
  } else if constexpr (std::is_same_v<T, Raw>) {
    out += value.text;
  } else if constexpr (std::is_same_v<T, Nullable>) {
    if (value.value) write_number(out, *value.value);
    else out += "null";
  } else if constexpr (std::is_same_v<T, Values> || is_map<T>) {
    out += '{';
    ObjectWriter object(out);
    for (const auto &[key, entry] : value) object.member(key, entry);
    out += '}';
  } else if constexpr (is_number_or_word<T> || std::is_same_v<T, std::variant<double, std::string>>) {
    std::visit([&](const auto &held) { write(out, held); }, value);
  } else if constexpr (is_items<T>) {
    out += '[';
    value.write_each([&out](std::size_t index, const auto &item) {
      if (index > 0) out += ',';
      write(out, item);
      return out.size() <= greatest_message;
    });
    out += ']';
  } else if constexpr (is_columns<T>) {
    out += "{}";  // only read: what is written is items
  } else if constexpr (is_vector<T>) {
    out += '[';
    for (std::size_t i = 0; i < value.size() && out.size() <= greatest_message; ++i) {
      if (i > 0) out += ',';
      write(out, value[i]);
    }
    out += ']';
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto &[word, name] : Words<T>::all)
      if (word == value) write_text(out, name);
  } else if constexpr (std::is_arithmetic_v<T>) {
    write_number(out, value);
  } else {
    write_text(out, value);
  }
}

}  // namespace arranger::json
