// SPDX-License-Identifier: MIT
// The engine's version, as plugins and clients see it.
#pragma once

namespace arranger {

inline constexpr char engine_name[] = "arranger";
inline constexpr char engine_version[] = "0.1.0";

}  // namespace arranger
