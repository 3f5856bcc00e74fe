// SPDX-License-Identifier: MIT
#include "arguments.hpp"

#include <charconv>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/nearest.hpp"
#include "check.hpp"

namespace arranger::validate {
namespace {

std::unexpected<Error> usage(std::string message) { return fail(Code::invalid_request, std::move(message)); }

Result<double> number_of(const std::string &option, const std::string &text, double least) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least) || value > 1e6)
    return usage(format("{} expects a number of {} or more but received '{}'", option, least, text));
  return value;
}

Result<void> add_check(Arguments &arguments, const std::string &name) {
  if (!find_check(name)) {
    std::vector<std::string_view> names;
    for (const Check &check : all_checks()) names.emplace_back(check.name);
    return usage(format("there is no check '{}'{}", name, nearest_hint(name, names)));
  }
  arguments.only.push_back(name);
  return {};
}

Result<void> add_setting(Arguments &arguments, const std::string &text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return usage(format("--config expects key=value but received '{}'", text));
  arguments.settings.push_back({text.substr(0, equals), text.substr(equals + 1)});
  return {};
}

Result<void> set_number(Arguments &arguments, const std::string &option, const std::string &text) {
  const auto value = number_of(option, text, option == "--jobs" ? 1 : 0.001);
  if (!value) return std::unexpected(value.error());
  if (option == "--jobs") arguments.jobs = static_cast<int>(*value);
  else arguments.limit = std::chrono::milliseconds(static_cast<std::int64_t>(*value * 1000));
  return {};
}

Result<void> take_value(Arguments &arguments, const std::string &option, const std::string &value) {
  if (option == "--only") return add_check(arguments, value);
  if (option == "--config") return add_setting(arguments, value);
  if (option == "--timeout" || option == "--jobs") return set_number(arguments, option, value);
  if (option == "--plugin") arguments.plugins.push_back(value);
  else if (option == "--child") arguments.child = value;
  else return usage(format("there is no option {}", option));
  return {};
}

}  // namespace

Result<Arguments> read_arguments(const std::vector<std::string> &words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string &word = words[i];
    if (word == "--list") {
      arguments.list = true;
    } else if (word == "--thorough") {
      arguments.thorough = true;
    } else if (word.starts_with("--")) {
      if (i + 1 == words.size()) return usage(format("{} expects a value", word));
      if (auto done = take_value(arguments, word, words[++i]); !done) return std::unexpected(done.error());
    } else if (arguments.library.empty()) {
      arguments.library = from_utf8(word);
    } else {
      return usage(format("expected one library but received '{}' and '{}'", to_utf8(arguments.library), word));
    }
  }
  if (arguments.library.empty() && !arguments.list) return usage("expected a plugin library");
  return arguments;
}

std::vector<std::string> Arguments::for_child(const std::string &check, const std::string &plugin) const {
  std::vector<std::string> words{"--child", check};
  if (!plugin.empty()) words.insert(words.end(), {"--plugin", plugin});
  if (thorough) words.emplace_back("--thorough");
  for (const Setting &setting : settings) words.insert(words.end(), {"--config", setting.key + "=" + setting.text});
  words.push_back(to_utf8(library));
  return words;
}

}  // namespace arranger::validate
