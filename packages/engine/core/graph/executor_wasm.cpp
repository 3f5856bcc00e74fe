// SPDX-License-Identifier: MIT
// A WebAssembly module has one thread: everything runs on it.
#include "graph/executor.hpp"

namespace arranger {

std::int32_t threads_for(std::int32_t) { return 1; }

struct Executor::Crew {};
Executor::Executor(std::int32_t, Use) {}
Executor::~Executor() = default;
bool Executor::wake() { return false; }
void Executor::run(const Work &) noexcept {}
void Executor::rest() {}

BusyProcessor::BusyProcessor() = default;
BusyProcessor::~BusyProcessor() = default;

}  // namespace arranger
