// SPDX-License-Identifier: MIT
// Libraries of strangers: whatever one does, this process lives, says why, and loads the next.
#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <thread>
#include <vector>

#include "fixtures.hpp"
#include "plugin/guard.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

Error refusal(const std::filesystem::path &path, const OpenOptions &options = {}) {
  const auto library = Library::open(path, options);
  if (library) FAIL(path.string() << " was opened");
  return library.error();
}

bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

struct Hostile {
  const char *name;
  Code code;
  const char *message;  // whole
};

}  // namespace

TEST_CASE("a good library tells its plugins, its stamp and its name") {
  const auto library = Library::open(fixture("impulse"));
  REQUIRE_MESSAGE(library.has_value(), library.error().message);
  CHECK((*library)->name() == "impulse.so");
  CHECK((*library)->stamp().abi_major == ARR_ABI_MAJOR);
  CHECK(!std::string_view((*library)->stamp().compiler).empty());
  REQUIRE((*library)->plugins().size() == 1);
  const Descriptor &descriptor = (*library)->plugins()[0].descriptor;
  CHECK(descriptor.id == "test.impulse");
  REQUIRE(descriptor.ports.size() == 2);
  CHECK(descriptor.ports[0].is_event());
  CHECK(descriptor.ports[1].channels() == 2);
}

TEST_CASE("each hostile library is refused with its code and its reason, and then a good one loads") {
  const Hostile table[] = {
      {"not_a_library", Code::plugin_load_failed, "not_a_library.so is not a shared library: it begins with \"#!/b\""},
      {"no_entry", Code::plugin_load_failed,
       "no_entry.so does not export register_plugin, the entry point of a plugin library"},
      {"no_stamp", Code::plugin_load_failed,
       "no_stamp.so does not export arranger_plugin_stamp; define it with ARR_DEFINE_STAMP() or ARRANGER_PLUGIN(...)"},
      {"other_abi", Code::plugin_abi_mismatch,
       "other_abi.so was built for ABI 2.3, this engine speaks 1.x; rebuild it with @arranger/plugin-sdk 1.x or update "
       "the engine"},
      {"throws_exception", Code::plugin_load_failed,
       "throws_exception.so failed in register_plugin: it threw the wavetable is missing"},
      {"throws_int", Code::plugin_load_failed, "throws_int.so failed in register_plugin: it threw unknown exception"},
      {"refuses", Code::plugin_load_failed, "refuses.so failed in register_plugin: the licence has run out"},
      {"adds_nothing", Code::plugin_load_failed, "adds_nothing.so adds no plugin"},
      {"fickle", Code::plugin_load_failed, "fickle.so adds other plugins when it is registered a second time"},
      {"duplicate_ids", Code::duplicate_id, "duplicate_ids.so: it adds test.twin twice"},
      {"bad_descriptor", Code::plugin_load_failed,
       "bad_descriptor.so: test.bad: port 'gain': default 7 lies outside 0 to 1"},
      {"crash_register", Code::plugin_crashed,
       "crash_register.so crashed (SIGSEGV) in register_plugin while being probed; it was not loaded"},
      {"crash_load", Code::plugin_crashed,
       "crash_load.so crashed (SIGSEGV) in its start-up code while being probed; it was not loaded"},
      {"crash_close", Code::plugin_crashed,
       "crash_close.so crashed (SIGSEGV) in its shut-down code while being probed; it was not loaded"},
      {"crash_create", Code::plugin_crashed,
       "crash_create.so crashed (SIGSEGV) in create of test.crash_create while being probed; it was not loaded"},
      {"crash_destroy", Code::plugin_crashed,
       "crash_destroy.so crashed (SIGSEGV) in destroy of test.crash_destroy while being probed; it was not loaded"},
      {"exit_create", Code::plugin_load_failed,
       "exit_create.so ended the process (exit code 0) in create of test.exit_create while being probed; it was not "
       "loaded"},
      {"thread_local_destructor", Code::plugin_load_failed,
       "thread_local_destructor.so stays in memory when it is closed, so that a new build could not take its place; it "
       "has a thread_local with a destructor, which should be a member of the plugin, or unique symbols, which "
       "-fno-gnu-unique and an export list avoid"},
      {"aborts", Code::plugin_crashed,
       "aborts.so crashed (SIGABRT) in register_plugin while being probed; it was not loaded"},
      {"exits", Code::plugin_load_failed,
       "exits.so ended the process (exit code 0) in register_plugin while being probed; it was not loaded"},
  };
  const NoExit no_exit;
  for (const Hostile &hostile : table) {
    CAPTURE(hostile.name);
    const Error error = refusal(fixture(hostile.name));
    CHECK(error.code == hostile.code);
    CHECK(error.message == hostile.message);
    CHECK(!is_mapped(std::string(hostile.name) + ".so"));
  }
  CHECK(Library::open(fixture("impulse")).has_value());
}

