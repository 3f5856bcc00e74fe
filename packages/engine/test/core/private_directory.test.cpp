// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "fixtures.hpp"

using namespace arranger;
using namespace arranger::test;

namespace fs = std::filesystem;

namespace {

std::ptrdiff_t count(const fs::path &folder) { return std::distance(fs::directory_iterator(folder), {}); }

}  // namespace

TEST_CASE("the private directory is this user's alone, and made again when somebody tidies up") {
  const TemporaryFolder temporary;
  for (int i = 0; i < 2; ++i) {
    const fs::path directory = private_directory(temporary.path()).value();
    CHECK(directory.parent_path() == temporary.path());
    CHECK(fs::status(directory).permissions() == fs::perms::owner_all);
    fs::remove(directory);
  }
}

TEST_CASE("a directory that others may enter is not used") {
  const TemporaryFolder temporary;
  const fs::path directory = private_directory(temporary.path()).value();
  fs::permissions(directory, fs::perms::owner_all | fs::perms::group_write);
  CHECK(private_directory(temporary.path()).error().code == Code::io_error);
  fs::remove(directory);
  fs::create_directory_symlink("/", directory);
  CHECK(private_directory(temporary.path()).error().code == Code::io_error);
  fs::remove(directory);
  CHECK(private_directory(temporary.path()).has_value());
}

TEST_CASE("names are never given twice") { CHECK(private_name("a.so") != private_name("a.so")); }

TEST_CASE("what a killed process left behind is removed, and nothing else") {
  const TemporaryFolder folder;
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  const auto make = [&](const std::string &name, fs::file_time_type written) {
    std::ofstream(folder.path() / name).close();
    fs::last_write_time(folder.path() / name, written);
  };
  const std::string dead = "999999999";  // greater than any process number
  make(dead + "-1-left.so", old);
  make(dead + "-2-new.so", fs::file_time_type::clock::now());
  make(private_name("used.so").string(), old);
  make(dead, old);
  make("x-" + dead + "-1-other.so", old);
  make("0-1-zero.so", old);
  const auto before = count(folder.path());
  remove_abandoned_files(folder.path());
  CHECK(!fs::exists(folder.path() / (dead + "-1-left.so")));
  CHECK(count(folder.path()) == before - 1);
  remove_abandoned_files(folder.path() / "missing");
}
