// SPDX-License-Identifier: MIT
// The libraries that tests load, and a folder to put others into.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/own_path.hpp"
#include "base/private_directory.hpp"
#include "base/windows.hpp"
#if defined(_WIN32)
#include <psapi.h>

#include <algorithm>
#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

namespace arranger::test {

inline std::filesystem::path fixture(const std::string &name) {
#if defined(_WIN32)
  constexpr const char *suffix = ".dll";
#else
  constexpr const char *suffix = ".so";
#endif
  return own_path().parent_path() / "fixtures" / (name + suffix);
}

// While one lives, a library that ends the process with exit(0) fails the test run in place of passing it.
class NoExit {
 public:
  NoExit() {
    static const int registered = std::atexit([] {
      if (count > 0) std::_Exit(3);
    });
    (void)registered;
    ++count;
  }
  NoExit(const NoExit &) = delete;
  NoExit &operator=(const NoExit &) = delete;
  ~NoExit() { --count; }

 private:
  static inline int count = 0;
};

// A folder that is removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / private_name("test")) {
    std::filesystem::create_directory(path_);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path &path() const { return path_; }

  // Puts a copy of a file here as `name`, over what is there, in the careless way: written in place.
  std::filesystem::path put(const std::filesystem::path &source, const std::string &name) const {
    const auto target = path_ / name;
    std::filesystem::create_directories(target.parent_path());
    std::filesystem::copy_file(source, target, std::filesystem::copy_options::overwrite_existing);
    return target;
  }

 private:
  std::filesystem::path path_;
};

// Whether a library that was loaded from a file with this name is in the process. What is in it are copies, whose names
// end in the file's.
inline bool is_mapped(const std::string &file_name) {
  const std::string end = "-" + file_name;
#if defined(_WIN32)
  HMODULE modules[1024];
  DWORD size = 0;
  ::EnumProcessModules(::GetCurrentProcess(), modules, sizeof modules, &size);
  for (std::size_t i = 0; i < std::min<std::size_t>(size / sizeof(HMODULE), 1024); ++i) {
    char name[1024] = {};
    ::GetModuleFileNameA(modules[i], name, sizeof name - 1);
    if (std::string_view(name).ends_with(end)) return true;
  }
#elif defined(__APPLE__)
  for (std::uint32_t i = 0; i < ::_dyld_image_count(); ++i) {
    if (std::string_view(::_dyld_get_image_name(i)).ends_with(end)) return true;
  }
#else
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(end) != std::string::npos) return true;
  }
#endif
  return false;
}

// Sets an environment variable for as long as the object lives.
class Environment {
 public:
  Environment(const char *name, const std::string &value) : name_(name) {
    if (const char *old = std::getenv(name)) old_ = old, was_set_ = true;
    set(value);
  }
  Environment(const Environment &) = delete;
  Environment &operator=(const Environment &) = delete;
  ~Environment() {
    if (was_set_) {
      set(old_);
    } else {
      unset();
    }
  }

 private:
#if defined(_WIN32)
  void set(const std::string &value) { ::_putenv_s(name_, value.c_str()); }
  void unset() { ::_putenv_s(name_, ""); }
#else
  void set(const std::string &value) { ::setenv(name_, value.c_str(), 1); }
  void unset() { ::unsetenv(name_); }
#endif

  const char *name_;
  std::string old_;
  bool was_set_ = false;
};

}  // namespace arranger::test
