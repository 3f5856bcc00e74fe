// SPDX-License-Identifier: MIT
// Lists that may have millions of records: read one by one, straight to where they go. As records (`Items`), or as columns
// (`Columns`), where each field is one value for all or an array. Both follow from the record's declaration.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include "control/read.hpp"

namespace arranger::json {

// An array of T. As part of a reply it is written one by one, from `make`.
template <class T>
class Items {
 public:
  using value_type = T;

  Items() = default;
  Items(std::size_t size, std::function<void(std::size_t, T &)> make) : size_(size), make_(std::move(make)) {}

  Result<void> read_from(const Element &element, const Path &path) {
    if (element.get_array().get(array_) != simdjson::SUCCESS) return mismatch(path, "an array", element);
    given_ = true;
    return {};
  }
  std::size_t most() const { return given_ ? array_.size() : size_; }  // to reserve for; simdjson counts to 2^24

  // Calls take(T &, Path) for each until it fails; `path` is where the array stands.
  template <class Take>
  Result<void> each(std::string_view path, Take take) const {
    if (!given_) return {};
    Path root;
    root.base = path;
    std::int64_t index = 0;
    T item;
    Series<T> series;
    for (const Element element : array_) {
      const Path here{&root, {}, index++};
      item = {};
      if (auto done = series.read(element, item, here); !done) return done;
      if (Result<void> done = take(item, here); !done) return done;
    }
    return {};
  }
  // Calls write(index, T) for each until it says false.
  template <class Write>
  void write_each(Write write) const {
    for (std::size_t i = 0; i < size_; ++i) {
      T item;
      make_(i, item);
      if (!write(i, item)) return;
    }
  }

 private:
  bool given_ = false;
  simdjson::dom::array array_;
  std::size_t size_ = 0;
  std::function<void(std::size_t, T &)> make_;
};

template <class T>
inline constexpr bool is_items<Items<T>> = true;

// Many T, field by field.
template <class T>
class Columns {
 public:
  using value_type = T;

  Result<void> read_from(const Element &element, const Path &path) {
    Object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) return mismatch(path, "an object", element);
    for (const auto [key, value] : object) {
      std::size_t index = 0;
      Result<void> result;
      const bool known = std::apply(
          [&](const auto &...field) {
            return ((field.name == key ? (result = read_column(value, field, index, Path{&path, key}), true)
                                       : (++index, false)) ||
                    ...);
          },
          fields);
      if (!known) return unknown_field<T>(key, path);
      if (!result) return result;
    }
    if (auto done = check_required(path); !done) return done;
    if (longest_.empty())
      return fail(Code::invalid_request, "Expected an array for at least one field but each has one value",
                  path.text());
    return {};
  }
  std::size_t size() const { return size_; }

  // Calls take(T &, std::size_t) for each until it fails; `path` is where the columns stand.
  template <class Take>
  Result<void> each(const Path &path, Take take) const {
    T row = all_;
    Cursors cursors{};
    for (std::size_t i = 0; i < count; ++i)
      if (columns_[i].kind == Kind::array) cursors[i] = columns_[i].array.begin();
    for (std::size_t i = 0; i < size_; ++i) {
      if (auto done = fill(row, i, cursors, path, std::make_index_sequence<count>()); !done) return done;
      if (Result<void> done = take(row, i); !done) return done;
    }
    return {};
  }
  // Where the value of a field is that a row was given.
  std::string path_of(std::string_view field, std::size_t row, const Path &path) const {
    const Path column{&path, field};
    std::size_t index = 0;
    std::apply([&](const auto &...known) { ((known.name == field || (++index, false)) || ...); }, fields);
    const bool is_array = index < count && columns_[index].kind >= Kind::array;
    return is_array ? Path{&column, {}, static_cast<std::int64_t>(row)}.text() : column.text();
  }

 private:
  static constexpr auto fields = Fields<T>::get();
  static constexpr std::size_t count = std::tuple_size_v<decltype(fields)>;
  enum class Kind : std::uint8_t { none, value, array, attachment };
  struct Column {
    Kind kind = Kind::none;
    simdjson::dom::array array;
    Attachment attachment;
  };
  using Cursors = std::array<simdjson::dom::array::iterator, count>;

  template <class F>
  Result<void> read_column(const Element &element, const F &field, std::size_t index, const Path &path) {
    using Member = std::remove_cvref_t<decltype(std::declval<T &>().*field.member)>;
    Column &column = columns_[index];
    if (column.kind != Kind::none) return given_twice(field.name, *path.parent);
    if (element.get_array().get(column.array) == simdjson::SUCCESS) {
      column.kind = Kind::array;
      return take_length(length_of(column.array), path);
    }
    if (!element.is_object()) {
      column.kind = Kind::value;
      return read(element, all_.*field.member, path, field.options);
    }
    if constexpr (is_number_column<Member>) {
      auto found = read_attachment(element, path);
      if (!found) return std::unexpected(std::move(found.error()));
      column.kind = Kind::attachment;
      column.attachment = *found;
      return take_length(found->size, path);
    } else {
      return mismatch(path, "a value or an array", element);
    }
  }
  static std::size_t length_of(const simdjson::dom::array &array) {
    constexpr std::size_t most_counted = 0xFFFFFF;  // simdjson's; from there on they are counted here
    if (array.size() < most_counted) return array.size();
    return static_cast<std::size_t>(std::distance(array.begin(), array.end()));
  }
  Result<void> take_length(std::size_t length, const Path &path) {
    if (longest_.empty()) size_ = length, longest_ = path.key;
    if (length == size_) return {};
    return fail(Code::invalid_request,
                format("Expected {} values, as many as {} has, but received {}", size_, longest_, length), path.text());
  }
  Result<void> check_required(const Path &path) const {
    std::size_t index = 0;
    std::string_view missing;
    std::apply(
        [&](const auto &...field) {
          ((field.options.required && columns_[index].kind == Kind::none && missing.empty() ? void(missing = field.name)
                                                                                            : void(),
            ++index),
           ...);
        },
        fields);
    if (missing.empty()) return {};
    return missing_field(missing, path);
  }
  template <std::size_t... I>
  Result<void> fill(T &row, std::size_t number, Cursors &cursors, const Path &path, std::index_sequence<I...>) const {
    Result<void> result;
    (void)(fill_one(row, number, columns_[I], cursors[I], path, std::get<I>(fields), result) && ...);
    return result;
  }
  // Answers whether all is well so far.
  template <class F>
  static bool fill_one(T &row, std::size_t number, const Column &column, simdjson::dom::array::iterator &cursor,
                       const Path &path, const F &field, Result<void> &result) {
    using Member = std::remove_cvref_t<decltype(row.*field.member)>;
    if (column.kind < Kind::array) return true;
    const Path whole{&path, field.name};
    const Path here{&whole, {}, static_cast<std::int64_t>(number)};
    if (column.kind == Kind::array) {
      result = read(*cursor, row.*field.member, here, field.options);
      ++cursor;
    } else if constexpr (is_number_column<Member>) {
      result = take_number(column.attachment.at(number), row.*field.member, here, field.options);
    }
    return result.has_value();
  }

  T all_;  // what holds for all
  std::array<Column, count> columns_{};
  std::size_t size_ = 0;
  std::string_view longest_;  // the first field that is an array
};

template <class T>
inline constexpr bool is_columns<Columns<T>> = true;

}  // namespace arranger::json
