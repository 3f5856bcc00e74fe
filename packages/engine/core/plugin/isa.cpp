// SPDX-License-Identifier: MIT
#include "plugin/isa.hpp"

#include <cstdlib>
#include <string_view>

#if defined(_M_X64)
#include <intrin.h>
#endif

namespace arranger {
namespace {

// The features that make up a level, less those that every processor with AVX2 has.
#if defined(__x86_64__)
bool has_v3() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}
bool has_v4() {
  return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#elif defined(_M_X64)
bool has_bits(int leaf, int reg, int bits) {
  int r[4];
  __cpuid(r, 0);
  if (r[0] < leaf) return false;
  __cpuidex(r, leaf, 0);
  return (r[reg] & bits) == bits;
}
bool system_saves(unsigned long long state) {
  constexpr int osxsave = 1 << 27;
  return has_bits(1, 2, osxsave) && (_xgetbv(0) & state) == state;
}
bool has_v3() {
  constexpr int fma = 1 << 12, bmi = 1 << 3, avx2 = 1 << 5, bmi2 = 1 << 8;
  return system_saves(0x6) && has_bits(1, 2, fma) && has_bits(7, 1, bmi | avx2 | bmi2);
}
bool has_v4() {
  constexpr int f = 1 << 16, dq = 1 << 17, cd = 1 << 28, bw = 1 << 30;
  constexpr int vl = static_cast<int>(1u << 31);
  return has_v3() && system_saves(0xe6) && has_bits(7, 1, f | dq | cd | bw | vl);
}
#else
bool has_v3() { return false; }
bool has_v4() { return false; }
#endif

}  // namespace

std::vector<std::string> isa_folders() {
  const char *forced = std::getenv("ARRANGER_ISA");
  const std::string_view level = forced ? forced : "";
  const bool free_choice = level.empty();
  std::vector<std::string> folders;
  if (free_choice ? has_v4() : level == "x86-64-v4") folders.push_back("x86-64-v4");
  if (free_choice ? has_v3() : level == "x86-64-v3" || level == "x86-64-v4") folders.push_back("x86-64-v3");
  return folders;
}

}  // namespace arranger
