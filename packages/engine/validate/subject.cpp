// SPDX-License-Identifier: MIT
#include "subject.hpp"

#include <algorithm>
#include <charconv>

#include "base/format.hpp"
#include "base/nearest.hpp"

namespace arranger::validate {
namespace {

Result<ConfigValue> value_of(const ConfigParam &param, const std::string &text) {
  if (!param.is_number()) return text;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(Code::type_mismatch, format("{} is a number, but '{}' was given", param.id, text));
  return number;
}

}  // namespace

Result<std::shared_ptr<Library>> open_library(const std::filesystem::path &path) {
  return Library::open(path, {.probe = false});
}

Result<Subject> Subject::open(std::filesystem::path path, const std::string &plugin_id, std::vector<Setting> settings,
                              bool thorough) {
  Subject subject;
  subject.path_ = std::move(path);
  subject.settings_ = std::move(settings);
  subject.thorough_ = thorough;
  if (plugin_id.empty()) return subject;
  auto library = open_library(subject.path_);
  if (!library) return std::unexpected(library.error());
  for (const PluginClass &plugin : (*library)->plugins()) {
    if (plugin.descriptor.id != plugin_id) continue;
    subject.entry_ = std::make_shared<PluginEntry>(PluginEntry{plugin.descriptor, plugin.factory, *library, {}});
    return subject;
  }
  return fail(Code::unknown_plugin, format("{} has no plugin {}", (*library)->name(), plugin_id));
}

Result<std::unique_ptr<Instance>> Subject::create() const {
  std::vector<ConfigSetting> config;
  for (const Setting &setting : settings_) {
    const auto param = std::ranges::find(descriptor().config_params, setting.key, &ConfigParam::id);
    if (param == descriptor().config_params.end()) continue;
    auto value = value_of(*param, setting.text);
    if (!value) return std::unexpected(value.error());
    config.push_back({setting.key, std::move(*value)});
  }
  return Instance::create(entry_, config);
}

Result<std::unique_ptr<Instance>> Subject::activate(const Activation &activation) const {
  auto instance = create();
  if (!instance) return instance;
  auto done = (*instance)->activate(activation.sample_rate, activation.max_frames, true, activation.seed);
  if (!done) return std::unexpected(done.error());
  return instance;
}

std::string Subject::try_out() {
  const auto instance = activate();
  if (!instance) return instance.error().message;
  ports_ = (*instance)->ports();
  return {};
}

std::string Subject::missing_file() const {
  for (const ConfigParam &param : descriptor().config_params) {
    if (param.type == ARR_CONFIG_TYPE_FILEPATH &&
        std::ranges::find(settings_, param.id, &Setting::key) == settings_.end())
      return param.id;
  }
  return {};
}

}  // namespace arranger::validate
