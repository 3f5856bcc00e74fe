// SPDX-License-Identifier: MIT
// A WebAssembly module opens no shared libraries; its plugins are linked into it.
#include "base/file.hpp"
#include "plugin/library.hpp"
#include "plugin/library_names.hpp"

namespace arranger {

FoundLibraries find_libraries(const std::filesystem::path &path) { return {{path}, {}}; }
FoundLibraries libraries_in(const std::filesystem::path &) { return {}; }

std::string LibraryFile::name() const { return to_utf8(path.filename()); }

Result<LibraryFile> read_library_file(const std::filesystem::path &path) {
  return fail(Code::plugin_load_failed,
              to_utf8(path) + " cannot be opened: this engine is a WebAssembly module, which has its plugins built in");
}

Result<CheckedLibrary> check_library(LibraryFile file) { return std::unexpected(read_library_file(file.path).error()); }

std::vector<Result<std::shared_ptr<Library>>> Library::open(std::vector<CheckedLibrary> libraries,
                                                            const OpenOptions &) {
  std::vector<Result<std::shared_ptr<Library>>> out;
  for (const CheckedLibrary &library : libraries)
    out.push_back(std::unexpected(read_library_file(library.file.path).error()));
  return out;
}

void PrivateCopy::remove() {}
PrivateCopy &PrivateCopy::operator=(PrivateCopy &&) noexcept { return *this; }
Module &Module::operator=(Module &&) noexcept { return *this; }
void *Module::symbol(const char *) const { return nullptr; }
bool Module::is_mapped(const std::filesystem::path &) { return false; }
void Module::close() {}

}  // namespace arranger
