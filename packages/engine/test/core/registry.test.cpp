// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "fixtures.hpp"
#include "plugin/registry.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

using Ids = std::vector<std::string>;

Ids plugin_ids(const Registry &registry) {
  Ids ids;
  for (const auto &entry : registry.plugins()) ids.push_back(entry->descriptor.id);
  return ids;
}

Ids library_ids(const Registry &registry) {
  Ids ids;
  for (const LoadedLibrary &library : registry.libraries()) ids.push_back(library.library_id);
  return ids;
}

}  // namespace

TEST_CASE("what is loaded can be found") {
  Registry registry;
  const auto loaded = registry.load(fixture("two_plugins"));
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error().message);
  CHECK(loaded->library_id == "two_plugins");
  CHECK(loaded->plugin_ids == Ids{"test.two_a", "test.two_b"});
  CHECK(loaded->generation == 1);
  const auto entry = registry.find("test.two_b");
  REQUIRE(entry != nullptr);
  CHECK(entry->library_id == "two_plugins");
  CHECK(entry->descriptor.id == "test.two_b");
  CHECK(registry.find("test.two_c") == nullptr);
  CHECK(registry.unknown("test.two_c").message == "There is no plugin 'test.two_c'; nearest is 'test.two_a'");
  CHECK(registry.unknown("something.else").message == "There is no plugin 'something.else'");
}

TEST_CASE("loading the same content again changes nothing and answers the same") {
  Registry registry;
  const auto first = registry.load(fixture("two_plugins"));
  const auto entry = registry.find("test.two_a");
  const auto second =
      registry.load(fixture("two_plugins").parent_path() / "." / ".." / "fixtures" / fixture("two_plugins").filename());
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(second->library_id == first->library_id);
  CHECK(second->plugin_ids == first->plugin_ids);
  CHECK(second->generation == 1);
  CHECK(registry.find("test.two_a") == entry);
  CHECK(registry.libraries().size() == 1);
}

TEST_CASE("new content at the same path replaces the library; who has the old one keeps it") {
  const TemporaryFolder folder;
  Registry registry;
  const auto path = folder.put(fixture("versioned_1"), "growing.so");
  REQUIRE(registry.load(path).has_value());
  auto old = registry.find("test.versioned");
  folder.put(fixture("versioned_2"), "growing.so");
  const auto replaced = registry.load(path);
  REQUIRE_MESSAGE(replaced.has_value(), replaced.error().message);
  CHECK(replaced->generation == 2);
  CHECK(replaced->library_id == "growing");
  CHECK(old->descriptor.version == 1);
  CHECK(registry.find("test.versioned")->descriptor.version == 2);
  CHECK(registry.find("test.versioned")->generation == 2);

  const std::weak_ptr<Library> old_library = old->library;
  CHECK(!old_library.expired());
  old.reset();
  CHECK(old_library.expired());
  REQUIRE(registry.unload("growing").has_value());
  CHECK(!is_mapped("growing.so"));
}

TEST_CASE("a bad new version leaves the loaded one as it is") {
  const TemporaryFolder folder;
  Registry registry;
  const auto path = folder.put(fixture("versioned_1"), "growing.so");
  REQUIRE(registry.load(path).has_value());
  const auto entry = registry.find("test.versioned");
  for (const char *bad : {"not_a_library", "crash_register", "bad_descriptor", "claims_builtin"}) {
    folder.put(fixture(bad), "growing.so");
    CHECK(!registry.load(path).has_value());
    CHECK(registry.find("test.versioned") == entry);
    CHECK(plugin_ids(registry) == Ids{"test.versioned"});
  }
}

TEST_CASE("a new version without an id that is in use is refused") {
  const TemporaryFolder folder;
  Registry registry;
  const auto path = folder.put(fixture("versioned_1"), "growing.so");
  REQUIRE(registry.load(path).has_value());
  auto in_use = registry.find("test.versioned");
  folder.put(fixture("versioned_other"), "growing.so");
  const auto refused = registry.load(path);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().message == "growing.so no longer has test.versioned, which is in use; the loaded one stays");
  in_use.reset();
  REQUIRE(registry.load(path).has_value());
  CHECK(plugin_ids(registry) == Ids{"test.other"});
}

TEST_CASE("an id from another path is a duplicate unless it is meant to take over") {
  const TemporaryFolder folder;
  Registry registry;
  const auto first = folder.put(fixture("versioned_1"), "a/twin.so");
  const auto second = folder.put(fixture("versioned_2"), "b/twin.so");
  REQUIRE(registry.load(first).has_value());
  const auto refused = registry.load(second);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().code == Code::duplicate_id);
  CHECK(refused.error().message == to_utf8(std::filesystem::canonical(second)) + " adds test.versioned, which " +
                                       to_utf8(std::filesystem::canonical(first)) + " has already");
  CHECK(registry.find("test.versioned")->descriptor.version == 1);

  const auto taken_over = registry.load(second, {.replace = true});
  REQUIRE(taken_over.has_value());
  CHECK(taken_over->library_id == "twin#2");
  CHECK(registry.find("test.versioned")->descriptor.version == 2);
  CHECK(library_ids(registry) == Ids{"twin#2"});
  CHECK(registry.load(first, {.replace = true}).has_value());
  CHECK(registry.find("test.versioned")->descriptor.version == 1);
}

TEST_CASE("two paths with one stem are two libraries") {
  const TemporaryFolder folder;
  Registry registry;
  REQUIRE(registry.load(folder.put(fixture("versioned_1"), "a/same.so")).has_value());
  REQUIRE(registry.load(folder.put(fixture("impulse"), "b/same.so")).has_value());
  CHECK(library_ids(registry) == Ids{"same", "same#2"});
}

