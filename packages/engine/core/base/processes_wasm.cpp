// SPDX-License-Identifier: MIT
// A WebAssembly module starts no processes, so it has nothing to share with one. What is left lets the rest be linked.
#include "base/channel.hpp"
#include "base/child_process.hpp"
#include "base/companion.hpp"
#include "base/shared_memory.hpp"
#include "base/shared_signal.hpp"

namespace arranger {

std::string signal_name(int signal) { return "signal " + std::to_string(signal); }

Companion::~Companion() = default;
void Companion::kill() {}
void Channel::close() {}
SharedMemory::~SharedMemory() = default;
SignalEvent::SignalEvent() = default;
SignalEvent::~SignalEvent() = default;

}  // namespace arranger
