// SPDX-License-Identifier: MIT
// arranger-describe LIB...: opens plugin libraries and writes what each says of its plugins into NAME.plugin.json beside
// it, so that whoever lists plugins later opens nothing. A part of building a plugin: arranger_add_plugin runs it.
// arranger-describe --activated LIB...: prints what an instance of each plugin answers when it is activated, for the documentation.
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
#include "plugin/instance.hpp"
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

// An instance with its default configuration at 48 kHz.
struct Activated {
  std::string id;
  std::int64_t latency_frames = 0, tail_frames = 0;
  std::string failure;  // why there is none; a plugin may need a file
  static constexpr auto fields() {
    return std::tuple{json::field("id", &Activated::id), json::field("latency_frames", &Activated::latency_frames),
                      json::field("tail_frames", &Activated::tail_frames), json::field("failure", &Activated::failure)};
  }
};

Activated activated(const std::string &id) {
  auto made = Instance::create(Registry::instance().find(id), {});
  if (!made) return {id, 0, 0, made.error().message};
  const auto active = (*made)->activate(48000, 512, true, 0);
  if (!active) return {id, 0, 0, active.error().message};
  return {id, (*made)->latency_frames(), (*made)->tail_frames(), ""};
}

int print_activated(const std::vector<std::filesystem::path> &libraries) {
  std::vector<Activated> all;
  for (const std::filesystem::path &path : libraries) {
    const auto loaded = Registry::instance().load(path, {.probe = false, .builtin = true});
    if (!loaded) return std::fprintf(stderr, "%s\n", loaded.error().message.c_str()), 1;
    for (const std::string &id : loaded->plugin_ids) all.push_back(activated(id));
  }
  std::string text;
  json::write(text, all);
  std::puts(text.c_str());
  return 0;
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
  const std::vector<std::filesystem::path> given(values + 1, values + count);
  if (!given.empty() && given.front() == "--activated")
    return arranger::print_activated({given.begin() + 1, given.end()});
  return arranger::describe_all(given);
}
