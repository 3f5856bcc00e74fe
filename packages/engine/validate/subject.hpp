// SPDX-License-Identifier: MIT
// What is checked: a library, and a plugin of it with the config values that it is to have.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "plugin/instance.hpp"

namespace arranger::validate {

// "soundfont_path=drums.sf2", as it is given to every plugin that has such a config parameter.
struct Setting {
  std::string key;
  std::string text;
};

struct Activation {
  double sample_rate = 48'000;
  std::int32_t max_frames = 4096;
  std::uint64_t seed = 1;
};

class Subject {
 public:
  // Without a plugin's id the library is only named, and nothing is opened. Errors: all plugin_… codes, unknown_plugin.
  static Result<Subject> open(std::filesystem::path path, const std::string &plugin_id, std::vector<Setting> settings,
                              bool thorough);

  const std::filesystem::path &path() const { return path_; }
  // Of a check on a plugin only.
  const Descriptor &descriptor() const { return entry_->descriptor; }
  // As configured.
  const std::vector<Port> &ports() const { return ports_; }
  // A new instance, configured but not active. Errors: plugin_failed, type_mismatch.
  Result<std::unique_ptr<Instance>> create() const;
  Result<std::unique_ptr<Instance>> activate(const Activation &activation = {}) const;
  // Why no instance can be had; empty when one can. The instance's ports are known from here on.
  std::string try_out();
  // A file that the plugin may need and that no setting names; empty when there is none.
  std::string missing_file() const;
  // How often something is repeated: more when the checks are to be thorough.
  int rounds(int usual) const { return thorough_ ? 10 * usual : usual; }

 private:
  std::filesystem::path path_;
  std::vector<Setting> settings_;
  std::shared_ptr<const PluginEntry> entry_;
  std::vector<Port> ports_;
  bool thorough_ = false;
};

// Opens a library for a check: it is the check's process that a fault of it ends. Errors: all plugin_… codes.
Result<std::shared_ptr<Library>> open_library(const std::filesystem::path &path);

}  // namespace arranger::validate
