// SPDX-License-Identifier: MIT
// All plugins of the process: one registry, shared by every engine and every thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/thread.hpp"
#include "plugin/library.hpp"

namespace arranger {

// A plugin that can be instantiated. Whoever holds an entry keeps its library open.
struct PluginEntry {
  Descriptor descriptor;
  const arr_factory *factory;
  std::shared_ptr<Library> library;
  std::string library_id;
  std::int32_t generation = 1;
};

struct LoadOptions {
  bool probe = true;                     // open it in a child process first
  bool replace = false;                  // take over ids that another library has; never those of builtin libraries
  bool builtin = false;                  // ids that begin with "builtin." are allowed
  long references = 1;                   // to an entry that nobody uses; who remembers it has another one
  std::vector<std::string> needed = {};  // those of them that the library has now, it must still have
};

struct LoadedLibrary {
  std::string library_id;  // the file's stem, with "#2" … when another path has the same
  std::filesystem::path path;
  std::vector<std::string> plugin_ids;  // in the library's order
  std::int32_t generation = 1;          // counts the contents that this path has had
  std::string isa;
  bool builtin = false;
};

struct FailedLoad {
  std::filesystem::path path;
  Error error;
};

struct LoadReport {
  std::vector<LoadedLibrary> libraries;
  std::vector<FailedLoad> failed;
};

class Registry {
 public:
  // The one of this process; never destroyed, so that no plugin code is unmapped while a thread may still run it.
  static Registry &instance();

  // A registry of its own, for tests.
  Registry() = default;
  Registry(const Registry &) = delete;
  Registry &operator=(const Registry &) = delete;

  // Loads a library. The same path with the same content changes nothing and gives the same answer; with another
  // content it replaces the library, and instances that are there keep the old one. On an error nothing has changed.
  // Errors: plugin_load_failed, plugin_abi_mismatch, plugin_crashed, plugin_timeout, plugin_probe_unavailable,
  // duplicate_id. Any thread; loads run one after the other, queries never wait for one.
  Result<LoadedLibrary> load(const std::filesystem::path &path, const LoadOptions &options = {});

  // What a load or an unload has changed, so that it can be undone: what comes after it may fail.
  struct Undo;
  std::shared_ptr<const Undo> remember(const std::filesystem::path &path) const;
  // As it was then, for the library of that path; what others have done since stays.
  void undo(const Undo &undo);

  // Whether somebody uses a plugin of the library: an instance, a render under way. Any thread.
  bool in_use(std::string_view library_id) const;
  // Loads many, as load does each, in their order; a directory means its libraries in the order of their names. One child
  // probes all that are new, and one that fails keeps no other from being loaded. A library that is named twice is
  // reported once. Errors: as of load; io_error of a directory. Any thread.
  LoadReport load_many(std::span<const std::filesystem::path> paths, const LoadOptions &options = {});

  // Takes a library's plugins out of the registry; it is closed when the last user lets go. Error: unknown_plugin.
  Result<void> unload(std::string_view library_id);

  // Loads every library of a directory as builtin, in the order of their names and without a probe. A second call for
  // the same directory changes nothing and returns the first report. Any thread.
  const LoadReport &load_builtins(const std::filesystem::path &directory);

  // Registers libraries that are linked into the program, as builtin. Any thread.
  LoadReport load_linked(std::span<const LinkedLibrary> libraries);

  // NULL when there is none; the engine's own audio_input is always there. Any thread, never waits for a load.
  std::shared_ptr<const PluginEntry> find(std::string_view id) const;
  // Sorted by id.
  std::vector<std::shared_ptr<const PluginEntry>> plugins() const;
  // Sorted by library_id.
  std::vector<LoadedLibrary> libraries() const;
  // "no plugin 'x'; nearest is 'y'": the error for an id that find does not know.
  Error unknown(std::string_view id, std::string path = {}) const;

 private:
  struct Record {
    LoadedLibrary info;
    std::shared_ptr<Library> library;
  };

  LoadReport load_locked(std::span<const std::filesystem::path> paths, const LoadOptions &options);
  const Record *find_record(const std::filesystem::path &path) const;
  const LoadedLibrary *find_same(const LibraryFile &file) const;
  Result<LoadedLibrary> add(std::shared_ptr<Library> library, const LoadOptions &options);
  Result<void> check_ids(const Library &library, const Record *old, const LoadOptions &options) const;
  LoadedLibrary publish(std::shared_ptr<Library> library, const Record *old, const LoadOptions &options);
  std::shared_ptr<const PluginEntry> remove_id(const std::string &id);
  std::string library_id_for(const std::filesystem::path &path) const;

  Mutex load_mutex_;           // held through a whole load
  mutable SharedMutex mutex_;  // guards the maps, held only briefly
  std::map<std::filesystem::path, Record> records_;
  std::map<std::string, std::shared_ptr<const PluginEntry>, std::less<>> entries_;
  std::map<std::filesystem::path, LoadReport> builtin_reports_;
};

}  // namespace arranger
