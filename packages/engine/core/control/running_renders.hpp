// SPDX-License-Identifier: MIT
// The renders under way, so that they can be cancelled.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace arranger {

class RunningRenders {
 public:
  using Flag = std::shared_ptr<std::atomic<bool>>;

  // A flag that becomes true when the render is to end. Any thread, as all of these.
  Flag add(std::string id) {
    auto flag = std::make_shared<std::atomic<bool>>(false);
    const std::lock_guard lock(mutex_);
    renders_.emplace_back(std::move(id), flag);
    return flag;
  }
  void remove(const Flag &flag) {
    const std::lock_guard lock(mutex_);
    std::erase_if(renders_, [&](auto &entry) { return entry.second == flag; });
  }
  // How many renders had this id.
  int cancel(const std::string &id) {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (auto &[render, flag] : renders_)
      if (render == id) {
        flag->store(true);
        ++count;
      }
    return count;
  }
  void cancel_all() {
    const std::lock_guard lock(mutex_);
    for (auto &[render, flag] : renders_) flag->store(true);
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, Flag>> renders_;
};

}  // namespace arranger
