// SPDX-License-Identifier: MIT
// The library as a file, and as something that is opened, registered and closed.
#include <algorithm>
#include <cstring>
#include <set>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/module.hpp"
#include "check.hpp"
#include "plugin/image.hpp"
#include "plugin/image_formats.hpp"
#include "process_facts.hpp"
#include "rig.hpp"

namespace arranger::validate {
namespace {

bool is_terminated(const char *text, std::size_t room) { return std::memchr(text, 0, room) != nullptr; }

Result<void> check_stamp(const arr_plugin_stamp &stamp) {
  if (!is_terminated(stamp.compiler, sizeof stamp.compiler) || !is_terminated(stamp.build_id, sizeof stamp.build_id))
    return broken("a text of its stamp does not end");
  if (stamp.compiler[0] == '\0') return broken("its stamp names no compiler");
  return {};
}

// What the build of the SDK checks, once more: a library may come from another build.
Result<void> check_symbols(const LibraryFile &file) {
  if (native_target().format != ImageFormat::elf) return {};
  for (const image::ElfSymbol &symbol : image::elf_symbols(image::Bytes(file.bytes), image::ElfTable::dynamic)) {
    const std::string name(symbol.name);
    if (symbol.is_unique()) return broken(name + " is a unique symbol, which keeps the library mapped for ever");
    if (symbol.is_export() && name != image::entry_symbol && name != image::stamp_symbol)
      return broken(name + " is exported; only register_plugin and arranger_plugin_stamp may be");
    if (!symbol.defined && name.starts_with("__cxa_thread_atexit"))
      return broken("it has a thread_local with a destructor, which keeps the library mapped for ever");
  }
  return {};
}

Result<void> symbols_and_stamp(const Subject &subject) {
  const auto file = read_library_file(subject.path());
  if (!file) return std::unexpected(file.error());
  const auto stamp = read_stamp(file->bytes, file->name());
  if (!stamp) return std::unexpected(stamp.error());
  if (auto done = check_stamp(*stamp); !done) return done;
  if (auto done = check_symbols(*file); !done) return done;
  // Opening resolves every symbol at once: one that no library has is found here.
  const auto module = Module::open(file->opened_path, file->opened_path.parent_path(), {}, file->name());
  if (!module) return std::unexpected(module.error());
  return {};
}

Result<void> registers_twice(const Subject &subject) {
  const auto library = open_library(subject.path());
  if (!library) return std::unexpected(library.error());
  const auto before = process_facts();
  const auto again = collect_plugins((*library)->module(), (*library)->name());
  if (!again) return std::unexpected(again.error());
  const auto after = process_facts();
  const auto same = [](const PluginClass &a, const PluginClass &b) { return a.descriptor == b.descriptor; };
  if (!std::ranges::equal((*library)->plugins(), *again, same))
    return broken("it adds other plugins, or other descriptors, the second time");
  if (!before || !after) return {};
  if (after->threads > before->threads) return broken("register_plugin starts a thread");
  if (after->open_files > before->open_files) return broken("register_plugin opens a file");
  return {};
}

Result<void> load_use_unload(const Subject &subject) {
  const auto library = open_library(subject.path());
  if (!library) return std::unexpected(library.error());
  for (const PluginClass &plugin : (*library)->plugins()) {
    auto entry = std::make_shared<PluginEntry>(PluginEntry{plugin.descriptor, plugin.factory, *library, {}});
    // What cannot be made without a config value is other checks' business.
    if (auto instance = Instance::create(std::move(entry), {}))
      static_cast<void>((*instance)->activate(48'000, 512, true, 1));
  }
  return {};
}

Result<void> reload_100(const Subject &subject) {
  constexpr std::int64_t slack = 4 << 20;
  constexpr int warm = 5;
  const std::string name = to_utf8(subject.path().filename());
  std::optional<ProcessFacts> before;
  const int count = subject.rounds(100);
  for (int round = 0; round < count; ++round) {
    if (round == warm) before = process_facts();
    if (auto done = load_use_unload(subject); !done) return done;
    if (mappings_of(name) > 0) return broken("it stays mapped after it was closed");
  }
  const auto after = process_facts();
  if (!before || !after) return {};
  const std::string times = format("after it was opened and closed {} times", count - warm);
  if (after->open_files > before->open_files)
    return broken(format("{} files more are open {}", after->open_files - before->open_files, times));
  if (after->threads > before->threads)
    return broken(format("{} threads more are running {}", after->threads - before->threads, times));
  if (after->resident_bytes - before->resident_bytes > slack)
    return broken(
        format("the process has grown by {} KiB {}", (after->resident_bytes - before->resident_bytes) / 1024, times));
  return {};
}

constexpr auto library = Check::Scope::library;
constexpr Check checks[] = {
    {"symbols_and_stamp", library,
     "The file is a complete library of this ABI that exports exactly its entry and its stamp, needs no symbol that "
     "its "
     "libraries lack, and can be unmapped.",
     "Build it with arranger_add_plugin(), which sets the export list and the flags.", nullptr, symbols_and_stamp},
    {"registers_twice", library,
     "register_plugin adds the same plugins every time, and starts no thread and opens no file.",
     "Keep register_plugin free of side effects; describe, and do the rest in create or activate.", nullptr,
     registers_twice},
    {"reload_100", library, "It can be opened and closed 100 times, and then nothing of it is left in the process.",
     "Undo in destructors what constructors of globals did; no thread, file or thread_local may outlive the library.",
     nullptr, reload_100},
};

}  // namespace

std::span<const Check> library_checks() { return checks; }

}  // namespace arranger::validate
