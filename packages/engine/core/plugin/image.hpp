// SPDX-License-Identifier: MIT
// Plugin libraries as files: is it complete, for this machine, and what does its stamp say? Pure functions on bytes; no
// code of the library runs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arranger/plugin.h"
#include "base/error.hpp"

namespace arranger {

enum class ImageFormat { elf, mach_o, pe };
enum class ImageMachine { x86_64, aarch64 };

struct ImageTarget {
  ImageFormat format;
  ImageMachine machine;
};

// What this engine can open.
constexpr ImageTarget native_target() {
  return {
#if defined(_WIN32)
      ImageFormat::pe,
#elif defined(__APPLE__)
      ImageFormat::mach_o,
#else
      ImageFormat::elf,
#endif
#if defined(__aarch64__) || defined(_M_ARM64)
      ImageMachine::aarch64,
#else
      ImageMachine::x86_64,
#endif
  };
}

// Checks that `file` is a complete shared library of `target` that exports the entry and the stamp, and returns its
// stamp. `name` begins every message. Errors: plugin_load_failed, plugin_abi_mismatch. Any thread.
Result<arr_plugin_stamp> read_stamp(std::span<const std::byte> file, std::string_view name,
                                    ImageTarget target = native_target());

// The stamp of a library whose file nobody reads, since it is part of the program. Errors: as of read_stamp. Any thread.
Result<arr_plugin_stamp> check_stamp(const arr_plugin_stamp &stamp, std::string_view name);

// Whether `file` may be a library that is still being written: every shorter version of one is. Any thread.
bool is_incomplete(std::span<const std::byte> file, ImageTarget target = native_target());

// The libraries that this one is linked with, as the file names them, and the directories it wants searched, with
// $ORIGIN or @loader_path as written. Empty where the system needs no help (Windows). Any thread.
struct ImageDependencies {
  std::vector<std::string> needed;
  std::vector<std::string> search;
};
ImageDependencies read_dependencies(std::span<const std::byte> file, ImageTarget target = native_target());

}  // namespace arranger
