// SPDX-License-Identifier: MIT
#include "control/libraries.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/nearest.hpp"
#include "control/command.hpp"
#include "control/housekeeper.hpp"
#include "control/live_events.hpp"

namespace arranger {

std::vector<std::string> users_of(const Engine &engine, const LoadedLibrary &library) {
  const Model model = engine.model();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < model.info->size(); ++i)
    if (std::ranges::find(library.plugin_ids, (*model.info)[i].plugin_id) != library.plugin_ids.end())
      out.push_back(model.graph->nodes[i].id);
  return out;
}

Result<ReloadedLibrary> reload_library(Engine &engine, EventHub &events, const std::filesystem::path &path) {
  const Model model = engine.model();
  LoadOptions options;
  for (const NodeInfo &node : *model.info) options.needed.push_back(node.plugin_id);
  engine.let_go();  // what is no longer played must not count as in use
  auto loaded = Registry::instance().load(path, options);
  if (!loaded) return std::unexpected(loaded.error());
  Edit edit(engine, Edit::Pace::slow);
  auto change = edit.renew_graph();
  if (!change) return std::unexpected(change.error());
  if (auto done = edit.commit(); !done) return std::unexpected(done.error());
  if (events.wanted("library_reloaded"))
    events.emit(event_text("library_reloaded", LibraryEvent{loaded->library_id, to_utf8(loaded->path),
                                                            loaded->plugin_ids, loaded->generation}));
  return ReloadedLibrary{std::move(*loaded), std::move(*change)};
}

namespace {

Result<LoadedLibrary> find_library(const std::string &library_id) {
  std::vector<std::string> known;
  for (LoadedLibrary &library : Registry::instance().libraries()) {
    if (library.library_id == library_id) return std::move(library);
    known.push_back(library.library_id);
  }
  return fail(Code::unknown_plugin, format("No library '{}'{}", library_id, nearest_hint(library_id, known)),
              "/library_id");
}

struct ReloadPlugin : json::Request {
  std::string library_id;
  static constexpr CommandInfo info{
      .name = "reload_plugin",
      .doc = "Loads a library's file again. Nodes of its plugins begin anew with their parameters; all others play on.",
      .examples = {{.request = R"({"cmd":"reload_plugin","library_id":"tremolo"})",
                    .needs = {"load_plugin"},
                    .files = {"tremolo.so"}}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("library_id", &ReloadPlugin::library_id, {.doc = "As list_libraries gives it.", .required = true})};
  }
  struct Reply {
    std::vector<std::string> plugin_ids, rebuilt;
    std::int32_t generation = 1;
    static constexpr auto fields() {
      return std::tuple{
          json::field("plugin_ids", &Reply::plugin_ids, {.doc = "What it brings now."}),
          json::field("rebuilt", &Reply::rebuilt, {.doc = "Nodes that begin anew."}),
          json::field("generation", &Reply::generation, {.doc = "Counts the contents that this path has had."})};
    }
  };
  Result<Reply> run(Context &context) const {
    const auto library = find_library(library_id);
    if (!library) return std::unexpected(library.error());
    auto reloaded = reload_library(context.engine, context.events, library->path);
    if (!reloaded) return fail(reloaded.error().code, std::move(reloaded.error().message), "/library_id");
    return Reply{reloaded->library.plugin_ids, std::move(reloaded->change.rebuilt), reloaded->library.generation};
  }
};

struct UnloadPlugin : json::Request {
  std::string library_id;
  static constexpr CommandInfo info{
      .name = "unload_plugin",
      .doc = "Takes a library's plugins away. Refused while a node of this session uses one.",
      .examples = {{.request = R"({"cmd":"unload_plugin","library_id":"tremolo"})",
                    .needs = {"load_plugin"},
                    .files = {"tremolo.so"}}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("library_id", &UnloadPlugin::library_id, {.doc = "As list_libraries gives it.", .required = true})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    const auto library = find_library(library_id);
    if (!library) return std::unexpected(library.error());
    if (library->builtin)
      return fail(Code::invalid_request,
                  format("Expected a library that was loaded; '{}' came with the engine", library_id), "/library_id");
    std::string users;
    for (const std::string &node : users_of(context.engine, *library)) users += (users.empty() ? "" : ", ") + node;
    if (!users.empty())
      return fail(Code::busy, format("Expected no node to use '{}' but these do: {}", library_id, users),
                  "/library_id");
    if (auto done = Registry::instance().unload(library_id); !done) return std::unexpected(done.error());
    context.housekeeper.watch().forget(library->path);
    if (context.events.wanted("library_unloaded"))
      context.events.emit(event_text("library_unloaded", LibraryEvent{library->library_id, to_utf8(library->path),
                                                                      library->plugin_ids, library->generation}));
    return Reply{};
  }
};

struct WatchLibrary : json::Request {
  std::string library_id, path;
  bool enabled = true;
  static constexpr CommandInfo info{
      .name = "watch_library",
      .doc =
          "Loads a library whenever its file is built anew, and one that is not there yet when it comes. What comes of "
          "it is told by library_loaded, library_reloaded and library_failed.",
      .examples = {{.request = R"({"cmd":"watch_library","library_id":"tremolo"})",
                    .needs = {"load_plugin"},
                    .files = {"tremolo.so"}},
                   {.request = R"({"cmd":"watch_library","path":"build/chorus.so"})",
                    .doc = "A library that is still to be built."}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("library_id", &WatchLibrary::library_id, {.doc = "As list_libraries gives it; or path."}),
        json::field("path", &WatchLibrary::path, {.doc = "The library's file, which need not exist; or library_id."}),
        json::field("enabled", &WatchLibrary::enabled, {.doc = "False ends it."})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    const auto file = file_to_watch();
    if (!file) return std::unexpected(file.error());
    LibraryWatch &watch = context.housekeeper.watch();
    if (!enabled) {
      watch.forget(*file);
      return Reply{};
    }
    if (auto done = context.housekeeper.wake(); !done) return std::unexpected(done.error());
    const auto libraries = Registry::instance().libraries();
    watch.watch(*file, std::ranges::find(libraries, *file, &LoadedLibrary::path) != libraries.end());
    return Reply{};
  }

 private:
  Result<std::filesystem::path> file_to_watch() const {
    if (library_id.empty() == path.empty())
      return fail(Code::invalid_request, "Expected either library_id or path", path.empty() ? "/library_id" : "/path");
    if (path.empty()) {
      const auto library = find_library(library_id);
      if (!library) return std::unexpected(library.error());
      return library->path;
    }
    std::error_code error;
    auto file = std::filesystem::weakly_canonical(from_utf8(path), error);
    if (error) return fail(Code::io_error, format("{} cannot be watched: {}", path, error.message()), "/path");
    return file;
  }
};

}  // namespace

std::span<const Command> libraries_commands() {
  static constexpr std::array commands{command<ReloadPlugin>("plugins"), command<UnloadPlugin>("plugins"),
                                       command<WatchLibrary>("plugins")};
  return commands;
}

}  // namespace arranger
