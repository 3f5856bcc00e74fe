// SPDX-License-Identifier: MIT
#include "base/host.hpp"

namespace arranger::host {
namespace {

std::function<void()> &taking() {
  static auto &function = *new std::function<void()>;
  return function;
}

}  // namespace

void while_waiting() {
  arranger_host_while_waiting();
  if (taking()) taking()();
}
void between_blocks() { arranger_host_between_blocks(); }
void set_waiting(std::function<void()> take_messages) { taking() = std::move(take_messages); }

}  // namespace arranger::host
