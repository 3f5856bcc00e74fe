// SPDX-License-Identifier: MIT
#include "plugin/registry.hpp"
#include "base/thread.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "base/file.hpp"
#include "base/nearest.hpp"
#include "plugin/audio_input.hpp"
#include "plugin/library_names.hpp"
#include "plugin/registry_version.hpp"

namespace arranger {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view builtin_prefix = "builtin.";

// Raised behind each change, before its lock is gone.
std::atomic<std::uint64_t> version = 0;

bool has_plugin(const Library &library, std::string_view id) {
  return std::ranges::any_of(library.plugins(), [id](const PluginClass &plugin) { return plugin.descriptor.id == id; });
}

}  // namespace

std::uint64_t registry_version() { return version; }

Registry &Registry::instance() {
  static Registry *const registry = new Registry;
  return *registry;
}

Result<LoadedLibrary> Registry::load(const fs::path &path, const LoadOptions &options) {
  const std::lock_guard loading(load_mutex_);
  LoadReport report = load_locked(std::span(&path, 1), options);
  if (!report.failed.empty()) return std::unexpected(std::move(report.failed.front().error));
  return std::move(report.libraries.front());
}

LoadReport Registry::load_many(std::span<const fs::path> paths, const LoadOptions &options) {
  std::vector<fs::path> files;
  LoadReport unread;
  for (const fs::path &path : paths) {
    FoundLibraries found = find_libraries(path);
    std::ranges::move(found.files, std::back_inserter(files));
    if (found.error) unread.failed.push_back({path, std::move(*found.error)});
  }
  const std::lock_guard loading(load_mutex_);
  LoadReport report = load_locked(files, options);
  std::ranges::move(unread.failed, std::back_inserter(report.failed));
  return report;
}

// Only loads write, and this is the only one: reading needs no second lock.
LoadReport Registry::load_locked(std::span<const fs::path> paths, const LoadOptions &options) {
  std::vector<std::pair<fs::path, Result<LoadedLibrary>>> outcomes;
  std::vector<CheckedLibrary> libraries;
  std::vector<std::size_t> places;  // of them, in outcomes
  std::set<fs::path> seen;
  for (const fs::path &path : paths) {
    auto file = read_library_file(path);
    if (!file) {
      outcomes.emplace_back(path, std::unexpected(std::move(file.error())));
    } else if (!seen.insert(file->path).second) {
      continue;
    } else if (const LoadedLibrary *same = find_same(*file)) {
      outcomes.emplace_back(path, *same);
    } else if (auto library = check_library(std::move(*file)); !library) {
      outcomes.emplace_back(path, std::unexpected(std::move(library.error())));
    } else {
      places.push_back(outcomes.size());
      outcomes.emplace_back(path, LoadedLibrary{});
      libraries.push_back(std::move(*library));
    }
  }
  auto opened = Library::open(std::move(libraries), {.probe = options.probe});
  for (std::size_t i = 0; i < opened.size(); ++i) {
    auto &outcome = outcomes[places[i]].second;
    if (opened[i]) outcome = add(std::move(*opened[i]), options);
    else outcome = std::unexpected(std::move(opened[i].error()));
  }
  LoadReport report;
  for (auto &[path, outcome] : outcomes) {
    if (outcome) report.libraries.push_back(std::move(*outcome));
    else report.failed.push_back({path, std::move(outcome.error())});
  }
  return report;
}

const Registry::Record *Registry::find_record(const fs::path &path) const {
  const auto found = records_.find(path);
  return found == records_.end() ? nullptr : &found->second;
}

// The library of the same path and content, when it is there with all of its ids.
const LoadedLibrary *Registry::find_same(const LibraryFile &file) const {
  const Record *record = find_record(file.path);
  if (!record || record->library->hash() != file.hash) return nullptr;
  return record->info.plugin_ids.size() == record->library->plugins().size() ? &record->info : nullptr;
}

Result<LoadedLibrary> Registry::add(std::shared_ptr<Library> library, const LoadOptions &given) {
  const Record *old = find_record(library->path());
  LoadOptions options = given;
  options.builtin = options.builtin || (old && old->info.builtin);
  if (auto free = check_ids(*library, old, options); !free) return std::unexpected(std::move(free.error()));
  return publish(std::move(library), old, options);
}