TEST_CASE("a truncated library is refused with the byte where it should end") {
  const Error error = refusal(fixture("truncated"));
  CHECK(error.code == Code::plugin_load_failed);
  CHECK(error.message.starts_with("truncated.so is truncated: its section table ends at byte "));
  CHECK(error.message.ends_with(" but the file has 9000"));
}

TEST_CASE("an undefined symbol is named") {
  const Error error = refusal(fixture("undefined_symbol"));
  CHECK(error.code == Code::plugin_load_failed);
  CHECK(error.message.starts_with("undefined_symbol.so could not be opened: "));
  CHECK(contains(error.message, "a_function_that_nobody_has"));
  CHECK(!contains(error.message, "arranger-"));  // the copy's path is nobody's business
  // Without a probe the same loader says the same.
  CHECK(refusal(fixture("undefined_symbol"), {.probe = false}).message == error.message);
}

TEST_CASE("a library that hangs is given up in time") {
  const auto start = std::chrono::steady_clock::now();
  const Error error = refusal(fixture("hang_register"));
  const auto taken = std::chrono::steady_clock::now() - start;
  CHECK(error.code == Code::plugin_timeout);
  CHECK(error.message ==
        "hang_register.so did not return within 1500 ms from register_plugin while being probed; it was not loaded");
  CHECK(taken < std::chrono::seconds(2));

  const Error in_constructor = refusal(fixture("hang_load"), {.limit = std::chrono::milliseconds(100)});
  CHECK(in_constructor.code == Code::plugin_timeout);
  CHECK(contains(in_constructor.message, "from its start-up code"));

  const Error in_create = refusal(fixture("hang_create"), {.limit = std::chrono::milliseconds(100)});
  CHECK(in_create.code == Code::plugin_timeout);
  CHECK(contains(in_create.message, "from create of test.hang_create"));
}

TEST_CASE("a library with unique symbols is refused before any of its code runs") {
  const NoExit no_exit;
  for (const bool probe : {true, false}) {
    const Error error = refusal(fixture("unique_symbols"), {.probe = probe});
    CHECK(error.code == Code::plugin_load_failed);
    CHECK(error.message ==
          "unique_symbols.so has the unique symbol _ZN6Shared5countE, which would keep it in memory and give its data "
          "to the next build; compile it with -fno-gnu-unique and link it with an export list");
    CHECK(!is_mapped("unique_symbols.so"));
  }
}

TEST_CASE("an instance that says it cannot work is no reason to refuse its library") {
  for (const char *modest : {"bad_instance", "throws_later"}) {
    const auto library = Library::open(fixture(modest));
    CHECK_MESSAGE(library.has_value(), library.error().message);
  }
}

TEST_CASE("what is no file is refused") {
  const TemporaryFolder folder;
  CHECK(contains(refusal(folder.path() / "missing.so").message, "missing.so could not be read: No such file"));
  CHECK(contains(refusal(folder.path()).message, "could not be read: Is a directory"));
  CHECK(contains(refusal("/dev/zero").message, "could not be read: Not a regular file"));
  std::ofstream(folder.path() / "empty.so").close();
  CHECK(refusal(folder.path() / "empty.so").message == "empty.so is not a shared library: it is empty");
  CHECK(refusal("").code == Code::plugin_load_failed);
}

TEST_CASE("a library that throws is refused without a probe too") {
  const Error error = refusal(fixture("throws_exception"), {.probe = false});
  CHECK(error.message == "throws_exception.so failed in register_plugin: it threw the wavetable is missing");
  CHECK(!is_mapped("throws_exception.so"));
}

TEST_CASE("without the probe program nothing is opened unless the caller says so") {
  const TemporaryFolder folder;
  const Environment nowhere("ARRANGER_PROBE", (folder.path() / "no-such-program").string());
  const auto path = folder.put(fixture("two_plugins"), "unprobed.so");
  const Error error = refusal(path);
  CHECK(error.code == Code::plugin_probe_unavailable);
  CHECK(contains(error.message, "no-such-program could not be started: No such file or directory"));
  CHECK(Library::open(path, {.probe = false}).has_value());
}

TEST_CASE("a program that is not the probe is not taken for it") {
  const Environment other("ARRANGER_PROBE", "/bin/true");
  const TemporaryFolder folder;
  CHECK(refusal(folder.put(fixture("two_plugins"), "unprobed.so")).code == Code::plugin_probe_unavailable);
}

