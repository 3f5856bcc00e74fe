// SPDX-License-Identifier: MIT
#include "plugin/state.hpp"

#include <algorithm>
#include <bit>
#include <optional>

#include "base/format.hpp"
#include "base/utf8.hpp"

namespace arranger {
namespace {

constexpr std::string_view magic = "ARRSTATE";
constexpr std::uint32_t format_version = 1;
enum class Kind : std::uint8_t { number = 1, text = 2, bytes = 3 };

class Writer {
 public:
  template <class T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i) out_ += static_cast<char>(value >> (8 * i) & 0xff);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_ += value;
  }
  void raw(std::string_view value) { out_ += value; }
  std::string &bytes() { return out_; }

 private:
  std::string out_;
};

// Answers nothing from the first read that goes beyond the end on.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  std::optional<T> number() {
    const auto bytes = take(sizeof(T));
    if (!bytes) return {};
    T value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>((*bytes)[i])) << (8 * i));
    return value;
  }
  std::optional<std::string_view> text() {
    const auto length = number<std::uint32_t>();
    return length ? take(*length) : std::nullopt;
  }
  std::optional<std::string_view> take(std::size_t count) {
    if (rest_.size() < count) {
      rest_ = {};
      return {};
    }
    const std::string_view out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// Not content_hash, which may change: what was saved is read for ever.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

std::unexpected<Error> broken(std::string_view what) {
  return fail(Code::invalid_request, format("Expected the state of a plugin but {}", what));
}

std::optional<StateValue> read_value(Reader &reader) {
  const auto kind = reader.number<std::uint8_t>();
  if (!kind) return {};
  if (*kind == static_cast<std::uint8_t>(Kind::number)) {
    const auto bits = reader.number<std::uint64_t>();
    return bits ? std::optional<StateValue>(std::bit_cast<double>(*bits)) : std::nullopt;
  }
  const auto bytes = reader.text();
  if (!bytes) return {};
  if (*kind == static_cast<std::uint8_t>(Kind::text)) return std::string(*bytes);
  if (*kind == static_cast<std::uint8_t>(Kind::bytes)) return StateBytes(bytes->begin(), bytes->end());
  return {};
}

}  // namespace

const StateValue *PluginState::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &StateEntry::key);
  return found == entries.end() ? nullptr : &found->value;
}

bool is_state_key(std::string_view key) {
  constexpr std::size_t longest = 200;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  return !key.empty() && key.size() <= longest && std::ranges::all_of(key, allowed);
}

std::string encode_state(const PluginState &state) {
  if (state.entries.empty()) return {};
  Writer out;
  out.raw(magic);
  out.number(format_version);
  out.number(static_cast<std::uint32_t>(state.plugin_version));
  out.text(state.plugin_id);
  out.number(static_cast<std::uint32_t>(state.entries.size()));
  for (const StateEntry &entry : state.entries) {
    out.text(entry.key);
    if (const auto *number = std::get_if<double>(&entry.value)) {
      out.number(static_cast<std::uint8_t>(Kind::number));
      out.number(std::bit_cast<std::uint64_t>(*number));
    } else if (const auto *text = std::get_if<std::string>(&entry.value)) {
      out.number(static_cast<std::uint8_t>(Kind::text));
      out.text(*text);
    } else {
      const auto &bytes = std::get<StateBytes>(entry.value);
      out.number(static_cast<std::uint8_t>(Kind::bytes));
      out.text({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
    }
  }
  const std::uint64_t sum = checksum(out.bytes());
  out.number(sum);
  return std::move(out.bytes());
}

Result<PluginState> decode_state(std::string_view bytes) {
  constexpr std::size_t sum_size = sizeof(std::uint64_t);
  if (bytes.size() > greatest_state)
    return broken(format("received {} bytes, more than {}", bytes.size(), greatest_state));
  if (!bytes.starts_with(magic) || bytes.size() < magic.size() + sum_size) return broken("it does not begin like one");
  const std::string_view body = bytes.substr(0, bytes.size() - sum_size);
  if (Reader(bytes.substr(body.size())).number<std::uint64_t>() != checksum(body))
    return broken("its checksum does not fit: it is cut off or damaged");

  Reader reader(body.substr(magic.size()));
  const auto format_number = reader.number<std::uint32_t>();
  if (format_number != format_version) return broken(format("it has format {}, not 1", format_number.value_or(0)));
  const auto version = reader.number<std::uint32_t>();
  const auto id = reader.text();
  const auto count = reader.number<std::uint32_t>();
  if (!version || !id || !count || !is_utf8(*id)) return broken("it ends in its head");
  if (*count > most_state_keys) return broken(format("it has {} keys, more than {}", *count, most_state_keys));
  PluginState out{std::string(*id), static_cast<std::int32_t>(*version), {}};
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto key = reader.text();
    auto value = key && is_state_key(*key) ? read_value(reader) : std::nullopt;
    if (!value || out.find(*key)) return broken(format("its key {} is broken", i));
    out.entries.push_back({std::string(*key), std::move(*value)});
  }
  if (!reader.at_end()) return broken("it goes on behind its last key");
  return out;
}

}  // namespace arranger
