// SPDX-License-Identifier: MIT
#include "control/libraries.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/nearest.hpp"
#include "control/command.hpp"
#include "control/housekeeper.hpp"
#include "control/live_events.hpp"

namespace arranger {

template <>
struct json::Words<NodeRenewal::Snapshot> {
  static constexpr std::array<std::pair<NodeRenewal::Snapshot, std::string_view>, 3> all{
      {{NodeRenewal::Snapshot::none, "none"},
       {NodeRenewal::Snapshot::restored, "restored"},
       {NodeRenewal::Snapshot::layout_differs, "layout_differs"}}};
};

std::vector<std::string> users_of(const Engine &engine, const LoadedLibrary &library) {
  const Model model = engine.model();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < model.info->size(); ++i)
    if (std::ranges::find(library.plugin_ids, (*model.info)[i].plugin_id) != library.plugin_ids.end())
      out.push_back(model.graph->nodes[i].id);
  return out;
}

Result<GraphChange> renew(Engine &engine) {
  Edit edit(engine, Edit::Pace::slow);
  auto change = edit.renew_graph();
  if (!change) return change;
  if (auto done = edit.commit(); !done) return std::unexpected(done.error());
  return change;
}

Result<void> revive(Engine &engine, const LoadedLibrary &library) {
  const Model model = engine.model();
  const bool is_awaited = std::ranges::any_of(model.graph->nodes, [&](const Node &node) {
    return node.stand_in &&
           std::ranges::find(library.plugin_ids, node.stand_in->descriptor.id) != library.plugin_ids.end();
  });
  if (!is_awaited) return {};
  const std::lock_guard turn(engine.turn());
  if (auto change = renew(engine); !change) return std::unexpected(change.error());
  return {};
}

