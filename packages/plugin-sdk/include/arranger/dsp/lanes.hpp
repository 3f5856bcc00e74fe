// SPDX-License-Identifier: MIT
// Eight values that are computed at once: eight voices, channels or combs side by side, one in each lane, or eight frames in
// a row. A recursive filter cannot be spread over time, where each frame needs the one before, but over voices it can.
// The width is fixed, so that what is computed does not depend on the machine: one register at AVX, two at SSE2, NEON and
// WebAssembly, eight plain numbers elsewhere. Every operation is that of eight scalars, to the bit.
// All functions are pure, real-time safe and callable from any thread.
#pragma once

#include <arranger/dsp/math.hpp>
#include <arranger/dsp/signal.hpp>

#include <bit>
#include <cstdint>
#include <cstring>

namespace arranger::dsp {

// On every machine, whatever the width of its registers.
inline constexpr int lane_count = 8;

namespace detail {

#if !defined(__GNUC__)
inline constexpr int native_lanes = 1;
template <class T>
struct Native {
  using Type = T;
};
#else
#if defined(__AVX__)
inline constexpr int native_lanes = 8;
#else
inline constexpr int native_lanes = 4;
#endif
template <class T>
struct Native {
  typedef T Type __attribute__((vector_size(4 * native_lanes)));
};
#endif

template <class Type>
ARRANGER_DSP_INLINE Type smaller(Type a, Type b) {
  return a < b ? a : b;
}
template <class Type>
ARRANGER_DSP_INLINE Type larger(Type a, Type b) {
  return a > b ? a : b;
}
// g++ does not see that these are one instruction.
#if defined(__AVX__) && !defined(__clang__)
ARRANGER_DSP_INLINE Native<float>::Type smaller(Native<float>::Type a, Native<float>::Type b) {
  return __builtin_ia32_minps256(a, b);
}
ARRANGER_DSP_INLINE Native<float>::Type larger(Native<float>::Type a, Native<float>::Type b) {
  return __builtin_ia32_maxps256(a, b);
}
#elif defined(__SSE__) && !defined(__clang__)
ARRANGER_DSP_INLINE Native<float>::Type smaller(Native<float>::Type a, Native<float>::Type b) {
  return __builtin_ia32_minps(a, b);
}
ARRANGER_DSP_INLINE Native<float>::Type larger(Native<float>::Type a, Native<float>::Type b) {
  return __builtin_ia32_maxps(a, b);
}
#endif

}  // namespace detail

// Eight of float, std::int32_t or std::uint32_t (which wraps). A number stands for eight of itself.
template <class T>
struct Vector {
  // The registers that hold the lanes. Their number depends on the machine: go by lane.
  using Native = typename detail::Native<T>::Type;
  static constexpr int parts = lane_count / detail::native_lanes;
  Native part[parts];

  Vector() = default;                    // not initialised, as a float is not
  ARRANGER_DSP_INLINE Vector(T value) {  // NOLINT: a number is a vector, as an int is a float
    for (Native &p : part) p = value - Native{};
  }

  // From and to eight numbers in memory, wherever they lie.
  static ARRANGER_DSP_INLINE Vector load(const T *from) {
    Vector out;
    std::memcpy(&out, from, sizeof out);
    return out;
  }
  ARRANGER_DSP_INLINE void store(T *to) const { std::memcpy(to, this, sizeof *this); }

  // One lane: not for inner loops.
  T operator[](int lane) const { return std::bit_cast<Plain>(*this).lane[lane]; }
  void set(int lane, T value) {
    Plain plain = std::bit_cast<Plain>(*this);
    plain.lane[lane] = value;
    *this = std::bit_cast<Vector>(plain);
  }

  friend ARRANGER_DSP_INLINE Vector operator+(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return x + y; });
  }
  friend ARRANGER_DSP_INLINE Vector operator-(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return x - y; });
  }
  friend ARRANGER_DSP_INLINE Vector operator*(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return x * y; });
  }
  friend ARRANGER_DSP_INLINE Vector operator/(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return x / y; });
  }
  friend ARRANGER_DSP_INLINE Vector operator&(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return x & y; });
  }
  friend ARRANGER_DSP_INLINE Vector operator|(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return x | y; });
  }
  friend ARRANGER_DSP_INLINE Vector operator^(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return x ^ y; });
  }
  friend ARRANGER_DSP_INLINE Vector operator<<(Vector a, int bits) {
    return each(a, a, [bits](Native x, Native) { return x << bits; });
  }
  friend ARRANGER_DSP_INLINE Vector operator>>(Vector a, int bits) {
    return each(a, a, [bits](Native x, Native) { return x >> bits; });
  }
  // Lane by lane.
  Vector &operator+=(Vector other) { return *this = *this + other; }
  Vector &operator*=(Vector other) { return *this = *this * other; }

  // a < b ? a : b, in each lane: a NaN gives `b`.
  friend ARRANGER_DSP_INLINE Vector min(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return detail::smaller(x, y); });
  }
  friend ARRANGER_DSP_INLINE Vector max(Vector a, Vector b) {
    return each(a, b, [](Native x, Native y) { return detail::larger(x, y); });
  }
  // a < b ? yes : no, in each lane.
  friend ARRANGER_DSP_INLINE Vector<float> where_less(Vector a, Vector b, Vector<float> yes, Vector<float> no) {
    Vector<float> out;
    for (int i = 0; i < parts; ++i) out.part[i] = a.part[i] < b.part[i] ? yes.part[i] : no.part[i];
    return out;
  }

  // The values of another type: rounded towards zero where they become whole.
  template <class Other>
  ARRANGER_DSP_INLINE Vector<Other> to() const {
    Vector<Other> out;
    for (int i = 0; i < parts; ++i) {
#if defined(__GNUC__)
      out.part[i] = __builtin_convertvector(part[i], typename Vector<Other>::Native);
#else
      out.part[i] = static_cast<Other>(part[i]);
#endif
    }
    return out;
  }

 private:
  struct alignas(Native) Plain {
    T lane[lane_count];
  };

  template <class Operation>
  static ARRANGER_DSP_INLINE Vector each(Vector a, Vector b, Operation operation) {
    Vector out;
    for (int i = 0; i < parts; ++i) out.part[i] = operation(a.part[i], b.part[i]);
    return out;
  }
};

