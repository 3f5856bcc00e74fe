// SPDX-License-Identifier: MIT
#include "control/library_watch.hpp"

#include <algorithm>
#include <system_error>

#include "plugin/image.hpp"
#include "plugin/isa.hpp"
#include "plugin/library.hpp"

namespace arranger {

LibraryWatch::FileState LibraryWatch::state_of(const std::filesystem::path &library) {
  FileState out;
  const auto add = [&out](const std::filesystem::path &file) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error);
    const auto size = error ? 0 : std::filesystem::file_size(file, error);
    if (error) return;
    out.written = std::max(out.written, written);
    out.size += size;
  };
  add(library);
  for (const std::string &folder : isa_folders()) add(library.parent_path() / folder / library.filename());
  return out;
}

void LibraryWatch::watch(const std::filesystem::path &library, bool is_loaded) {
  const FileState state = state_of(library);
  const std::lock_guard lock(mutex_);
  watched_.try_emplace(library, Watched{is_loaded ? state : FileState(), state});
}

void LibraryWatch::forget(const std::filesystem::path &library) {
  const std::lock_guard lock(mutex_);
  watched_.erase(library);
}

std::vector<std::filesystem::path> LibraryWatch::paths() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::filesystem::path> out;
  for (const auto &[path, state] : watched_) out.push_back(path);
  return out;
}

std::vector<std::filesystem::path> LibraryWatch::changed(Time now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::filesystem::path> out;
  for (auto &[path, watched] : watched_) {
    const FileState state = state_of(path);
    if (state != watched.seen) {
      watched.seen = state;
      watched.since = now;
      continue;
    }
    if (state == watched.loaded || state == FileState()) continue;
    if (watched.since == Time()) watched.since = now;
    const auto file = read_library_file(path);
    if ((!file || is_incomplete(file->bytes)) && now - watched.since < patience) continue;
    watched.loaded = state;
    out.push_back(path);
  }
  return out;
}

void LibraryWatch::again(const std::filesystem::path &library) {
  const std::lock_guard lock(mutex_);
  if (const auto found = watched_.find(library); found != watched_.end()) found->second.loaded = {};
}

bool LibraryWatch::is_settled(const std::filesystem::path &library) const {
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(library);
  return found != watched_.end() && found->second.loaded == state_of(library);
}

}  // namespace arranger
