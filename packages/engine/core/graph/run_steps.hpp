// SPDX-License-Identifier: MIT
// Runs the steps of a plan: what ends a plugin's call in the middle, an exception or a signal, ends there.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "graph/renewal.hpp"
#include "graph/steps.hpp"
#include "plugin/instance.hpp"

namespace arranger {

// From step `at` on. None: all have run; else the call of the plugin step `at`, which keeps the number of the one that
// runs, threw or crashed, and `how` says more. The process must be ready to survive that. One guard stands round all steps:
// round each it would cost as much as a small plugin. [audio]
Fault run_steps(std::span<Step *const> steps, std::atomic<std::uint32_t> &at, const Slice &slice, bool is_measured,
                Interruption &how) noexcept;

// Lets an instance take over what another one sounds, under the same guard. None: it has. [audio]
Fault take_over(Renewal &renewal, Instance &now, Interruption &how) noexcept;

}  // namespace arranger