TEST_CASE("a library is unmapped when its last user lets go, and nothing stays behind") {
  const TemporaryFolder temporary;
  const Environment own("TMPDIR", temporary.path().string());
  auto library = Library::open(fixture("two_plugins"));
  REQUIRE(library.has_value());
  CHECK(is_mapped("two_plugins.so"));
  CHECK(std::filesystem::is_empty(private_directory(temporary.path()).value()));
  const auto second_user = *library;
  library->reset();
  CHECK(is_mapped("two_plugins.so"));
  const_cast<std::shared_ptr<Library> &>(second_user).reset();
  CHECK(!is_mapped("two_plugins.so"));

  refusal(fixture("crash_register"));
  refusal(fixture("undefined_symbol"), {.probe = false});
  CHECK(std::filesystem::is_empty(private_directory(temporary.path()).value()));
}

TEST_CASE("a file that is overwritten while it is open does no harm, and opens as the new one") {
  const TemporaryFolder folder;
  const auto path = folder.put(fixture("versioned_1"), "versioned.so");
  const auto first = Library::open(path);
  REQUIRE(first.has_value());
  folder.put(fixture("versioned_2"), "versioned.so");
  const auto second = Library::open(path);
  REQUIRE(second.has_value());
  CHECK((*first)->plugins()[0].descriptor.version == 1);
  CHECK((*second)->plugins()[0].descriptor.version == 2);
  CHECK((*first)->plugins()[0].factory != (*second)->plugins()[0].factory);
  CHECK((*first)->hash() != (*second)->hash());
  // The old code still runs.
  const auto plugin = guard::create(*(*first)->plugins()[0].factory, plugin_host(), "test.versioned");
  REQUIRE(plugin.has_value());
  CHECK(guard::destroy(**plugin, "test.versioned").has_value());
}

TEST_CASE("opening a library a hundred times leaves no mapping and no file descriptor") {
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/dev/fd"), std::filesystem::directory_iterator());
  };
  const auto before = descriptors();
  for (int i = 0; i < 100; ++i) REQUIRE(Library::open(fixture("versioned_1")).has_value());
  CHECK(descriptors() == before);
  CHECK(!is_mapped("versioned_1.so"));
}

TEST_CASE("a dependency that lies beside the original is found") {
  const auto library = Library::open(fixture("needs_helper"));
  REQUIRE_MESSAGE(library.has_value(), library.error().message);
  CHECK((*library)->plugins()[0].descriptor.version == 5);
  const TemporaryFolder folder;
  const Error alone = refusal(folder.put(fixture("needs_helper"), "needs_helper.so"));
  CHECK(alone.code == Code::plugin_load_failed);
}

TEST_CASE("a missing dependency is named, and having it later is enough") {
  const TemporaryFolder folder;
  const auto path = folder.put(fixture("needs_helper"), "lonely.so");
  const Error error = refusal(path);
  CHECK(contains(error.message, "lonely.so could not be opened: libfixture_helper.so: cannot open shared object file"));
  folder.put(fixture("needs_helper").parent_path() / "libfixture_helper.so", "libfixture_helper.so");
  CHECK(Library::open(path).has_value());
}

TEST_CASE("the build for the wanted instruction-set level is opened, under the library's own name") {
  const TemporaryFolder folder;
  const auto path = folder.put(fixture("versioned_1"), "levels.so");
  folder.put(fixture("versioned_2"), "x86-64-v3/levels.so");
  const auto open_as = [&](const char *level) {
    const Environment forced("ARRANGER_ISA", level);
    return Library::open(path).value();
  };
  const auto base = open_as("base"), v3 = open_as("x86-64-v3"), v4 = open_as("x86-64-v4");
  CHECK(base->isa() == "base");
  CHECK(base->plugins()[0].descriptor.version == 1);
  CHECK(v3->isa() == "x86-64-v3");
  CHECK(v3->plugins()[0].descriptor.version == 2);
  CHECK(v4->isa() == "x86-64-v3");
  CHECK(v3->path() == base->path());
  CHECK(v3->name() == "levels.so");
}

TEST_CASE("libraries are opened and probed from many threads at once") {
  const char *const names[] = {"impulse", "two_plugins", "crash_register", "throws_int"};
  std::vector<std::thread> threads;
  std::vector<int> opened(8, 0);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) opened[t] += Library::open(fixture(names[(t + i) % 4])).has_value();
    });
  }
  for (std::thread &thread : threads) thread.join();
  int sum = 0;
  for (const int n : opened) sum += n;
  CHECK(sum == 20);
}
