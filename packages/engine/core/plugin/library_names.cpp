// SPDX-License-Identifier: MIT
#include "plugin/library_names.hpp"

#include <set>
#include <string>
#include <system_error>

#include "base/file.hpp"
#include "plugin/isa.hpp"

namespace arranger {
namespace {

namespace fs = std::filesystem;

bool is_library_name(const fs::path &path) {
#if defined(_WIN32)
  return path.extension() == ".dll";
#elif defined(__APPLE__)
  return path.extension() == ".dylib" || path.extension() == ".so";
#else
  return path.extension() == ".so";
#endif
}

// The names of a directory's libraries, those of which there is only a faster build included.
std::set<fs::path> library_names(const fs::path &directory, std::error_code &error) {
  std::set<fs::path> names;
  const auto add = [&names](const fs::path &folder, std::error_code &failure) {
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
      std::error_code ignored;
      if (is_library_name(entry->path()) && entry->is_regular_file(ignored)) names.insert(entry->path().filename());
    }
  };
  add(directory, error);
  for (const std::string &folder : isa_folders()) {
    std::error_code ignored;
    add(directory / folder, ignored);
  }
  return names;
}

}  // namespace

FoundLibraries find_libraries(const fs::path &path) {
  std::error_code error;
  return fs::is_directory(path, error) ? libraries_in(path) : FoundLibraries{{path}, {}};
}

FoundLibraries libraries_in(const fs::path &directory) {
  FoundLibraries out;
  std::error_code error;
  for (const fs::path &name : library_names(directory, error)) out.files.push_back(directory / name);
  if (error) out.error = Error{Code::io_error, to_utf8(directory) + " could not be read: " + error.message()};
  return out;
}

}  // namespace arranger
