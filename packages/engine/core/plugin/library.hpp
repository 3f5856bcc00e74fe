// SPDX-License-Identifier: MIT
// An open plugin library. The file is copied before it is opened, so that it may be overwritten at any time, and closed
// when its last user lets go.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "arranger/plugin.h"
#include "base/error.hpp"
#include "base/module.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/guard.hpp"
#include "plugin/probe.hpp"

namespace arranger {

// A library's bytes, read once: what was checked is what is opened.
struct LibraryFile {
  std::filesystem::path path;         // as people know it: canonical, DIR/name.so
  std::filesystem::path opened_path;  // DIR/name.so or DIR/x86-64-v3/name.so
  std::string isa;                    // "base", "x86-64-v3" or "x86-64-v4"
  std::vector<std::byte> bytes;
  std::uint64_t hash = 0;

  std::string name() const;  // "tremolo.so"
};

// Reads DIR/name.so, or its variant for the highest instruction-set level that lies beside it and that this processor
// has ($ARRANGER_ISA forces one). Errors: plugin_load_failed. [control]
Result<LibraryFile> read_library_file(const std::filesystem::path &path);

// One on its way: nothing of it has run, and what will be opened is the copy.
struct CheckedLibrary {
  LibraryFile file;  // without its bytes
  arr_plugin_stamp stamp;
  std::vector<std::filesystem::path> dependencies;  // that lie beside the original
  PrivateCopy copy;
};

// Checks a file and copies it. Errors: plugin_load_failed, plugin_abi_mismatch. [control]
Result<CheckedLibrary> check_library(LibraryFile file);

struct OpenOptions {
  bool probe = true;
  std::chrono::milliseconds limit = probe_limit;
};

struct PluginClass {
  Descriptor descriptor;
  const arr_factory *factory;  // valid while the library is open
};

// A library that is linked into the program, as the built-in ones are where nothing can be opened: its entry and its stamp
// under names of their own (ARR_ENTRY_NAME, ARR_STAMP_NAME).
struct LinkedLibrary {
  const char *name;
  const arr_plugin_stamp *stamp;
  guard::Entry entry;
};

class Library {
 public:
  // Checks the file, probes it, opens a private copy and registers its plugins. Errors: all plugin_… codes. [control]
  static Result<std::shared_ptr<Library>> open(const std::filesystem::path &path, const OpenOptions &options = {});
  // Many at once, probed by one child; returns what became of each, in their order.
  static std::vector<Result<std::shared_ptr<Library>>> open(std::vector<CheckedLibrary> libraries,
                                                            const OpenOptions &options = {});

  // One that is part of the program. Errors: plugin_load_failed, plugin_abi_mismatch. [control]
  static Result<std::shared_ptr<Library>> linked(const LinkedLibrary &library);

  const std::filesystem::path &path() const { return path_; }
  const std::string &name() const { return name_; }
  const std::string &isa() const { return isa_; }
  std::uint64_t hash() const { return hash_; }
  const arr_plugin_stamp &stamp() const { return stamp_; }
  std::span<const PluginClass> plugins() const { return plugins_; }
  const Module &module() const { return module_; }

 private:
  Library() = default;
  static Result<std::shared_ptr<Library>> open_now(CheckedLibrary &checked);

  std::filesystem::path path_;
  std::string name_;
  std::string isa_;
  std::uint64_t hash_ = 0;
  arr_plugin_stamp stamp_ = {};
  PrivateCopy copy_;  // empty where an open file can be deleted
  Module module_;     // closed before the copy goes
  std::vector<PluginClass> plugins_;
};

// Calls a library's entry and reads what it adds; all or nothing. The probe and the engine both use it.
// Errors: plugin_load_failed. [control]
Result<std::vector<PluginClass>> collect_plugins(const Module &module, std::string_view name);
Result<std::vector<PluginClass>> collect_plugins(guard::Entry entry, std::string_view name);

}  // namespace arranger
