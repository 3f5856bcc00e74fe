// SPDX-License-Identifier: MIT
#include "plugin/library.hpp"

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/version.hpp"
#include "plugin/image.hpp"
#include "plugin/isa.hpp"
#include "plugin/probe_cache.hpp"

namespace arranger {
namespace {

namespace fs = std::filesystem;

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

// A library on its way: checked, copied, not yet opened.
struct Candidate {
  const LibraryFile &file;
  arr_plugin_stamp stamp;
  std::vector<fs::path> dependencies;
  PrivateCopy copy;
};

Result<Candidate> prepare(const LibraryFile &file) {
  const auto stamp = read_stamp(file.bytes, file.name());
  if (!stamp) return std::unexpected(stamp.error());
  auto copy = PrivateCopy::make(file.bytes, file.path.filename());
  if (!copy) return fail(Code::plugin_load_failed, file.name() + " could not be copied: " + copy.error().message);
  return Candidate{file, *stamp, find_dependencies(file), std::move(*copy)};
}

// What the verdict of the probe depends on. The folder belongs to it because dependencies are found through it.
std::uint64_t probe_key(const Candidate &candidate) {
  std::string facts = engine_version;
  const auto add = [&facts](const std::string &fact) { facts.append(1, '\0').append(fact); };
  const auto add_file = [&add](const fs::path &path) {
    std::error_code ignored;
    add(to_utf8(path));
    add(std::to_string(fs::file_size(path, ignored)));
    add(std::to_string(fs::last_write_time(path, ignored).time_since_epoch().count()));
  };
  add(std::to_string(ARR_ABI_MAJOR) + "." + std::to_string(ARR_ABI_MINOR));
  add(std::to_string(candidate.file.hash));
  add(to_utf8(candidate.file.opened_path.parent_path()));
  add_file(probe_path());
  for (const fs::path &dependency : candidate.dependencies) add_file(dependency);
  return content_hash(std::as_bytes(std::span(facts)));
}

// Probes those that have not passed already, and puts an error in the place of each that fails.
void probe(std::vector<Result<Candidate>> &candidates, std::chrono::milliseconds limit) {
  ProbeCache &cache = ProbeCache::instance();
  std::vector<ProbeRequest> requests;
  std::vector<std::uint64_t> keys, passed;
  std::vector<Result<Candidate> *> asked;
  for (auto &candidate : candidates) {
    if (!candidate) continue;
    const std::uint64_t key = probe_key(*candidate);
    if (cache.contains(key)) continue;
    const LibraryFile &file = candidate->file;
    requests.push_back({candidate->copy.file(), file.opened_path.parent_path(), candidate->dependencies, file.name()});
    keys.push_back(key);
    asked.push_back(&candidate);
  }
  const auto verdicts = probe_libraries(requests, limit);
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i]) passed.push_back(keys[i]);
    else *asked[i] = std::unexpected(verdicts[i].error());
  }
  cache.add(passed);
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
  return std::move(open(std::span(&*file, 1), options).front());
}

std::vector<Result<std::shared_ptr<Library>>> Library::open(std::span<const LibraryFile> files,
                                                            const OpenOptions &options) {
  std::vector<Result<Candidate>> candidates;
  for (const LibraryFile &file : files) candidates.push_back(prepare(file));
  if (options.probe) probe(candidates, options.limit);
  std::vector<Result<std::shared_ptr<Library>>> opened;
  for (auto &candidate : candidates) {
    if (candidate) opened.push_back(open(candidate->file, candidate->stamp, candidate->dependencies, candidate->copy));
    else opened.push_back(std::unexpected(std::move(candidate.error())));
  }
  return opened;
}

Result<std::shared_ptr<Library>> Library::open(const LibraryFile &file, const arr_plugin_stamp &stamp,
                                               std::span<const fs::path> dependencies, PrivateCopy &copy) {
  auto module = Module::open(copy.file(), file.opened_path.parent_path(), dependencies, file.name());
#if !defined(_WIN32)
  copy.remove();  // it lives on as long as it is mapped; there, an open file cannot be deleted
#endif
  if (!module) return std::unexpected(std::move(module.error()));
  auto plugins = collect_plugins(*module, file.name());
  if (!plugins) return std::unexpected(std::move(plugins.error()));
  std::shared_ptr<Library> library(new Library);
  library->path_ = file.path;
  library->name_ = file.name();
  library->isa_ = file.isa;
  library->hash_ = file.hash;
  library->stamp_ = stamp;
  library->copy_ = std::move(copy);
  library->module_ = std::move(*module);
  library->plugins_ = std::move(*plugins);
  return library;
}

}  // namespace arranger