TEST_CASE("builtin ids are the engine's own") {
  const TemporaryFolder folder;
  Registry registry;
  const auto stranger = registry.load(fixture("claims_builtin"));
  REQUIRE(!stranger.has_value());
  CHECK(stranger.error().code == Code::plugin_load_failed);
  CHECK(stranger.error().message ==
        "claims_builtin.so adds builtin.impostor, but ids that begin with 'builtin.' are the engine's own");

  folder.put(fixture("claims_builtin"), "one.so");
  folder.put(fixture("crash_register").parent_path() / "not_a_library.so", "two.so");
  folder.put(fixture("impulse"), "x86-64-v3/three.so");
  const Environment forced("ARRANGER_ISA", "x86-64-v3");
  const LoadReport &report = registry.load_builtins(folder.path());
  REQUIRE(report.libraries.size() == 2);
  CHECK(report.libraries[0].builtin);
  CHECK(report.libraries[1].isa == "x86-64-v3");
  REQUIRE(report.failed.size() == 1);
  CHECK(report.failed[0].error.message.starts_with("two.so is not a shared library"));
  CHECK(plugin_ids(registry) == Ids{"builtin.impostor", "test.impulse"});

  const auto again = registry.load(fixture("claims_builtin"), {.replace = true, .builtin = true});
  REQUIRE(!again.has_value());
  CHECK(again.error().code == Code::duplicate_id);
  CHECK(again.error().message.ends_with("; a builtin plugin cannot be replaced"));
}

TEST_CASE("the built-in libraries are loaded once") {
  const TemporaryFolder folder;
  Registry registry;
  folder.put(fixture("claims_builtin"), "one.so");
  const LoadReport &first = registry.load_builtins(folder.path());
  const auto entry = registry.find("builtin.impostor");
  folder.put(fixture("versioned_1"), "later.so");
  const LoadReport &second = registry.load_builtins(folder.path() / ".");
  CHECK(&first == &second);
  CHECK(registry.find("builtin.impostor") == entry);
  CHECK(registry.libraries().size() == 1);

  const LoadReport &missing = registry.load_builtins(folder.path() / "none");
  REQUIRE(missing.failed.size() == 1);
  CHECK(missing.failed[0].error.code == Code::io_error);
}

TEST_CASE("many are loaded at once: files, and directories in the order of their names; a bad one stops no other") {
  const TemporaryFolder folder;
  Registry registry;
  folder.put(fixture("impulse"), "many/b.so");
  folder.put(fixture("crash_create"), "many/c.so");
  folder.put(fixture("versioned_1"), "many/a.so");
  std::ofstream(folder.path() / "many" / "readme.txt") << "not a library";
  const auto two = folder.put(fixture("two_plugins"), "two.so");
  const auto twin = folder.put(fixture("versioned_2"), "twin.so");
  const std::filesystem::path paths[] = {two, folder.path() / "many", twin, folder.path() / "none.so",
                                         folder.path() / "." / "two.so"};
  const LoadReport report = registry.load_many(paths);
  Ids loaded;
  for (const LoadedLibrary &library : report.libraries) loaded.push_back(library.library_id);
  CHECK(loaded == Ids{"two", "a", "b"});
  REQUIRE(report.failed.size() == 3);
  CHECK(report.failed[0].path == folder.path() / "many" / "c.so");
  CHECK(report.failed[0].error.code == Code::plugin_crashed);
  CHECK(report.failed[1].path == twin);
  CHECK(report.failed[1].error.code == Code::duplicate_id);
  CHECK(report.failed[2].path == folder.path() / "none.so");
  CHECK(plugin_ids(registry) == Ids{"test.impulse", "test.two_a", "test.two_b", "test.versioned"});

  folder.put(fixture("versioned_2"), "many/a.so");
  const LoadReport again = registry.load_many(paths);
  REQUIRE(again.libraries.size() == 3);
  CHECK(again.libraries[0].generation == 1);
  CHECK(again.libraries[1].generation == 2);
  CHECK(registry.find("test.versioned")->descriptor.version == 2);
}

TEST_CASE("unloading takes the plugins away and closes the library") {
  const TemporaryFolder folder;  // under a name that no other test has open
  Registry registry;
  REQUIRE(registry.load(folder.put(fixture("impulse"), "unloaded.so")).has_value());
  CHECK(is_mapped("unloaded.so"));
  CHECK(registry.unload("unloaded").has_value());
  CHECK(registry.plugins().empty());
  CHECK(!is_mapped("unloaded.so"));
  const auto twice = registry.unload("unloaded");
  REQUIRE(!twice.has_value());
  CHECK(twice.error().code == Code::unknown_plugin);
}

TEST_CASE("loads and queries from many threads") {
  const TemporaryFolder folder;
  Registry registry;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto own = folder.path() / ("thread" + std::to_string(t) + ".so");
      for (int i = 0; i < 10; ++i) {
        (void)registry.load(fixture(t % 2 ? "two_plugins" : "impulse"));
        (void)registry.load(own);
        if (const auto entry = registry.find("test.impulse")) (void)entry->descriptor.ports.size();
        (void)registry.libraries();
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  CHECK(plugin_ids(registry) == Ids{"test.impulse", "test.two_a", "test.two_b"});
}

TEST_CASE("the registry of the process is one") { CHECK(&Registry::instance() == &Registry::instance()); }