Result<ReloadedLibrary> reload_library(Engine &engine, EventHub &events, const std::filesystem::path &path) {
  const Model model = engine.model();
  LoadOptions options;
  for (std::size_t i = 0; i < model.info->size(); ++i) options.needed.push_back((*model.info)[i].plugin_id);
  engine.let_go();  // what is no longer played must not count as in use
  Registry &registry = Registry::instance();
  const auto before = registry.remember(path);
  options.references = 2;
  auto loaded = registry.load(path, options);
  if (!loaded) return std::unexpected(loaded.error());
  auto change = renew(engine);
  if (!change) {
    registry.undo(*before);
    return std::unexpected(change.error());
  }
  tell(events, "library_reloaded",
       LibraryEvent{loaded->library_id, to_utf8(loaded->path), loaded->plugin_ids, loaded->generation});
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

struct RenamedReply {
  std::string from, to;
  static constexpr auto fields() {
    return std::tuple{json::field("from", &RenamedReply::from, {.doc = "The parameter's id before."}),
                      json::field("to", &RenamedReply::to, {.doc = "Its id now."})};
  }
};

struct RenewedNode {
  std::string node_id, plugin_id;
  std::vector<std::string> kept, dropped;
  std::vector<RenamedReply> renamed;
  bool state = false;
  NodeRenewal::Snapshot snapshot = NodeRenewal::Snapshot::none;
  static constexpr auto fields() {
    return std::tuple{
        json::field("node_id", &RenewedNode::node_id, {.doc = "A node that goes on in the new code."}),
        json::field("plugin_id", &RenewedNode::plugin_id, {.doc = "Its plugin."}),
        json::field("kept", &RenewedNode::kept, {.doc = "Parameters that have their values as before."}),
        json::field("dropped", &RenewedNode::dropped, {.doc = "Parameters that are no more."}),
        json::field("renamed", &RenewedNode::renamed,
                    {.doc = "Parameters that the plugin has renamed; their values followed."}),
        json::field("state", &RenewedNode::state, {.doc = "It had a state of its own, and has it again."}),
        json::field(
            "snapshot", &RenewedNode::snapshot,
            {.doc = "restored: what sounds goes on without a seam. none, layout_differs: notes that sound begin "
                    "again, tails end."})};
  }
};

std::vector<RenewedNode> reply_of(const std::vector<NodeRenewal> &renewals) {
  std::vector<RenewedNode> out;
  for (const NodeRenewal &renewal : renewals) {
    RenewedNode &to = out.emplace_back();
    to.node_id = renewal.node;
    to.plugin_id = renewal.plugin;
    to.kept = renewal.kept;
    to.dropped = renewal.dropped;
    for (const auto &[from, now] : renewal.renamed) to.renamed.push_back({from, now});
    to.state = renewal.state;
    to.snapshot = renewal.snapshot;
  }
  return out;
}

struct ReloadPlugin : json::Request {
  std::string library_id;
  static constexpr CommandInfo info{
      .name = "reload_plugin",
      .doc =
          "Loads a library's file again while it plays. Nodes of its plugins go on in the new code, with their "
          "parameters, "
          "their state and, where both builds agree on it, what sounds. On an error the old code plays on.",
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
    std::vector<RenewedNode> nodes;
    std::vector<Warning> warnings;
    static constexpr auto fields() {
      return std::tuple{
          json::field("plugin_ids", &Reply::plugin_ids, {.doc = "What it brings now."}),
          json::field("rebuilt", &Reply::rebuilt, {.doc = "Nodes that go on in the new code."}),
          json::field("generation", &Reply::generation, {.doc = "Counts the contents that this path has had."}),
          json::field("nodes", &Reply::nodes, {.doc = "What each of them took over."}),
          json::field("warnings", &Reply::warnings, {.doc = "What the new code forgave, with paths into the graph."})};
    }
  };
  Result<Reply> run(Context &context) const {
    const auto library = find_library(library_id);
    if (!library) return std::unexpected(library.error());
    (void)
        context.housekeeper.wake();  // who lets go of the old code when it has faded; without it the next command does
    auto reloaded = reload_library(context.engine, context.events, library->path);
    if (!reloaded) return fail(reloaded.error().code, std::move(reloaded.error().message), "/library_id");
    GraphChange &change = reloaded->change;
    return Reply{reloaded->library.plugin_ids, std::move(change.rebuilt), reloaded->library.generation,
                 reply_of(change.renewals), std::move(change.warnings)};
  }
};

struct UnloadPlugin : json::Request {
  std::string library_id;
  bool force = false;
  static constexpr CommandInfo info{
      .name = "unload_plugin",
      .doc = "Takes a library's plugins away. Refused while a node uses one, unless that is to be muted.",
      .examples = {{.request = R"({"cmd":"unload_plugin","library_id":"tremolo"})",
                    .needs = {"load_plugin"},
                    .files = {"tremolo.so"}}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("library_id", &UnloadPlugin::library_id, {.doc = "As list_libraries gives it.", .required = true}),
        json::field("force", &UnloadPlugin::force,
                    {.doc = "Mutes the nodes of this session that use it. When it is loaded again they go on, with "
                            "their parameters and states."})};
  }
  struct Reply {
    std::vector<std::string> muted;
    static constexpr auto fields() {
      return std::tuple{json::field("muted", &Reply::muted, {.doc = "Nodes that are silent now."})};
    }
  };
  Result<Reply> run(Context &context) const {
    const auto library = find_library(library_id);
    if (!library) return std::unexpected(library.error());
    if (library->builtin)
      return fail(Code::invalid_request,
                  format("Expected a library that was loaded; '{}' came with the engine", library_id), "/library_id");
    Reply reply{users_of(context.engine, *library)};
    context.engine.let_go();
    if (!force)
      if (auto free = check_unused(*library, reply.muted); !free) return std::unexpected(free.error());
    Registry &registry = Registry::instance();
    const auto before = registry.remember(library->path);
    if (auto done = registry.unload(library_id); !done) return std::unexpected(done.error());
    if (auto done = mute(context.engine, library->plugin_ids, reply.muted); !done) {
      registry.undo(*before);
      return fail(done.error().code, std::move(done.error().message), "/library_id");
    }
    context.housekeeper.watch().forget(library->path);
    tell(context.events, "library_unloaded",
         LibraryEvent{library->library_id, to_utf8(library->path), library->plugin_ids, library->generation});
    return reply;
  }

 private:
  static Result<void> check_unused(const LoadedLibrary &library, const std::vector<std::string> &users) {
    std::string names;
    for (const std::string &node : users) names += (names.empty() ? "" : ", ") + node;
    if (!users.empty())
      return fail(Code::busy, format("Expected no node to use '{}' but these do: {}", library.library_id, names),
                  "/library_id");
    if (!Registry::instance().in_use(library.library_id)) return {};
    return fail(Code::busy,
                format("Expected nobody to use '{}' but a render or another engine does", library.library_id),
                "/library_id");
  }

  static Result<void> mute(Engine &engine, const std::vector<std::string> &plugin_ids,
                           const std::vector<std::string> &users) {
    if (users.empty()) return {};
    Edit edit(engine, Edit::Pace::slow);
    if (auto change = edit.mute_plugins(plugin_ids); !change) return std::unexpected(change.error());
    return edit.commit();
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
    auto file = full_path(from_utf8(path));
    if (!file) return fail(Code::io_error, format("{} cannot be watched: {}", path, file.error().message), "/path");
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
