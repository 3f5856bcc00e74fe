// SPDX-License-Identifier: MIT
// A node goes on in another instance of its plugin: what that takes over from the one that plays.
#pragma once

#include <cstdint>
#include <vector>

#include "plugin/instance.hpp"

namespace arranger {

class Renewal {
 public:
  explicit Renewal(Instance &before) : before_(&before) {}

  // [control] Before that: nothing is taken over.
  void distrust() { is_distrusted_ = true; }
  // [control] Once both are active: takes memory for the snapshot where theirs mean the same.
  void fit(const Instance &now) {
    const guard::SnapshotShape &from = before_->snapshot(), &to = now.snapshot();
    both_ = from.functions && to.functions && !is_distrusted_;
    if (both_ && from.layout == to.layout && from.size == to.size) bytes_.resize(from.size);
  }
  bool both_have_snapshots() const { return both_; }
  std::size_t size() const { return bytes_.size(); }
  void give_up() { bytes_ = {}; }
  // Whether the new one sounds on as the old one would.
  bool takes_over() const { return !bytes_.empty(); }
  // [audio] Between two slices.
  void take_over(Instance &now) {
    before_->snapshot().functions->save(&before_->plugin(), bytes_.data());
    now.snapshot().functions->load(&now.plugin(), bytes_.data());
  }
  // To be compared only: it need not live any more.
  const Instance *before() const { return before_; }

 private:
  Instance *before_;
  bool both_ = false, is_distrusted_ = false;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace arranger
