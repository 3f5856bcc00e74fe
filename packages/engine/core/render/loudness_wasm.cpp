// SPDX-License-Identifier: MIT
// There is no libebur128 here.
#include "render/analysis.hpp"

namespace arranger {

struct LoudnessMeter::State {};

bool LoudnessMeter::is_available() { return false; }
LoudnessMeter::LoudnessMeter(int, int) {}
LoudnessMeter::~LoudnessMeter() = default;
LoudnessMeter::LoudnessMeter(LoudnessMeter &&) noexcept = default;
void LoudnessMeter::add(const float *, std::int64_t) {}
std::optional<double> LoudnessMeter::integrated() const { return std::nullopt; }

}  // namespace arranger
