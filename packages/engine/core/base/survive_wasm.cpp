// SPDX-License-Identifier: MIT
// A WebAssembly module has no signals: what would crash ends the module as a whole, and its host says so.
#include "base/survive.hpp"

namespace arranger {

void prepare_to_survive() {}

int survive(void (*work)(void *), void *argument, bool (*)(const void *)) {
  work(argument);
  return 0;
}

SignalStack::SignalStack() = default;
SignalStack::~SignalStack() = default;
void SignalStack::use() {}

}  // namespace arranger
