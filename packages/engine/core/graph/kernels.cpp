// SPDX-License-Identifier: MIT
#include "graph/kernels.hpp"

#include "plugin/isa.hpp"

namespace arranger {

extern const Kernels kernels_base, kernels_x86_64_v3, kernels_x86_64_v4;

namespace {

// Best first.
constexpr KernelLevel built[] = {
#if defined(ARRANGER_KERNELS_X86_64_V4)
    {"x86-64-v4", &kernels_x86_64_v4},
#endif
#if defined(ARRANGER_KERNELS_X86_64_V3)
    {"x86-64-v3", &kernels_x86_64_v3},
#endif
    {"base", &kernels_base},
};

// The first of the levels that `isa_folders` names and those behind it.
std::span<const KernelLevel> usable() {
  for (const std::string &level : isa_folders())
    for (const KernelLevel &one : built)
      if (level == one.name) return {&one, std::end(built)};
  return {std::end(built) - 1, 1};
}

}  // namespace

std::span<const KernelLevel> kernel_levels() { return usable(); }

const Kernels kernels = *usable().front().kernels;

}  // namespace arranger
