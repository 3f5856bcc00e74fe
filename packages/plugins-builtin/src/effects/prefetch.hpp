// SPDX-License-Identifier: MIT
// Memory that will be needed, asked for before: what many plugins keep does not stay in the near caches from block to block.
#pragma once

#include <cstddef>

namespace effects {

inline constexpr std::size_t cache_line_bytes = 64;

// Nothing is touched, so that addresses behind the end of an array do no harm.
inline void prefetch([[maybe_unused]] const void *from, [[maybe_unused]] std::size_t bytes = cache_line_bytes) {
#if defined(__GNUC__)
  for (std::size_t i = 0; i < bytes; i += cache_line_bytes) __builtin_prefetch(static_cast<const char *>(from) + i);
#endif
}

}  // namespace effects
