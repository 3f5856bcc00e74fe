// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "address.hpp"
#include "base/file.hpp"
#include "base/format.hpp"
#include "base/nearest.hpp"

namespace arranger::server {
namespace {

using Value = const std::string &;

std::unexpected<Error> usage(std::string message) { return fail(Code::invalid_request, std::move(message)); }

Result<void> read_integer(int &out, std::string_view flag, Value text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  return usage(format("Expected a whole number behind {} but received '{}'", flag, text));
}

struct Flag {
  std::string_view name, value, doc;  // no value: it stands alone
  Result<void> (*set)(Options &options, Value value);
};

constexpr std::array flags{
    Flag{"--address", "PATH", "where to listen: a socket's file, or a named pipe on Windows",
         [](Options &options, Value value) -> Result<void> {
           if (value.empty()) return usage("Expected an address behind --address but it is empty");
           options.address = value;
           return {};
         }},
    Flag{"--device", "NAME|none", "what to play on; none plays by the clock",
         [](Options &options, Value value) -> Result<void> {
           options.engine.output_device = value;
           return {};
         }},
    Flag{"--sample-rate", "HZ", "8000 to 384000; without it the device's own",
         [](Options &options, Value value) -> Result<void> {
           options.engine.takes_own_rate = false;
           return read_integer(options.engine.sample_rate, "--sample-rate", value);
         }},
    Flag{"--block-size", "FRAMES", "1 to 8192",
         [](Options &options, Value value) { return read_integer(options.engine.block_size, "--block-size", value); }},
    Flag{"--threads", "COUNT", "that run a graph, 1 to 32; 0, the default, is as many as the processor has, up to 8",
         [](Options &options, Value value) { return read_integer(options.engine.threads, "--threads", value); }},
    Flag{"--plugin-path", "DIR", "load all plugin libraries of the directory; may be repeated",
         [](Options &options, Value value) -> Result<void> {
           options.plugin_paths.push_back(from_utf8(value));
           return {};
         }},
    Flag{"--exit-when-unused", "", "end when the last client has left",
         [](Options &options, Value) -> Result<void> {
           options.exit_when_unused = true;
           return {};
         }},
    Flag{"--help", "", "show this",
         [](Options &options, Value) -> Result<void> {
           options.help = true;
           return {};
         }},
    Flag{"--version", "", "show the engine's version",
         [](Options &options, Value) -> Result<void> {
           options.version = true;
           return {};
         }},
};

Result<const Flag *> find_flag(const std::string &name) {
  std::vector<std::string_view> names;
  for (const Flag &flag : flags) {
    if (flag.name == name) return &flag;
    names.push_back(flag.name);
  }
  return usage(format("No option '{}'{}", name, nearest_hint(name, names)));
}

}  // namespace

Result<Options> read_options(const std::vector<std::string> &words) {
  Options options;
  options.address = default_address();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string &word = words[i];
    const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const auto flag = find_flag(word.substr(0, equals));
    if (!flag) return std::unexpected(flag.error());
    std::string value;
    if (equals != std::string::npos) {
      if ((*flag)->value.empty()) return usage(format("{} takes no value but received '{}'", (*flag)->name, word));
      value = word.substr(equals + 1);
    } else if (!(*flag)->value.empty()) {
      if (++i == words.size()) return usage(format("Expected {} behind {}", (*flag)->value, (*flag)->name));
      value = words[i];
    }
    if (auto done = (*flag)->set(options, value); !done) return std::unexpected(done.error());
  }
  if (options.help || options.version) return options;
  if (auto valid = ServerHandler::validate(options.engine); !valid) return std::unexpected(valid.error());
  return options;
}

std::string help_text() {
  std::string out =
      "Usage: arranger-server [options]\n\nThe audio engine as a server: JSON over a local socket, several clients at "
      "a "
      "time.\n\n";
  for (const Flag &flag : flags) {
    std::string left = format("  {} {}", flag.name, flag.value);
    left.resize(std::max<std::size_t>(left.size() + 1, 26), ' ');
    out += left + std::string(flag.doc) + '\n';
  }
  return out +
         format("\nDefault address: {}\nExit codes: 0 ended as asked, 1 failed, 2 wrong options.\n", default_address());
}

}  // namespace arranger::server
