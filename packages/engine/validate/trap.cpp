// SPDX-License-Identifier: MIT
#include "trap.hpp"

#if defined(ARRANGER_WATCHES_REAL_TIME)
#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/file.hpp"
#include "plugin/image_formats.hpp"
#include "plugin/library.hpp"
#include "real_time_watch.h"
#endif

namespace arranger::validate {

#if defined(ARRANGER_WATCHES_REAL_TIME)

namespace {

constexpr int most_frames = 40;
constexpr const char *kinds[] = {"allocation", "lock", "system call", "exception"};

// The first thing that was seen.
struct Sighting {
  std::atomic<bool> taken;
  arranger_watched kind;
  const char *function;
  void *frames[most_frames];
  int frame_count;
};
Sighting sighting;

std::string readable(std::string_view symbol) {
  int status = 0;
  char *const text = abi::__cxa_demangle(std::string(symbol).c_str(), nullptr, nullptr, &status);
  std::string result(status == 0 && text ? std::string_view(text) : symbol);
  std::free(text);
  return result;
}

// The function of a library that holds an address, by all the symbols that its file still has.
std::string function_at(const std::vector<image::ElfSymbol> &symbols, std::uint64_t address) {
  for (const image::ElfSymbol &symbol : symbols)
    if (symbol.type == 2 && symbol.defined && symbol.address <= address && address - symbol.address < symbol.size)
      return readable(symbol.name);
  return {};
}

std::string hexadecimal(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "+0x%llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

bool trap_works() { return true; }

void set_trap() {
  void *frame[1];
  ::backtrace(frame, 1);  // the first call loads a library
  sighting.taken = false;
}

std::string trapped(const std::filesystem::path &library) {
  if (!sighting.taken) return {};
  const auto file_of_plugin = read_library_file(library);  // at the instruction-set level that was opened
  std::vector<image::ElfSymbol> symbols;
  if (file_of_plugin) symbols = image::elf_symbols(image::Bytes(file_of_plugin->bytes), image::ElfTable::all);
  Dl_info own{};
  ::dladdr(reinterpret_cast<const void *>(&trap_works), &own);
  std::string text = std::string(sighting.function) + " (" + kinds[sighting.kind] + ")";
  bool inside = false;
  for (int i = 0; i < sighting.frame_count; ++i) {
    Dl_info where{};
    // A return address stands behind its call, which may be the last of its function.
    auto *const call = static_cast<const char *>(sighting.frames[i]) - 1;
    if (::dladdr(call, &where) == 0) continue;
    if (where.dli_fbase == own.dli_fbase) {
      if (inside) break;
      continue;
    }
    const auto offset = static_cast<std::uint64_t>(call - static_cast<const char *>(where.dli_fbase));
    const std::filesystem::path file(where.dli_fname);
    std::string name = where.dli_sname ? readable(where.dli_sname) : "";
    // A private copy has its own name before the library's.
    const bool is_plugin = to_utf8(file.filename()).ends_with(to_utf8(library.filename()));
    if (is_plugin) name = function_at(symbols, offset);
    text += (inside ? ", by " : ", called by ") + name + (name.empty() ? "" : " ") + "(" +
            to_utf8(is_plugin ? library.filename() : file.filename()) + hexadecimal(offset) + ")";
    inside = true;
  }
  return text;
}

extern "C" void arranger_audio_saw(enum arranger_watched kind, const char *function) {
  if (sighting.taken.exchange(true)) return;
  sighting.kind = kind;
  sighting.function = function;
  sighting.frame_count = ::backtrace(sighting.frames, most_frames);
}

#else

bool trap_works() { return false; }
void set_trap() {}
std::string trapped(const std::filesystem::path &) { return {}; }

#endif

}  // namespace arranger::validate
