// SPDX-License-Identifier: MIT
// Many libraries, few children, and what is remembered of them.
#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "fixtures.hpp"
#include "plugin/library.hpp"
#include "plugin/probe_cache.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

// Counts how often the probe is started while it lives.
class CountedProbe {
 public:
  CountedProbe() : log_(folder_.path() / "starts"), program_("ARRANGER_PROBE", script().string()) {}
  int starts() const {
    std::ifstream log(log_);
    int lines = 0;
    for (std::string line; std::getline(log, line);) ++lines;
    return lines;
  }

 private:
  std::filesystem::path script() const {
    const auto path = folder_.path() / "probe";
    std::ofstream(path) << "#!/bin/sh\necho >> '" << log_.string() << "'\nexec '" << probe_path().string()
                        << "' \"$1\"\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  TemporaryFolder folder_;
  std::filesystem::path log_;
  Environment program_;
};

std::vector<Result<std::shared_ptr<Library>>> open_all(const std::vector<std::filesystem::path> &paths) {
  std::vector<CheckedLibrary> libraries;
  for (const auto &path : paths) libraries.push_back(check_library(read_library_file(path).value()).value());
  return Library::open(std::move(libraries));
}

}  // namespace

TEST_CASE("one child probes any number of good libraries, and none those that have passed") {
  const TemporaryFolder folder;
  const CountedProbe probe;
  std::vector<std::filesystem::path> paths;
  for (int i = 0; i < 300; ++i) paths.push_back(folder.put(fixture("versioned_1"), std::to_string(i) + "/x.so"));
  for (const auto &library : open_all(paths)) REQUIRE_MESSAGE(library.has_value(), library.error().message);
  CHECK(probe.starts() == 1);
  for (const auto &library : open_all(paths)) REQUIRE(library.has_value());
  CHECK(probe.starts() == 1);
}

TEST_CASE("a library that ends the child is named, and the rest are probed") {
  const TemporaryFolder folder;
  const CountedProbe probe;
  std::vector<std::filesystem::path> paths;
  for (const char *name : {"impulse", "crash_register", "two_plugins", "exit_create", "refuses", "versioned_2"})
    paths.push_back(folder.put(fixture(name), std::string(name) + ".so"));
  const auto opened = open_all(paths);
  REQUIRE(opened.size() == 6);
  CHECK(opened[0].has_value());
  CHECK(opened[1].error().code == Code::plugin_crashed);
  CHECK(opened[1].error().message.starts_with("crash_register.so crashed"));
  CHECK(opened[2].has_value());
  CHECK(opened[3].error().message.starts_with("exit_create.so ended the process"));
  CHECK(opened[4].error().message == "refuses.so failed in register_plugin: the licence has run out");
  CHECK(opened[5].has_value());
  // Good and bad, bad alone, good and bad, bad alone, bad at once, good.
  CHECK(probe.starts() == 6);
}

TEST_CASE("a library is probed again when what lies beside it has changed") {
  const TemporaryFolder folder;
  const CountedProbe probe;
  const auto path = folder.put(fixture("needs_helper"), "needs_helper.so");
  const auto helper =
      folder.put(fixture("needs_helper").parent_path() / "libfixture_helper.so", "libfixture_helper.so");
  REQUIRE(Library::open(path).has_value());
  REQUIRE(Library::open(path).has_value());
  CHECK(probe.starts() == 1);
  std::filesystem::last_write_time(helper, std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  REQUIRE(Library::open(path).has_value());
  CHECK(probe.starts() == 2);
}

TEST_CASE("a probe that does not start is said of every library") {
  const TemporaryFolder folder;
  const Environment nowhere("ARRANGER_PROBE", "/no/such/probe");
  for (const auto &library : open_all({folder.put(fixture("impulse"), "a.so"), folder.put(fixture("impulse"), "b.so")}))
    CHECK(library.error().code == Code::plugin_probe_unavailable);
}

TEST_CASE("what has passed is known to the next process") {
  const TemporaryFolder folder;
  const std::array<std::uint64_t, 3> keys = {1, 0xfedcba9876543210, UINT64_MAX};
  ProbeCache(folder.path() / "new" / "deep").add(keys);
  ProbeCache second(folder.path() / "new" / "deep");
  for (const std::uint64_t key : keys) CHECK(second.contains(key));
  CHECK(!second.contains(2));

  ProbeCache third(folder.path() / "new" / "deep");
  second.add(std::array<std::uint64_t, 1>{4});
  third.add(std::array<std::uint64_t, 1>{5});
  ProbeCache fourth(folder.path() / "new" / "deep");
  CHECK(fourth.contains(4));
  CHECK(fourth.contains(5));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path() / "new" / "deep"), {}) == 1);
}

TEST_CASE("the cache keeps the newest") {
  const TemporaryFolder folder;
  ProbeCache cache(folder.path());
  std::vector<std::uint64_t> keys;
  for (std::uint64_t key = 1; key <= ProbeCache::capacity + 10; ++key) keys.push_back(key);
  cache.add(keys);
  ProbeCache next(folder.path());
  CHECK(!next.contains(10));
  CHECK(next.contains(11));
  CHECK(next.contains(keys.back()));
  CHECK(std::filesystem::file_size(cache.file()) < 80'000);
}

TEST_CASE("a damaged cache is none, and is made anew") {
  const TemporaryFolder folder;
  const std::array<std::uint64_t, 2> keys = {7, 8};
  ProbeCache(folder.path()).add(keys);
  const auto file = ProbeCache(folder.path()).file();
  const auto bytes = read_file(file).value();
  const std::string good(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  const auto knows_any = [&](const std::string &content) {
    std::ofstream(file, std::ios::binary) << content;
    ProbeCache cache(folder.path());
    return cache.contains(7) || cache.contains(8);
  };
  CHECK(knows_any(good));
  CHECK(!knows_any(""));
  CHECK(!knows_any("x" + good));
  CHECK(!knows_any(good + "0"));
  CHECK(!knows_any(good + std::string(200'000, '0')));
  std::string other = good;
  other[other.size() - 3] = 'x';
  CHECK(!knows_any(other));
  // Cut off between two keys it is whole.
  for (std::size_t length = 0; length < good.size(); ++length)
    REQUIRE(knows_any(good.substr(0, length)) == (length == good.size() - 17));
  ProbeCache(folder.path()).add(keys);
  CHECK(ProbeCache(folder.path()).contains(7));
}

TEST_CASE("a cache that others can write is not believed") {
  const TemporaryFolder folder;
  ProbeCache(folder.path()).add(std::array<std::uint64_t, 1>{7});
  const auto file = ProbeCache(folder.path()).file();
  std::filesystem::permissions(file, std::filesystem::perms::others_write, std::filesystem::perm_options::add);
  CHECK(!ProbeCache(folder.path()).contains(7));
}

TEST_CASE("without a place for the cache the process remembers") {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file").close();
  for (const auto &place : {std::filesystem::path(), folder.path() / "file"}) {
    ProbeCache cache(place);
    cache.add(std::array<std::uint64_t, 1>{7});
    CHECK(cache.contains(7));
    CHECK(!ProbeCache(place).contains(7));
  }
}
