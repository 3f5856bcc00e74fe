// SPDX-License-Identifier: MIT
#include "control/read.hpp"

#include <optional>
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

Result<Attachment> read_attachment(const Element &element, const Path &path) {
  struct Reference : Request {
    std::int64_t attachment = 0;
    static constexpr auto fields() {
      return std::tuple{field("attachment", &Reference::attachment, {.required = true, .min = 0})};
    }
  };
  Reference reference;
  if (auto done = read(element, reference, path); !done) return std::unexpected(std::move(done.error()));
  const Path *root = &path;
  while (root->parent) root = root->parent;
  const auto index = static_cast<std::size_t>(reference.attachment);
  if (index < root->attachments.size()) return root->attachments[index];
  const Path here{&path, "attachment"};
  return fail(Code::out_of_range,
              format("Expected one of the {} arrays that came with the request but received {}",
                     root->attachments.size(), index),
              here.text());
}

namespace {

// Whether a key is there already: of many, those of an earlier call are known.
class KnownKeys {
 public:
  bool has(std::string_view key, const Values &values) {
    constexpr std::size_t few = 16;
    if (values.size() < few) return std::ranges::find(values, key, &Values::value_type::first) != values.end();
    if (!many_)
      for (many_.emplace(); const auto &[known, value] : values) many_->insert(known);
    return !many_->insert(key).second;
  }

 private:
  std::optional<std::unordered_set<std::string_view>> many_;
};

}  // namespace

Result<void> read_values(const Element &element, Values &out, const Path &path) {
  Object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return mismatch(path, "an object", element);
  KnownKeys keys;
  out.reserve(object.size());
  for (const auto [key, value] : object) {
    const Path here{&path, key};
    if (keys.has(key, out)) return given_twice(key, path);
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
