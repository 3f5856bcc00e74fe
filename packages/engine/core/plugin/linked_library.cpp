// SPDX-License-Identifier: MIT
#include "plugin/image.hpp"
#include "plugin/library.hpp"

namespace arranger {

Result<std::shared_ptr<Library>> Library::linked(const LinkedLibrary &linked) {
  const auto stamp = check_stamp(*linked.stamp, linked.name);
  if (!stamp) return std::unexpected(stamp.error());
  auto plugins = collect_plugins(linked.entry, linked.name);
  if (!plugins) return std::unexpected(std::move(plugins.error()));
  std::shared_ptr<Library> library(new Library);
  library->path_ = std::filesystem::path("(built in)") / linked.name;
  library->name_ = linked.name;
  library->isa_ = "base";
  library->stamp_ = *stamp;
  library->plugins_ = std::move(*plugins);
  return library;
}

}  // namespace arranger
