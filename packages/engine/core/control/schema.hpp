// SPDX-License-Identifier: MIT
// Field declarations to JSON Schema, for `describe`.
#pragma once

#include "control/items.hpp"
#include "control/write.hpp"

namespace arranger::json {

// In a request a field without `required` may be left out and then has its default; one that has none may also be null. In a
// reply only an optional field may be missing.
enum class Side { request, reply };

template <class T>
void schema_members(std::string &out, ObjectWriter &object, const FieldOptions &options, Side side,
                    bool nullable = false);

template <class T>
void write_schema(std::string &out, Side side, const FieldOptions &options = {}) {
  out += '{';
  ObjectWriter object(out);
  schema_members<T>(out, object, options, side);
  if (!options.doc.empty()) object.member("description", options.doc);
  if (!options.unit.empty()) object.member("unit", options.unit);
  out += '}';
}

inline void type_member(ObjectWriter &object, std::string_view type, bool nullable) {
  if (nullable) object.member("type", std::vector<std::string_view>{type, "null"});
  else object.member("type", type);
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

template <class T, class Member>
void field_schema(std::string &out, const Field<T, Member> &field, Side side) {
  out += '{';
  ObjectWriter object(out);
  schema_members<Member>(out, object, field.options, side, side == Side::request && is_optional<Member>);
  if (!field.options.doc.empty()) object.member("description", field.options.doc);
  if (!field.options.unit.empty()) object.member("unit", field.options.unit);
  if constexpr (!is_optional<Member> && !Record<Member> && !std::is_same_v<Member, Raw> &&
                !std::is_same_v<Member, Nullable>)
    if (side == Side::request && !field.options.required) object.member("default", T{}.*field.member);
  out += '}';
}

template <class T>
void field_schema(std::string &out, const NamedField<T> &field, Side) {
  out += '{';
  ObjectWriter object(out);
  write_words(out, object, field.names);
  object.member("description", field.options.doc);
  out += '}';
}

template <class T>
void field_schema(std::string &out, const FlagsField<T> &field, Side) {
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
void field_schema(std::string &out, const ComputedField<T, Value> &field, Side side) {
  write_schema<Value>(out, side, field.options);
}

template <class T, class Member>
constexpr bool always_there(const Field<T, Member> &field, Side side) {
  return side == Side::request ? field.options.required : !is_optional<Member>;
}
template <class F>
constexpr bool always_there(const F &, Side) {
  return true;
}

template <Record T>
void record_schema(std::string &out, ObjectWriter &object, Side side, bool nullable) {
  type_member(object, "object", nullable);
  object.key("properties");
  out += '{';
  std::vector<std::string_view> required;
  {
    ObjectWriter properties(out);
    std::apply(
        [&](const auto &...field) {
          ((properties.key(field.name), field_schema(out, field, side),
            always_there(field, side) ? required.push_back(field.name) : void()),
           ...);
        },
        Fields<T>::get());
  }
  out += '}';
  if (!required.empty()) object.member("required", required);
  if constexpr (!Open<T>) object.member("additionalProperties", false);
}

// One value of a field for all records, or an array of them; of numbers also one that comes with the request.
template <class T, class Member>
void column_schema(std::string &out, const Field<T, Member> &field) {
  out += '{';
  ObjectWriter object(out);
  object.key("anyOf");
  out += '[';
  write_schema<Member>(out, Side::request, {.min = field.options.min, .max = field.options.max});
  out += R"(,{"type":"array","items":)";
  write_schema<Member>(out, Side::request, {.min = field.options.min, .max = field.options.max});
  out += '}';
  if constexpr (is_number_column<Member>)
    out += R"(,{"type":"object","properties":{"attachment":{"type":"integer","minimum":0}},)"
           R"("required":["attachment"],"additionalProperties":false})";
  out += ']';
  object.member("description", field.options.doc);
  if (!field.options.unit.empty()) object.member("unit", field.options.unit);
  out += '}';
}

template <class T>
void columns_schema(std::string &out, ObjectWriter &object) {
  object.member("type", std::string_view("object"));
  object.key("properties");
  out += '{';
  std::vector<std::string_view> required;
  {
    ObjectWriter properties(out);
    std::apply(
        [&](const auto &...field) {
          ((properties.key(field.name), column_schema(out, field),
            field.options.required ? required.push_back(field.name) : void()),
           ...);
        },
        Fields<T>::get());
  }
  out += '}';
  if (!required.empty()) object.member("required", required);
  object.member("additionalProperties", false);
}

// Beside choices too: in JSON Schema a range is about numbers alone.
inline void schema_range(ObjectWriter &object, const FieldOptions &options) {
  if (!std::isinf(options.min)) object.member("minimum", options.min);
  if (!std::isinf(options.max)) object.member("maximum", options.max);
}

template <class T>
void schema_members(std::string &out, ObjectWriter &object, const FieldOptions &options, Side side, bool nullable) {
  if constexpr (is_optional<T>) {
    schema_members<typename T::value_type>(out, object, options, side, nullable);
  } else if constexpr (std::is_same_v<T, bool>) {
    type_member(object, "boolean", nullable);
  } else if constexpr (std::is_arithmetic_v<T>) {
    type_member(object, std::is_integral_v<T> ? "integer" : "number", nullable);
    schema_range(object, options);
  } else if constexpr (std::is_same_v<T, Nullable>) {
    type_member(object, "number", true);
  } else if constexpr (std::is_same_v<T, Raw>) {
    return;  // any value
  } else if constexpr (std::is_same_v<T, Values>) {
    type_member(object, "object", nullable);
    object.member("additionalProperties", Raw{R"({"type":["number","string"]})"});
  } else if constexpr (is_number_or_word<T>) {
    object.key("anyOf");
    out += '[';
    write_schema<double>(out, side, {.min = options.min, .max = options.max});
    out += ',';
    write_schema<std::variant_alternative_t<1, T>>(out, side);
    out += ']';
  } else if constexpr (std::is_same_v<T, std::variant<double, std::string>>) {
    object.member("type", std::vector<std::string_view>{"number", "string"});
  } else if constexpr (is_map<T>) {
    type_member(object, "object", nullable);
    object.key("additionalProperties");
    write_schema<typename T::value_type::second_type>(out, side);
  } else if constexpr (is_columns<T>) {
    columns_schema<typename T::value_type>(out, object);
  } else if constexpr (is_vector<T> || is_items<T>) {
    type_member(object, "array", nullable);
    object.key("items");
    write_schema<typename T::value_type>(out, side, {.min = options.min, .max = options.max});
  } else if constexpr (std::is_enum_v<T>) {
    std::vector<Raw> words;
    bool has_numbers = false;
    for (const auto &[value, name] : Words<T>::all) {
      write_text(words.emplace_back().text, name);
      if (!is_whole_number(name)) continue;
      words.push_back({std::string(name)});
      has_numbers = true;
    }
    if (nullable) words.push_back({"null"});
    std::vector<std::string_view> types{"string"};
    if (has_numbers) types.push_back("integer");
    if (nullable) types.push_back("null");
    if (types.size() > 1) object.member("type", types);
    else object.member("type", types.front());
    object.member("enum", words);
  } else if constexpr (Record<T>) {
    record_schema<T>(out, object, side, nullable);
  } else {
    type_member(object, "string", nullable);
  }
}

}  // namespace arranger::json