Result<void> Registry::check_ids(const Library &library, const Record *old, const LoadOptions &options) const {
  for (const PluginClass &plugin : library.plugins()) {
    const std::string &id = plugin.descriptor.id;
    const bool reserved = id.starts_with(builtin_prefix);
    const auto taken = entries_.find(id);
    const bool by_other = taken != entries_.end() && (!old || taken->second->library_id != old->info.library_id);
    if (by_other && (reserved || !options.replace)) {
      return fail(Code::duplicate_id, to_utf8(library.path()) + " adds " + id + ", which " +
                                          to_utf8(taken->second->library->path()) + " has already" +
                                          (reserved ? "; a builtin plugin cannot be replaced" : ""));
    }
    if (reserved && !options.builtin) {
      return fail(Code::plugin_load_failed,
                  library.name() + " adds " + id + ", but ids that begin with 'builtin.' are the engine's own");
    }
  }
  if (!old) return {};
  for (const std::string &id : old->info.plugin_ids) {
    const auto entry = entries_.find(id);
    const bool in_use = (entry != entries_.end() && entry->second.use_count() > options.references) ||
                        std::ranges::find(options.needed, id) != options.needed.end();
    if (in_use && !has_plugin(library, id)) {
      return fail(Code::plugin_load_failed,
                  library.name() + " no longer has " + id + ", which is in use; the loaded one stays");
    }
  }
  return {};
}

// Takes an id from the library that has it; one that has none left goes. Returns what has to be let go of when the lock
// is gone: with the last user, code of the library runs.
std::shared_ptr<const PluginEntry> Registry::remove_id(const std::string &id) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return nullptr;
  auto removed = std::move(entry->second);
  entries_.erase(entry);
  ++version;
  const auto record = records_.find(removed->library->path());
  if (record == records_.end()) return removed;
  std::erase(record->second.info.plugin_ids, id);
  if (record->second.info.plugin_ids.empty()) records_.erase(record);
  return removed;
}

LoadedLibrary Registry::publish(std::shared_ptr<Library> library, const Record *old, const LoadOptions &options) {
  Record record;
  record.info.library_id = old ? old->info.library_id : library_id_for(library->path());
  record.info.path = library->path();
  record.info.generation = old ? old->info.generation + 1 : 1;
  record.info.isa = library->isa();
  record.info.builtin = options.builtin;
  std::vector<std::shared_ptr<const PluginEntry>> added;
  for (const PluginClass &plugin : library->plugins()) {
    record.info.plugin_ids.push_back(plugin.descriptor.id);
    added.push_back(std::make_shared<const PluginEntry>(
        PluginEntry{plugin.descriptor, plugin.factory, library, record.info.library_id, record.info.generation}));
  }
  record.library = std::move(library);
  LoadedLibrary info = record.info;

  std::vector<std::shared_ptr<const PluginEntry>> removed;
  {
    const std::unique_lock lock(mutex_);
    if (old) {
      const auto old_ids = old->info.plugin_ids;
      for (const std::string &id : old_ids) removed.push_back(remove_id(id));
    }
    for (const auto &entry : added) {
      removed.push_back(remove_id(entry->descriptor.id));
      entries_[entry->descriptor.id] = entry;
    }
    records_[record.info.path] = std::move(record);
    ++version;
  }
  return info;
}

struct Registry::Undo {
  fs::path path;
  std::optional<Record> record;
  std::map<std::string, std::shared_ptr<const PluginEntry>, std::less<>> entries;
};

std::shared_ptr<const Registry::Undo> Registry::remember(const fs::path &path) const {
  const SharedLock lock(mutex_);
  Undo out;
  out.path = path;
  if (const auto found = records_.find(path); found != records_.end()) {
    out.record = found->second;
    for (const std::string &id : found->second.info.plugin_ids) out.entries.emplace(id, entries_.at(id));
  }
  return std::make_shared<const Undo>(std::move(out));
}