// Eight numbers, signed and unsigned whole ones.
using Lanes = Vector<float>;
using IntLanes = Vector<std::int32_t>;
using UintLanes = Vector<std::uint32_t>;

// What the functions of math.hpp are made of: the bits of a float, a phase as a value below zero for the second half turn.
ARRANGER_DSP_INLINE UintLanes bits_of(Lanes x) { return std::bit_cast<UintLanes>(x); }
ARRANGER_DSP_INLINE Lanes from_bits(UintLanes x) { return std::bit_cast<Lanes>(x); }
ARRANGER_DSP_INLINE Lanes signed_value(UintLanes x) { return std::bit_cast<IntLanes>(x).to<float>(); }
ARRANGER_DSP_INLINE UintLanes magnitude(UintLanes x) {
#if defined(__AVX2__) && !defined(__clang__)
  using Signed = detail::Native<std::int32_t>::Type;
  x.part[0] = (UintLanes::Native)(__builtin_ia32_pabsd256((Signed)x.part[0]));  // which g++ does not find either
  return x;
#else
  const UintLanes sign = std::bit_cast<UintLanes>(std::bit_cast<IntLanes>(x) >> 31);
  return (x ^ sign) - sign;
#endif
}

// As in math.hpp, with its errors.
ARRANGER_DSP_INLINE Lanes sine_of_phase(UintLanes phase) { return detail::sine_of_quarter(detail::quarters(phase)); }
ARRANGER_DSP_INLINE Lanes exp2(Lanes x) { return detail::exp2(x); }
ARRANGER_DSP_INLINE Lanes tan_of_half_turns(Lanes x) { return detail::tan_of_half_turns(x); }
ARRANGER_DSP_INLINE Lanes midi_to_hz(Lanes key) { return detail::midi_to_hz(key); }

// The phase of eight frames in a row, from this one on.
ARRANGER_DSP_INLINE UintLanes phases(std::uint32_t phase, std::uint32_t increment) {
  constexpr std::uint32_t numbers[lane_count] = {0, 1, 2, 3, 4, 5, 6, 7};
  return phase + increment * UintLanes::load(numbers);
}

// The sum over the lanes of each of `frames` vectors, 0 .. max_frames, always as
// ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)). Reads and writes up to the next multiple of four: both need that much room.
inline void sum_lanes(const Lanes *vectors, float *sums, Frame frames) {
  const auto *lanes = reinterpret_cast<const float *>(vectors);
#if defined(__GNUC__)
  typedef float Four __attribute__((vector_size(16), may_alias));
  const auto halves = [lanes](Frame i) {
    const auto *half = reinterpret_cast<const Four *>(lanes + lane_count * i);
    return half[0] + half[1];
  };
  Frame i = 0;
#if defined(__AVX__)
  typedef float Eight __attribute__((vector_size(32), may_alias));
  const auto both_halves = [lanes](Frame a, Frame b) {  // of two frames
    const Eight x = *reinterpret_cast<const Eight *>(lanes + lane_count * a);
    const Eight y = *reinterpret_cast<const Eight *>(lanes + lane_count * b);
    return __builtin_shufflevector(x, y, 0, 1, 2, 3, 8, 9, 10, 11) +
           __builtin_shufflevector(x, y, 4, 5, 6, 7, 12, 13, 14, 15);
  };
  for (; i + 8 <= frames; i += 8) {
    const Eight a = both_halves(i, i + 4), b = both_halves(i + 1, i + 5);
    const Eight c = both_halves(i + 2, i + 6), d = both_halves(i + 3, i + 7);
    const Eight ab = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) +
                     __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    const Eight cd = __builtin_shufflevector(c, d, 0, 1, 8, 9, 4, 5, 12, 13) +
                     __builtin_shufflevector(c, d, 2, 3, 10, 11, 6, 7, 14, 15);
    const Eight sum = __builtin_shufflevector(ab, cd, 0, 2, 8, 10, 4, 6, 12, 14) +
                      __builtin_shufflevector(ab, cd, 1, 3, 9, 11, 5, 7, 13, 15);
    std::memcpy(sums + i, &sum, sizeof sum);
  }
#endif
  for (; i < frames; i += 4) {
    const Four a = halves(i), b = halves(i + 1), c = halves(i + 2), d = halves(i + 3);
    const Four ab = __builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7);
    const Four cd = __builtin_shufflevector(c, d, 0, 1, 4, 5) + __builtin_shufflevector(c, d, 2, 3, 6, 7);
    const Four sum = __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
    std::memcpy(sums + i, &sum, sizeof sum);  // wherever they lie
  }
#else
  for (Frame i = 0; i < frames; ++i) {
    const float *x = lanes + lane_count * i;
    sums[i] = ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
  }
#endif
}

}  // namespace arranger::dsp
