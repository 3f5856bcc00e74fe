// SPDX-License-Identifier: MIT
#include "base/module.hpp"

#include <cstdio>
#include <system_error>

#include "base/file.hpp"
#include "base/private_directory.hpp"
#include "base/utf8.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <dlfcn.h>
#endif

namespace arranger {
namespace {

std::unexpected<Error> could_not_open(std::string_view name, const std::string &reason) {
  return fail(Code::plugin_load_failed, std::string(name) + " could not be opened: " + as_utf8(reason));
}

#if defined(_WIN32)

std::string last_error() { return std::system_category().message(static_cast<int>(::GetLastError())); }

void *open_handle(const std::filesystem::path &file, std::string &reason) {
  constexpr DWORD flags = LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS;
  DWORD mode = 0;
  ::SetThreadErrorMode(SEM_FAILCRITICALERRORS, &mode);  // no message box
  const HMODULE handle = ::LoadLibraryExW(file.c_str(), nullptr, flags);
  if (!handle) reason = last_error();
  ::SetThreadErrorMode(mode, nullptr);
  return handle;
}

void close_handle(void *handle) { ::FreeLibrary(static_cast<HMODULE>(handle)); }

// While it lives, libraries are also looked for in the folder of the original.
class SearchFolder {
 public:
  explicit SearchFolder(const std::filesystem::path &directory) : cookie_(::AddDllDirectory(directory.c_str())) {}
  SearchFolder(const SearchFolder &) = delete;
  SearchFolder &operator=(const SearchFolder &) = delete;
  ~SearchFolder() {
    if (cookie_) ::RemoveDllDirectory(cookie_);
  }

 private:
  DLL_DIRECTORY_COOKIE cookie_;
};

#else

void *open_handle(const std::filesystem::path &file, std::string &reason) {
  void *handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle) return handle;
  const char *text = ::dlerror();
  reason = text ? text : "no reason was given";
  // The loader begins with the path of the copy, which means nothing to people.
  const std::string prefix = file.string() + ": ";
  if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
  return nullptr;
}

void close_handle(void *handle) { ::dlclose(handle); }

struct SearchFolder {
  explicit SearchFolder(const std::filesystem::path &) {}
};

#endif

}  // namespace

PrivateCopy &PrivateCopy::operator=(PrivateCopy &&other) noexcept {
  if (this != &other) {
    remove();
    file_ = std::exchange(other.file_, {});
  }
  return *this;
}

// The bytes and nothing else: a signature (macOS) lies within the file, and no attribute such as the quarantine comes along.
Result<PrivateCopy> PrivateCopy::make(std::span<const std::byte> bytes, const std::filesystem::path &file_name) {
  Error reason{Code::io_error, "There is no temporary directory"};
  for (const auto &place : private_places()) {
    const auto directory = private_directory(place);
    PrivateCopy copy;
    if (directory) copy.file_ = *directory / private_name(file_name);
    const auto written = directory ? write_private_file(copy.file_, bytes) : std::unexpected(directory.error());
    if (written) return copy;
    reason = written.error();
  }
  return std::unexpected(std::move(reason));
}

void PrivateCopy::remove() {
  if (file_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
  file_.clear();
}

Module &Module::operator=(Module &&other) noexcept {
  if (this != &other) {
    close();
    handles_ = std::exchange(other.handles_, {});
  }
  return *this;
}

Result<Module> Module::open(const std::filesystem::path &file, const std::filesystem::path &directory,
                            std::span<const std::filesystem::path> dependencies, std::string_view name) {
  Module module;
  std::string reason;
  const SearchFolder folder(directory);
  for (const auto &dependency : dependencies) {
    void *handle = open_handle(dependency, reason);
    if (!handle) return could_not_open(name, "its dependency " + to_utf8(dependency) + ": " + reason);
    module.handles_.push_back(handle);
  }
  void *handle = open_handle(file, reason);
  if (!handle) return could_not_open(name, reason);
  module.handles_.push_back(handle);
  return module;
}

void *Module::symbol(const char *name) const {
  if (handles_.empty()) return nullptr;
#if defined(_WIN32)
  return reinterpret_cast<void *>(::GetProcAddress(static_cast<HMODULE>(handles_.back()), name));
#else
  return ::dlsym(handles_.back(), name);
#endif
}

std::filesystem::path Module::file_of(void *symbol) {
#if defined(_WIN32)
  HMODULE module = nullptr;
  constexpr DWORD flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
  if (!::GetModuleHandleExW(flags, static_cast<LPCWSTR>(symbol), &module)) return {};
  std::wstring name(32768, L'\0');
  name.resize(::GetModuleFileNameW(module, name.data(), static_cast<DWORD>(name.size())));
  return name;
#else
  Dl_info image = {};
  return ::dladdr(symbol, &image) && image.dli_fname ? image.dli_fname : "";
#endif
}

bool Module::is_mapped(const std::filesystem::path &file) {
#if defined(_WIN32)
  return ::GetModuleHandleW(file.c_str()) != nullptr;
#elif defined(__GLIBC__)
  // The kernel has the last word. Of the path only the name, which no other file has: the rest may be a link.
  const std::string name = "/" + file.filename().string();
  std::FILE *maps = std::fopen("/proc/self/maps", "re");
  if (!maps) return false;
  bool found = false;
  char line[8192];
  while (!found && std::fgets(line, sizeof line, maps)) found = std::string_view(line).find(name) != name.npos;
  std::fclose(maps);
  return found;
#elif defined(__linux__)
  return false;  // musl unmaps nothing, which no library can help
#else
  void *handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (handle) ::dlclose(handle);
  return handle != nullptr;
#endif
}

void Module::close() {
  while (!handles_.empty()) {
    close_handle(handles_.back());
    handles_.pop_back();
  }
}

}  // namespace arranger
