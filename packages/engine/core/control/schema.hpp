// SPDX-License-Identifier: MIT
// Field declarations to JSON Schema, for `describe`.
#pragma once

#include "control/write.hpp"

namespace arranger::json {

template <class T>
void schema_members(std::string &out, ObjectWriter &object, const FieldOptions &options);

template <class T>
void write_schema(std::string &out, const FieldOptions &options = {}) {
  out += '{';
  ObjectWriter object(out);
  schema_members<T>(out, object, options);
  if (!options.doc.empty()) object.member("description", options.doc);
  if (!options.unit.empty()) object.member("unit", options.unit);
  out += '}';
}

inline void write_words(std::string &out, ObjectWriter &object, std::span<const abi::Name> names) {
  object.member("type", std::string_view("string"));
  object.key("enum");
  out += '[';
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += ',';
    write_text(out, names[i].name);
  }
  out += ']';
}

// The schema of one field, with its default where the declaring type has one.
template <class T, class Member>
void field_schema(std::string &out, const Field<T, Member> &field, bool with_default) {
  out += '{';
  ObjectWriter object(out);
  schema_members<Member>(out, object, field.options);
  if (!field.options.doc.empty()) object.member("description", field.options.doc);
  if (!field.options.unit.empty()) object.member("unit", field.options.unit);
  if constexpr (!is_optional<Member> && !Record<Member> && !std::is_same_v<Member, Raw> &&
                !std::is_same_v<Member, Nullable>)
    if (with_default && !field.options.required) object.member("default", T{}.*field.member);
  out += '}';
}

template <class T>
void field_schema(std::string &out, const NamedField<T> &field, bool) {
  out += '{';
  ObjectWriter object(out);
  write_words(out, object, field.names);
  object.member("description", field.options.doc);
  out += '}';
}

template <class T>
void field_schema(std::string &out, const FlagsField<T> &field, bool) {
  out += '{';
  ObjectWriter object(out);
  object.member("type", std::string_view("array"));
  object.key("items");
  out += '{';
  ObjectWriter items(out);
  write_words(out, items, field.names);
  out += '}';
  object.member("description", field.options.doc);
  out += '}';
}

template <class T, class Value>
void field_schema(std::string &out, const ComputedField<T, Value> &field, bool) {
  write_schema<Value>(out, field.options);
}

template <class T, class Member>
constexpr bool always_there(const Field<T, Member> &field, bool request) {
  return request ? field.options.required : !is_optional<Member>;
}
template <class F>
constexpr bool always_there(const F &, bool) {
  return true;
}

// A record as an object schema. In a request a field without `required` may be left out; in a reply only an optional one.
template <Record T>
void record_schema(std::string &out, ObjectWriter &object, bool request) {
  object.member("type", std::string_view("object"));
  object.key("properties");
  out += '{';
  std::vector<std::string_view> required;
  {
    ObjectWriter properties(out);
    std::apply(
        [&](const auto &...field) {
          ((properties.key(field.name), field_schema(out, field, request),
            always_there(field, request) ? required.push_back(field.name) : void()),
           ...);
        },
        Fields<T>::get());
  }
  out += '}';
  if (!required.empty()) object.member("required", required);
  if constexpr (!Open<T>) object.member("additionalProperties", false);
}

// Beside choices too: in JSON Schema a range is about numbers alone.
inline void schema_range(ObjectWriter &object, const FieldOptions &options) {
  if (!std::isinf(options.min)) object.member("minimum", options.min);
  if (!std::isinf(options.max)) object.member("maximum", options.max);
}

template <class T>
void schema_members(std::string &out, ObjectWriter &object, const FieldOptions &options) {
  if constexpr (is_optional<T>) {
    schema_members<typename T::value_type>(out, object, options);
  } else if constexpr (std::is_same_v<T, bool>) {
    object.member("type", std::string_view("boolean"));
  } else if constexpr (std::is_arithmetic_v<T>) {
    object.member("type", std::string_view(std::is_integral_v<T> ? "integer" : "number"));
    schema_range(object, options);
  } else if constexpr (std::is_same_v<T, Nullable>) {
    object.member("type", std::vector<std::string_view>{"number", "null"});
  } else if constexpr (std::is_same_v<T, Raw>) {
    return;  // any value
  } else if constexpr (std::is_same_v<T, Values>) {
    object.member("type", std::string_view("object"));
    object.member("additionalProperties", Raw{R"({"type":["number","string"]})"});
  } else if constexpr (is_number_or_word<T>) {
    object.key("anyOf");
    out += '[';
    write_schema<double>(out);
    out += ',';
    write_schema<std::variant_alternative_t<1, T>>(out);
    out += ']';
    schema_range(object, options);
  } else if constexpr (std::is_same_v<T, std::variant<double, std::string>>) {
    object.member("type", std::vector<std::string_view>{"number", "string"});
  } else if constexpr (is_vector<T>) {
    object.member("type", std::string_view("array"));
    object.key("items");
    write_schema<typename T::value_type>(out, {.min = options.min, .max = options.max});
  } else if constexpr (std::is_enum_v<T>) {
    std::vector<Raw> words;
    bool has_numbers = false;
    for (const auto &[value, name] : Words<T>::all) {
      write_text(words.emplace_back().text, name);
      if (!is_whole_number(name)) continue;
      words.push_back({std::string(name)});
      has_numbers = true;
    }
    if (has_numbers) object.member("type", std::vector<std::string_view>{"string", "integer"});
    else object.member("type", std::string_view("string"));
    object.member("enum", words);
  } else if constexpr (Record<T>) {
    record_schema<T>(out, object, is_request<T>);
  } else {
    object.member("type", std::string_view("string"));
  }
}

}  // namespace arranger::json
