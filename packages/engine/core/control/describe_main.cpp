// SPDX-License-Identifier: MIT
// arranger-describe LIB...: opens plugin libraries and writes what each says of its plugins into NAME.plugin.json beside
// it, so that whoever lists plugins later opens nothing. A part of building a plugin: arranger_add_plugin runs it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "base/file.hpp"
#include "control/descriptors.hpp"
#include "control/write.hpp"
#include "plugin/library.hpp"

namespace arranger {
namespace {

struct Abi {
  std::int32_t major, minor;
  static constexpr auto fields() {
    return std::tuple{json::field("major", &Abi::major), json::field("minor", &Abi::minor)};
  }
};

struct Sidecar {
  std::int32_t format = 1;
  std::string library;
  Abi abi;
  std::string content_hash;
  std::vector<Descriptor> plugins;
  static constexpr auto fields() {
    return std::tuple{json::field("format", &Sidecar::format), json::field("library", &Sidecar::library),
                      json::field("abi", &Sidecar::abi), json::field("content_hash", &Sidecar::content_hash),
                      json::field("plugins", &Sidecar::plugins)};
  }
};

Sidecar sidecar_of(const Library &library) {
  Sidecar out;
  out.library = to_utf8(library.path().stem());
  out.abi = {static_cast<std::int32_t>(library.stamp().abi_major),
             static_cast<std::int32_t>(library.stamp().abi_minor)};
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(library.hash()));
  out.content_hash = hash;
  for (const PluginClass &plugin : library.plugins()) out.plugins.push_back(plugin.descriptor);
  return out;
}

Result<void> describe(const std::filesystem::path &path) {
  auto sidecar = std::filesystem::path(path).replace_extension(".plugin.json");
  std::error_code error;
  std::filesystem::remove(sidecar, error);  // an old one would say what is no longer so
  const auto library = Library::open(path, {.probe = false});
  if (!library) return std::unexpected(library.error());
  std::string text;
  json::write(text, sidecar_of(**library));
  const auto fresh = std::filesystem::path(sidecar) += ".new";
  std::ofstream file(fresh, std::ios::binary);
  file << text << '\n';
  file.close();
  if (!file) return fail(Code::io_error, to_utf8(fresh) + " could not be written");
  std::filesystem::rename(fresh, sidecar, error);
  if (error) return fail(Code::io_error, to_utf8(sidecar) + " could not be written: " + error.message());
  return {};
}

int describe_all(const std::vector<std::filesystem::path> &libraries) {
  if (libraries.empty()) {
    std::fputs("usage: arranger-describe LIB...\nWrites NAME.plugin.json beside each plugin library.\n", stderr);
    return 2;
  }
  // Of the library itself and not of a build for some processors that lies beside it.
#if defined(_WIN32)
  ::_putenv_s("ARRANGER_ISA", "base");
#else
  ::setenv("ARRANGER_ISA", "base", 1);
#endif
  int status = 0;
  for (const std::filesystem::path &library : libraries) {
    const auto done = describe(library);
    if (done) continue;
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    status = 1;
  }
  return status;
}

}  // namespace
}  // namespace arranger

#if defined(_WIN32)
int wmain(int count, wchar_t **values) {
#else
int main(int count, char **values) {
#endif
  return arranger::describe_all({values + 1, values + count});
}
