// SPDX-License-Identifier: MIT
// Files as linkers and careless tools write them: in pieces, in place, beside and renamed. Time is given, not waited for.
#include "control/library_watch.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "fixtures.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

class Looks {
 public:
  explicit Looks(LibraryWatch &watch) : watch_(watch) {}
  Paths next() { return watch_.changed(now_ += std::chrono::milliseconds(100)); }
  // What is named within so many looks.
  Paths next(int count) {
    Paths out;
    for (int i = 0; i < count; ++i)
      for (const auto &path : next()) out.push_back(path);
    return out;
  }

 private:
  LibraryWatch &watch_;
  LibraryWatch::Time now_{std::chrono::hours(1)};
};

std::string content(const char *name) {
  const auto bytes = read_file(fixture(name)).value();
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

// Two files of one size that are written within one tick of the file system's clock look the same, so each is later.
void write(const fs::path &path, std::string_view text) {
  static auto time = fs::file_time_type::clock::now();
  std::ofstream(path, std::ios::binary) << text;
  fs::last_write_time(path, time += std::chrono::seconds(1));
}

}  // namespace

TEST_CASE("a library that is loaded is named when it was built anew, once") {
  const TemporaryFolder folder;
  const auto path = folder.put(fixture("versioned_1"), "a.so");
  LibraryWatch watch;
  Looks looks(watch);
  watch.watch(path, true);
  CHECK(watch.paths() == Paths{path});
  CHECK(looks.next(5).empty());
  write(path, content("versioned_2"));
  CHECK(looks.next().empty());  // it may still be written
  CHECK(looks.next() == Paths{path});
  CHECK(watch.is_settled(path));
  CHECK(looks.next(50).empty());
  write(path, content("versioned_1"));
  CHECK(!watch.is_settled(path));
  CHECK(looks.next(3) == Paths{path});
  watch.forget(path);
  write(path, content("versioned_2"));
  CHECK(looks.next(5).empty());
}

TEST_CASE("a library that does not exist yet is named when it is there") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "later.so";
  LibraryWatch watch;
  Looks looks(watch);
  watch.watch(path, false);
  CHECK(looks.next(50).empty());
  write(folder.path() / "later.so.new", content("impulse"));
  fs::rename(folder.path() / "later.so.new", path);
  CHECK(looks.next(2) == Paths{path});
  fs::remove(path);
  CHECK(looks.next(50).empty());
  write(path, content("impulse"));
  CHECK(looks.next(3) == Paths{path});
}

TEST_CASE("a library that is there but not loaded is named at once") {
  const TemporaryFolder folder;
  const auto path = folder.put(fixture("impulse"), "there.so");
  LibraryWatch watch;
  Looks looks(watch);
  watch.watch(path, false);
  CHECK(looks.next() == Paths{path});
  CHECK(looks.next(5).empty());
}

TEST_CASE("a file that is written in pieces is named when it is whole, however long each piece takes") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "slow.so";
  const std::string whole = content("impulse");
  LibraryWatch watch;
  Looks looks(watch);
  watch.watch(path, false);
  for (std::size_t length = 0; length < whole.size(); length += whole.size() / 7) {
    write(path, whole.substr(0, length));
    CHECK(looks.next(15).empty());
  }
  write(path, std::string(whole.size(), '\0'));  // a linker that writes the beginning last
  CHECK(looks.next(15).empty());
  write(path, whole);
  CHECK(looks.next(2) == Paths{path});
}

TEST_CASE("a file that stays incomplete is named once, so that it can be told of") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "half.so";
  LibraryWatch watch;
  Looks looks(watch);
  watch.watch(path, false);
  write(path, content("impulse").substr(0, 5000));
  CHECK(looks.next(20).empty());
  CHECK(looks.next(3) == Paths{path});
  CHECK(looks.next(50).empty());
  write(path, content("impulse"));
  CHECK(looks.next(2) == Paths{path});
}

TEST_CASE("what will never be a library is named like one that is") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "text.so";
  LibraryWatch watch;
  Looks looks(watch);
  watch.watch(path, false);
  write(path, content("not_a_library"));
  CHECK(looks.next(2) == Paths{path});
}

TEST_CASE("a new build for this processor counts too") {
  const Environment forced("ARRANGER_ISA", "x86-64-v3");
  const TemporaryFolder folder;
  const auto path = folder.put(fixture("versioned_1"), "levels.so");
  const auto variant = folder.put(fixture("versioned_1"), "x86-64-v3/levels.so");
  LibraryWatch watch;
  Looks looks(watch);
  watch.watch(path, true);
  CHECK(looks.next(3).empty());
  write(variant, content("versioned_2"));
  CHECK(looks.next(2) == Paths{path});
}
