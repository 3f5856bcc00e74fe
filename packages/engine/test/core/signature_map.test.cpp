// SPDX-License-Identifier: MIT
// Beats to bars.
#include "transport/signature_map.hpp"

#include <doctest/doctest.h>

using namespace arranger;

namespace {

void check(const SignatureMap &map, double beat, std::int64_t bar, double bar_beat, int numerator, int denominator) {
  CAPTURE(beat);
  const BarPosition at = map.at(beat);
  CHECK(at.bar == bar);
  CHECK(at.bar_beat == bar_beat);
  CHECK(at.numerator == numerator);
  CHECK(at.denominator == denominator);
}

}  // namespace

TEST_CASE("without a change there are four quarters a bar") {
  const SignatureMap map;
  check(map, -1, 0, 0, 4, 4);
  check(map, 3.999, 0, 0, 4, 4);
  check(map, 4, 1, 4, 4, 4);
  check(map, 41, 10, 40, 4, 4);
}

TEST_CASE("a bar is as long as its signature says, in quarters") {
  const SignatureMap map({{0, 3, 4}, {6, 7, 8}, {13, 2, 2}});
  check(map, 2.9, 0, 0, 3, 4);
  check(map, 3, 1, 3, 3, 4);
  check(map, 6, 2, 6, 7, 8);
  check(map, 9.5, 3, 9.5, 7, 8);
  check(map, 13, 4, 13, 2, 2);
  check(map, 17, 5, 17, 2, 2);
}

TEST_CASE("a change begins a bar, and a bar that it cuts short counts; the last of one beat rules") {
  const SignatureMap map({{5, 6, 8}, {5, 3, 4}, {-2, 5, 4}});
  check(map, 4.9, 0, 0, 5, 4);
  check(map, 5, 1, 5, 3, 4);
  const SignatureMap cut({{6, 3, 4}});
  check(cut, 5, 1, 4, 4, 4);
  check(cut, 6, 2, 6, 3, 4);
  check(cut, 9, 3, 9, 3, 4);
}
