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

TEST_CASE("a private directory is this user's alone, and new each time") {
  const TemporaryFolder first, second;
  CHECK(first.path() != second.path());
  CHECK(fs::status(first.path()).permissions() == fs::perms::owner_all);
}

TEST_CASE("what a killed process left behind is removed, and nothing else") {
  const TemporaryFolder folder;
  const std::string dead = "arranger-999999999-";  // greater than any process number
  const auto make = [&](const std::string &name, fs::perms permissions = fs::perms::owner_all) {
    fs::create_directory(folder.path() / name);
    std::ofstream(folder.path() / name / "plugin.so").close();
    fs::permissions(folder.path() / name, permissions);
    fs::last_write_time(folder.path() / name, fs::file_time_type::clock::now() - std::chrono::hours(1));
  };
  make(dead + "left");
  make(dead + "open", fs::perms::all);
  make("arranger-" + std::to_string(process_id()) + "-used");
  make("arranger-notes");
  make("arranger-999999999");
  make("other-999999999-x");
  make(dead + "new");
  fs::last_write_time(folder.path() / (dead + "new"), fs::file_time_type::clock::now());
  fs::create_symlink(folder.path() / "arranger-notes", folder.path() / (dead + "link"));
  std::ofstream(folder.path() / (dead + "file")).close();
  const auto before = std::distance(fs::directory_iterator(folder.path()), {});

  remove_abandoned_directories(folder.path());
  CHECK(!fs::exists(folder.path() / (dead + "left")));
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == before - 1);
  CHECK(fs::exists(folder.path() / "arranger-notes" / "plugin.so"));
  remove_abandoned_directories(folder.path() / "missing");
}
