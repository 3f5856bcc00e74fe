// SPDX-License-Identifier: MIT
#include <cstring>

#include "graph/kernels.hpp"
#include "graph/steps.hpp"

namespace arranger {
namespace {

// Gains that are the same for the whole slice wait here, so that a sample is read and written once for many of them.
class Scaling {
 public:
  Scaling(const GainStep &step, std::int32_t frames)
      : step_(step), frames_(frames), from_{step.in[0], step.in[step.channel_count - 1]} {}

  void add(float gain) {
    if (count_ == most) apply();
    gains_[count_++] = gain;
  }
  void apply() {
    if (count_ == 0) return;
    kernels.scale(from_, step_.out, step_.channel_count, gains_, count_, frames_);
    count_ = 0;
    go_on_from_output();
  }
  void multiply(const float *gains) {
    apply();
    // The other channel, or the gains where their memory is free again behind this step, are read before they are written over.
    if (step_.channel_count == 2 && (step_.out[0] == from_[1] || step_.out[0] == gains))
      return multiply_by_frames(gains);
    for (std::int32_t c = 0; c < step_.channel_count; ++c) kernels.multiply(from_[c], gains, step_.out[c], frames_);
    go_on_from_output();
  }

 private:
  static constexpr std::int32_t most = 64;
  void multiply_by_frames(const float *gains) {
    for (std::int32_t i = 0; i < frames_; ++i) {
      const float *const from[] = {from_[0] + i, from_[1] + i};
      float *const to[] = {step_.out[0] + i, step_.out[1] + i};
      kernels.scale(from, to, 2, gains + i, 1, 1);
    }
    go_on_from_output();
  }
  void go_on_from_output() {
    from_[0] = step_.out[0];
    from_[1] = step_.out[step_.channel_count - 1];
  }

  const GainStep &step_;
  const std::int32_t frames_;
  const float *from_[2];
  float gains_[most];
  std::int32_t count_ = 0;
};

}  // namespace

void run_gain(Step &base, const Slice &slice) {
  const auto &step = static_cast<const GainStep &>(base);
  if ((*step.in_hint & ARR_HINT_SILENT) != 0) {
    for (std::int32_t c = 0; c < step.channel_count; ++c)
      std::memset(step.out[c], 0, static_cast<std::size_t>(slice.frames) * sizeof(float));
    *step.out_hint = ARR_HINT_SILENT | ARR_HINT_CONSTANT;
    return;
  }
  *step.out_hint = 0;
  Scaling scaling(step, slice.frames);
  for (std::int32_t t = 0; t < step.count; ++t) {
    const GainTerm &term = step.terms[t];
    if (term.cell && (term.cell->hint & ARR_HINT_CONSTANT) != 0) scaling.add(term.cell->value);
    else scaling.multiply(*term.values);
  }
  scaling.apply();
}

}  // namespace arranger
