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

// What the verdict of the probe depends on. The folder belongs to it because dependencies are found through it.
std::uint64_t probe_key(const CheckedLibrary &library) {
  std::string facts = engine_version;
  const auto add = [&facts](const std::string &fact) { facts.append(1, '\0').append(fact); };
  const auto add_file = [&add](const fs::path &path) {
    std::error_code ignored;
    add(to_utf8(path));
    add(std::to_string(fs::file_size(path, ignored)));
    add(std::to_string(fs::last_write_time(path, ignored).time_since_epoch().count()));
  };
  add(std::to_string(ARR_ABI_MAJOR) + "." + std::to_string(ARR_ABI_MINOR));
  add(std::to_string(library.file.hash));
  add(to_utf8(library.file.opened_path.parent_path()));
  add_file(probe_path());
  for (const fs::path &dependency : library.dependencies) add_file(dependency);
  return content_hash(std::as_bytes(std::span(facts)));
}

// Probes those that have not passed already. Returns a verdict for each.
std::vector<Result<void>> probe(std::span<const CheckedLibrary> libraries, std::chrono::milliseconds limit) {
  ProbeCache &cache = ProbeCache::instance();
  std::vector<Result<void>> verdicts(libraries.size());
  std::vector<ProbeRequest> requests;
  std::vector<std::size_t> asked;
  std::vector<std::uint64_t> keys, passed;
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    const std::uint64_t key = probe_key(libraries[i]);
    if (cache.contains(key)) continue;
    const auto &[file, stamp, dependencies, copy] = libraries[i];
    requests.push_back({copy.file(), file.opened_path.parent_path(), dependencies, file.name()});
    asked.push_back(i);
    keys.push_back(key);
  }
  auto answers = probe_libraries(requests, limit);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) passed.push_back(keys[i]);
    verdicts[asked[i]] = std::move(answers[i]);
  }
  cache.add(passed);
  return verdicts;
}

}  // namespace

std::string LibraryFile::name() const { return to_utf8(path.filename()); }

Result<LibraryFile> read_library_file(const fs::path &path) {
  LibraryFile file;
  std::error_code error;
  file.path = fs::canonical(path, error);
  if (error) file.path = fs::weakly_canonical(path, error);  // there may be only builds for some processors
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

Result<CheckedLibrary> check_library(LibraryFile file) {
  const auto stamp = read_stamp(file.bytes, file.name());
  if (!stamp) return std::unexpected(stamp.error());
  auto copy = PrivateCopy::make(file.bytes, file.path.filename());
  if (!copy) return fail(Code::plugin_load_failed, file.name() + " could not be copied: " + copy.error().message);
  auto dependencies = find_dependencies(file);
  file.bytes = {};
  return CheckedLibrary{std::move(file), *stamp, std::move(dependencies), std::move(*copy)};
}

Result<std::shared_ptr<Library>> Library::open(const fs::path &path, const OpenOptions &options) {
  auto file = read_library_file(path);
  if (!file) return std::unexpected(std::move(file.error()));
  auto checked = check_library(std::move(*file));
  if (!checked) return std::unexpected(std::move(checked.error()));
  std::vector<CheckedLibrary> one;
  one.push_back(std::move(*checked));
  return std::move(open(std::move(one), options).front());
}

std::vector<Result<std::shared_ptr<Library>>> Library::open(std::vector<CheckedLibrary> libraries,
                                                            const OpenOptions &options) {
  std::vector<Result<void>> verdicts(libraries.size());
  if (options.probe) verdicts = probe(libraries, options.limit);
  std::vector<Result<std::shared_ptr<Library>>> opened;
  for (std::size_t i = 0; i < libraries.size(); ++i) {
    if (verdicts[i]) opened.push_back(open_now(libraries[i]));
    else opened.push_back(std::unexpected(std::move(verdicts[i].error())));
  }
  return opened;
}

Result<std::shared_ptr<Library>> Library::open_now(CheckedLibrary &checked) {
  auto &[file, stamp, dependencies, copy] = checked;
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