void Registry::undo(const Undo &undo) {
  const std::lock_guard loading(load_mutex_);
  const auto before = entries_;  // kept until the lock is gone: letting go of the last one runs code of the library
  const auto records_before = records_;
  const std::unique_lock lock(mutex_);
  if (const auto found = records_.find(undo.path); found != records_.end()) {
    const std::vector<std::string> ids = found->second.info.plugin_ids;
    for (const std::string &id : ids) remove_id(id);
  }
  if (!undo.record) return;
  records_.insert_or_assign(undo.path, *undo.record);
  for (const auto &[id, entry] : undo.entries) entries_.insert_or_assign(id, entry);
  ++version;
}

bool Registry::in_use(std::string_view library_id) const {
  const SharedLock lock(mutex_);
  return std::ranges::any_of(
      entries_, [&](const auto &item) { return item.second->library_id == library_id && item.second.use_count() > 1; });
}

Result<void> Registry::unload(std::string_view library_id) {
  const std::lock_guard loading(load_mutex_);
  const auto has_id = [library_id](const auto &item) { return item.second.info.library_id == library_id; };
  const auto record = std::ranges::find_if(records_, has_id);
  if (record == records_.end())
    return fail(Code::unknown_plugin, "There is no library '" + std::string(library_id) + "'");
  const Record kept = record->second;
  std::vector<std::shared_ptr<const PluginEntry>> removed;
  const std::unique_lock lock(mutex_);
  for (const std::string &id : kept.info.plugin_ids) removed.push_back(remove_id(id));
  return {};
}

const LoadReport &Registry::load_builtins(const fs::path &given) {
  const std::lock_guard loading(load_mutex_);
  const fs::path directory = full_path(given).value_or(fs::path());
  const auto [found, fresh] = builtin_reports_.try_emplace(directory);
  LoadReport &report = found->second;
  if (!fresh) return report;
  FoundLibraries libraries = libraries_in(directory);
  report = load_locked(libraries.files, {.probe = false, .builtin = true});
  if (libraries.error) report.failed.push_back({directory, std::move(*libraries.error)});
  return report;
}

LoadReport Registry::load_linked(std::span<const LinkedLibrary> libraries) {
  const std::lock_guard loading(load_mutex_);
  LoadReport report;
  for (const LinkedLibrary &linked : libraries) {
    auto library = Library::linked(linked);
    auto added = library ? add(std::move(*library), {.builtin = true}) : std::unexpected(std::move(library.error()));
    if (added) report.libraries.push_back(std::move(*added));
    else report.failed.push_back({linked.name, std::move(added.error())});
  }
  return report;
}

std::shared_ptr<const PluginEntry> Registry::find(std::string_view id) const {
  if (id == audio_input_type) return audio_input_entry();
  const SharedLock lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const PluginEntry>> Registry::plugins() const {
  const SharedLock lock(mutex_);
  std::vector<std::shared_ptr<const PluginEntry>> result;
  for (const auto &[id, entry] : entries_) result.push_back(entry);
  return result;
}

std::vector<LoadedLibrary> Registry::libraries() const {
  std::vector<LoadedLibrary> result;
  {
    const SharedLock lock(mutex_);
    for (const auto &[path, record] : records_) result.push_back(record.info);
  }
  std::ranges::sort(result, {}, &LoadedLibrary::library_id);
  return result;
}

Error Registry::unknown(std::string_view id, std::string path) const {
  std::vector<std::string> ids;
  for (const auto &entry : plugins()) ids.push_back(entry->descriptor.id);
  return {Code::unknown_plugin,
          "There is no plugin '" + std::string(id) + "'" + nearest_hint(id, std::span<const std::string>(ids)),
          std::move(path)};
}

// The file's stem, counted up when another path has it.
std::string Registry::library_id_for(const fs::path &path) const {
  const std::string stem = to_utf8(path.stem());
  std::string id = stem;
  const auto has_id = [&id](const auto &item) { return item.second.info.library_id == id; };
  for (int n = 2; std::ranges::any_of(records_, has_id); ++n) id = stem + "#" + std::to_string(n);
  return id;
}

}  // namespace arranger
