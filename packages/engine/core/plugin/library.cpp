// SPDX-License-Identifier: MIT
#include "plugin/library.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <string_view>
#include <system_error>

#include "base/file.hpp"
#include "plugin/image.hpp"
#include "plugin/isa.hpp"

namespace arranger {
namespace {

namespace fs = std::filesystem;

// The contents that have passed the probe in this process. One that failed is probed again: what it lacked, or what
// kept it waiting, may be different then.
class PassedProbes {
 public:
  bool contains(std::uint64_t key) {
    const std::lock_guard lock(mutex_);
    return keys_.contains(key);
  }
  void add(std::uint64_t key) {
    const std::lock_guard lock(mutex_);
    keys_.insert(key);
  }

 private:
  std::mutex mutex_;
  std::set<std::uint64_t> keys_;
};

PassedProbes &passed_probes() {
  static PassedProbes *const probes = new PassedProbes;  // outlives every thread
  return *probes;
}

// A search directory with the library's own folder put in; nothing when it does not speak of that folder.
std::string in_folder(std::string_view text, const fs::path &folder) {
  for (const std::string_view mark : {"$ORIGIN", "${ORIGIN}", "@loader_path"}) {
    if (text.starts_with(mark)) return folder.string() + std::string(text.substr(mark.size()));
  }
  return {};
}

bool is_file(const fs::path &path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

// Where the loader would find `needed` for the original, if that is by way of the original's own folder.
fs::path find_beside(std::string_view needed, const std::vector<std::string> &search, const fs::path &folder) {
  if (const fs::path direct = in_folder(needed, folder); !direct.empty()) return is_file(direct) ? direct : fs::path();
  constexpr std::string_view run_path = "@rpath/";
  if (needed.starts_with(run_path)) needed.remove_prefix(run_path.size());
  if (needed.find('/') != std::string_view::npos) return {};
  for (const std::string &directory : search) {
    const std::string own = in_folder(directory, folder);
    const fs::path candidate = fs::path(own.empty() ? directory : own) / needed;
    if (is_file(candidate)) return own.empty() ? fs::path() : candidate;
  }
  return {};
}

std::vector<fs::path> find_dependencies(const LibraryFile &file) {
  const ImageDependencies dependencies = read_dependencies(file.bytes);
  std::vector<fs::path> found;
  for (const std::string &needed : dependencies.needed) {
    if (auto path = find_beside(needed, dependencies.search, file.opened_path.parent_path()); !path.empty())
      found.push_back(path);
  }
  return found;
}

Result<void> probe(const LibraryFile &file, const PrivateCopy &copy, std::span<const fs::path> dependencies,
                   const OpenOptions &options) {
  // The folder belongs to the key because dependencies are found through it.
  const std::string folder = file.opened_path.parent_path().string();
  const std::uint64_t key = file.hash ^ content_hash(std::as_bytes(std::span(folder)));
  if (passed_probes().contains(key)) return {};
  const std::string name = file.name();
  const ProbeRequest request{
      copy.file(), file.opened_path.parent_path(), {dependencies.begin(), dependencies.end()}, name};
  auto passed = probe_library(request, options.limit);
  if (passed) passed_probes().add(key);
  return passed;
}

}  // namespace

std::string LibraryFile::name() const { return to_utf8(path.filename()); }

Result<LibraryFile> read_library_file(const fs::path &path) {
  LibraryFile file;
  std::error_code error;
  file.path = fs::weakly_canonical(path, error);
  if (error || file.path.empty()) file.path = fs::absolute(path, error);
  file.opened_path = file.path;
  file.isa = "base";
  for (const std::string &folder : isa_folders()) {
    const fs::path variant = file.path.parent_path() / folder / file.path.filename();
    if (!is_file(variant)) continue;
    file.opened_path = variant;
    file.isa = folder;
    break;
  }
  auto bytes = read_file(file.opened_path);
  if (!bytes)
    return fail(Code::plugin_load_failed, to_utf8(file.opened_path) + " could not be read: " + bytes.error().message);
  file.bytes = std::move(*bytes);
  file.hash = content_hash(file.bytes);
  return file;
}

Result<std::shared_ptr<Library>> Library::open(const fs::path &path, const OpenOptions &options) {
  const auto file = read_library_file(path);
  if (!file) return std::unexpected(file.error());
  return open(*file, options);
}

Result<std::shared_ptr<Library>> Library::open(const LibraryFile &file, const OpenOptions &options) {
  const std::string name = file.name();
  const auto stamp = read_stamp(file.bytes, name);
  if (!stamp) return std::unexpected(stamp.error());
  const auto dependencies = find_dependencies(file);
  auto copy = PrivateCopy::make(file.bytes, file.path.filename());
  if (!copy) return fail(Code::plugin_load_failed, name + " could not be copied: " + copy.error().message);
  if (options.probe) {
    if (auto passed = probe(file, *copy, dependencies, options); !passed)
      return std::unexpected(std::move(passed.error()));
  }
  auto module = Module::open(copy->file(), file.opened_path.parent_path(), dependencies, name);
  if (!module) return std::unexpected(std::move(module.error()));
  auto plugins = collect_plugins(*module, name);
  if (!plugins) return std::unexpected(std::move(plugins.error()));

  std::shared_ptr<Library> library(new Library);
  library->path_ = file.path;
  library->name_ = name;
  library->isa_ = file.isa;
  library->hash_ = file.hash;
  library->stamp_ = *stamp;
#if defined(_WIN32)
  library->copy_ = std::move(*copy);  // an open file cannot be deleted there; elsewhere it goes now
#endif
  library->module_ = std::move(*module);
  library->plugins_ = std::move(*plugins);
  return library;
}

}  // namespace arranger
