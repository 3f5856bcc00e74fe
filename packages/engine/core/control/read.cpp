// SPDX-License-Identifier: MIT
#include "control/read.hpp"

#include <unordered_set>

namespace arranger::json {

std::string_view kind_of(const Element &element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "true or false";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

Result<void> read_values(const Element &element, Values &out, const Path &path) {
  Object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return mismatch(path, "an object", element);
  std::unordered_set<std::string_view> keys;  // there may be many
  for (const auto [key, value] : object) {
    const Path here{&path, key};
    if (!keys.insert(key).second) return given_twice(key, path);
    double number = 0;
    std::string_view text;
    if (value.get_double().get(number) == simdjson::SUCCESS) out.emplace_back(key, number);
    else if (value.get_string().get(text) == simdjson::SUCCESS) out.emplace_back(key, std::string(text));
    else return mismatch(here, "a number or a string", value);
    if (auto done = check_text(text, here); !done) return done;
  }
  return {};
}

}  // namespace arranger::json
