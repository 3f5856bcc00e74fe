// SPDX-License-Identifier: MIT
#include "control/plugins.hpp"

#include "base/file.hpp"
#include "base/format.hpp"
#include "control/command.hpp"
#include "control/descriptors.hpp"
#include "control/libraries.hpp"
#include "control/live_events.hpp"
#include "plugin/registry.hpp"

namespace arranger {

namespace {

std::vector<Descriptor> descriptors() {
  std::vector<Descriptor> out;
  for (const auto &entry : Registry::instance().plugins()) out.push_back(entry->descriptor);
  return out;
}

struct ListRegisteredPlugins : json::Request {
  static constexpr CommandInfo info{.name = "list_registered_plugins",
                                    .doc = "All plugins that a graph may use, each id once.",
                                    .examples = {{R"({"cmd":"list_registered_plugins"})"}},
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::vector<Descriptor> plugins;
    static constexpr auto fields() {
      return std::tuple{json::field("plugins", &Reply::plugins, {.doc = "Their descriptors, sorted by id."})};
    }
  };
  Result<Reply> run(Context &) const { return Reply{descriptors()}; }
};

struct LoadedReply {
  std::string plugin_id, library_id, path;
  std::vector<std::string> plugin_ids;
  std::int32_t generation = 1;
  static constexpr auto fields() {
    return std::tuple{
        json::field("plugin_id", &LoadedReply::plugin_id, {.doc = "The first plugin."}),
        json::field("plugin_ids", &LoadedReply::plugin_ids, {.doc = "All plugins, in the library's order."}),
        json::field("library_id", &LoadedReply::library_id, {.doc = "The library's name among those loaded."}),
        json::field("path", &LoadedReply::path, {.doc = "Its file."}),
        json::field("generation", &LoadedReply::generation, {.doc = "Counts the contents that this path has had."})};
  }
};

LoadedReply tell(Context &context, const LoadedLibrary &library) {
  const std::string path = to_utf8(library.path);
  arranger::tell(context.events, "library_loaded",
                 LibraryEvent{library.library_id, path, library.plugin_ids, library.generation});
  return {library.plugin_ids.empty() ? "" : library.plugin_ids.front(), library.library_id, path, library.plugin_ids,
          library.generation};
}

struct LoadPlugin : json::Request {
  std::string path;
  bool probe = true;
  bool replace = false;
  static constexpr CommandInfo info{
      .name = "load_plugin",
      .doc = "Loads a plugin library. A library that was rebuilt since replaces the one of the same path.",
      .examples = {{.request = R"({"cmd":"load_plugin","path":"tremolo.so"})", .files = {"tremolo.so"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{json::field("path", &LoadPlugin::path, {.doc = "The library's file.", .required = true}),
                      json::field("probe", &LoadPlugin::probe,
                                  {.doc = "Open it in a child process first, where a crash harms nobody."}),
                      json::field("replace", &LoadPlugin::replace, {.doc = "Take over ids that another library has."})};
  }
  using Reply = LoadedReply;
  Result<Reply> run(Context &context) const {
    if (path.empty()) return fail(Code::invalid_request, "Expected path to name a file but it is empty", "/path");
    auto loaded = Registry::instance().load(from_utf8(path), {.probe = probe, .replace = replace});
    if (!loaded) return fail(loaded.error().code, std::move(loaded.error().message), "/path");
    if (auto done = revive(context.engine, *loaded); !done)
      return fail(done.error().code, std::move(done.error().message));
    return tell(context, *loaded);
  }
};

struct FailedPath {
  std::string path, code, message;
  static constexpr auto fields() {
    return std::tuple{json::field("path", &FailedPath::path, {.doc = "The library, or what could not be read."}),
                      json::field("code", &FailedPath::code, {.doc = "Error code."}),
                      json::field("message", &FailedPath::message, {.doc = "Why it was not loaded."})};
  }
};

FailedPath tell(Context &context, const FailedLoad &library) {
  FailedPath out{to_utf8(library.path), std::string(info(library.error.code).name), library.error.message};
  arranger::tell(context.events, "library_failed", LibraryFailedEvent{out.path, out.code, out.message});
  return out;
}

struct LoadPlugins : json::Request {
  std::vector<std::string> paths;
  bool probe = true;
  bool replace = false;
  static constexpr CommandInfo info{
      .name = "load_plugins",
      .doc =
          "Loads many plugin libraries, probed by one child process. One that fails keeps no other from being loaded.",
      .examples = {{.request = R"({"cmd":"load_plugins","paths":["tremolo.so"]})", .files = {"tremolo.so"}}},
      .concurrent = true};
  static constexpr auto fields() {
    return std::tuple{
        json::field("paths", &LoadPlugins::paths,
                    {.doc = "Files, and directories for the libraries in them, in the order in which they are loaded.",
                     .required = true}),
        json::field("probe", &LoadPlugins::probe,
                    {.doc = "Open them in a child process first, where a crash harms nobody."}),
        json::field("replace", &LoadPlugins::replace, {.doc = "Take over ids that another library has."})};
  }
  struct Reply {
    std::vector<LoadedReply> libraries;
    std::vector<FailedPath> failed;
    static constexpr auto fields() {
      return std::tuple{json::field("libraries", &Reply::libraries, {.doc = "Those that are there now."}),
                        json::field("failed", &Reply::failed, {.doc = "Those that could not be loaded."})};
    }
  };
  Result<Reply> run(Context &context) const {
    std::vector<std::filesystem::path> files;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (paths[i].empty())
        return fail(Code::invalid_request, "Expected a file or a directory but the path is empty",
                    format("/paths/{}", i));
      files.push_back(from_utf8(paths[i]));
    }
    const LoadReport report = Registry::instance().load_many(files, {.probe = probe, .replace = replace});
    Reply reply;
    for (const LoadedLibrary &library : report.libraries) {
      if (auto done = revive(context.engine, library); !done)
        return fail(done.error().code, std::move(done.error().message));
      reply.libraries.push_back(tell(context, library));
    }
    for (const FailedLoad &library : report.failed) reply.failed.push_back(tell(context, library));
    return reply;
  }
};

struct LibraryReply {
  std::string library_id, path, isa;
  std::vector<std::string> plugin_ids;
  std::int32_t generation = 1;
  bool builtin = false;
  static constexpr auto fields() {
    return std::tuple{
        json::field("library_id", &LibraryReply::library_id, {.doc = "Its name among those loaded."}),
        json::field("path", &LibraryReply::path, {.doc = "Its file."}),
        json::field("isa", &LibraryReply::isa, {.doc = "The instruction-set level that was opened."}),
        json::field("plugin_ids", &LibraryReply::plugin_ids, {.doc = "Its plugins."}),
        json::field("generation", &LibraryReply::generation, {.doc = "Counts the contents that this path has had."}),
        json::field("builtin", &LibraryReply::builtin, {.doc = "Came with the engine."})};
  }
};

struct FailedLibrary {
  std::string code, message;
  static constexpr auto fields() {
    return std::tuple{json::field("code", &FailedLibrary::code, {.doc = "Error code."}),
                      json::field("message", &FailedLibrary::message, {.doc = "Why it is not there."})};
  }
};

struct ListLibraries : json::Request {
  static constexpr CommandInfo info{.name = "list_libraries",
                                    .doc = "The plugin libraries that are loaded, and built-in ones that could not be.",
                                    .examples = {{R"({"cmd":"list_libraries"})"}},
                                    .concurrent = true};
  static constexpr auto fields() { return std::tuple{}; }
  struct Reply {
    std::vector<LibraryReply> libraries;
    std::vector<FailedLibrary> failed;
    static constexpr auto fields() {
      return std::tuple{json::field("libraries", &Reply::libraries, {.doc = "Sorted by library_id."}),
                        json::field("failed", &Reply::failed, {.doc = "Built-in libraries that could not be loaded."})};
    }
  };
  Result<Reply> run(Context &) const {
    Reply reply;
    for (const LoadedLibrary &library : Registry::instance().libraries())
      reply.libraries.push_back({library.library_id, to_utf8(library.path), library.isa, library.plugin_ids,
                                 library.generation, library.builtin});
    for (const FailedLoad &library : load_builtin_plugins().failed)
      reply.failed.push_back({std::string(arranger::info(library.error.code).name), library.error.message});
    return reply;
  }
};

}  // namespace

namespace {

Result<LoadedLibrary> load_named(std::string_view path) {
  if (path.empty()) return fail(Code::invalid_request, "Expected path to name a file but it is empty");
  if (path.find('\0') != std::string_view::npos)
    return fail(Code::invalid_request, "Expected path without NUL characters but it has one");
  return Registry::instance().load(from_utf8(path));
}

}  // namespace

std::string plugins_json() {
  std::string out;
  json::write(out, descriptors());
  return out;
}

std::string load_plugin_json(std::string_view path) {
  const auto loaded = load_named(path);
  std::string out = "{";
  json::ObjectWriter object(out);
  object.member("ok", loaded.has_value());
  if (loaded) {
    object.member("libraryId", loaded->library_id);
    object.member("pluginIds", loaded->plugin_ids);
    object.member("error", json::Raw{"null"});
  } else {
    object.member("libraryId", json::Raw{"null"});
    object.member("pluginIds", std::vector<std::string>{});
    std::string error = "{";
    json::ObjectWriter reason(error);
    reason.member("code", info(loaded.error().code).name);
    reason.member("message", loaded.error().message);
    object.member("error", json::Raw{error + '}'});
  }
  return out + '}';
}

std::span<const Command> plugins_commands() {
  static constexpr std::array commands{command<ListRegisteredPlugins>("plugins"), command<LoadPlugin>("plugins"),
                                       command<LoadPlugins>("plugins"), command<ListLibraries>("plugins")};
  return commands;
}

}  // namespace arranger
