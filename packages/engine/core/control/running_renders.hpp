// SPDX-License-Identifier: MIT
// The renders of a client under way, so that they can be cancelled.
#pragma once

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/thread.hpp"

namespace arranger {

class RunningRenders {
 public:
  // One render, listed as long as somebody holds it.
  class Entry {
   public:
    Entry(RunningRenders &all, std::string id) : all_(all), id_(std::move(id)) {}
    Entry(const Entry &) = delete;
    Entry &operator=(const Entry &) = delete;
    ~Entry() {
      const std::lock_guard lock(all_.mutex_);
      std::erase(all_.entries_, this);
    }
    // Becomes true when the render is to end.
    const std::atomic<bool> &cancelled() const { return cancelled_; }

   private:
    friend class RunningRenders;
    RunningRenders &all_;
    std::string id_;
    std::atomic<bool> cancelled_ = false;
  };

  // Null when there are as many as there may be. Any thread, as all of these.
  std::shared_ptr<Entry> add(std::string id) {
    auto entry = std::make_shared<Entry>(*this, std::move(id));
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= most_) return nullptr;
    entry->cancelled_ = ended_;
    entries_.push_back(entry.get());
    return entry;
  }
  void limit(std::size_t most) {
    const std::lock_guard lock(mutex_);
    most_ = most;
  }
  // How many renders had this id.
  int cancel(const std::string &id) {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (Entry *entry : entries_)
      if (entry->id_ == id && !entry->cancelled_.exchange(true)) ++count;
    return count;
  }
  // Cancels all, and those that are still to come.
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    for (Entry *entry : entries_) entry->cancelled_ = true;
  }

 private:
  Mutex mutex_;
  bool ended_ = false;
  std::size_t most_ = std::numeric_limits<std::size_t>::max();
  std::vector<Entry *> entries_;
};

}  // namespace arranger
