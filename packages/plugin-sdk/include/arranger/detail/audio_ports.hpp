// SPDX-License-Identifier: MIT
// Audio ports: pointers to the samples of the block.
#pragma once

#include <arranger/detail/port_base.hpp>

#include <algorithm>
#include <utility>

namespace arranger {

// An audio input of one channel.
class MonoIn final : public Port {
 public:
  MonoIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {},
         arr_port_role role = ARR_PORT_ROLE_INPUT)
      : Port(owner, ARR_PORT_TYPE_AUDIO_MONO, role, std::move(id), std::move(name), options.doc, options.group) {}
  const float *samples = nullptr;
  float operator[](Frame i) const { return samples[i]; }
  bool silent() const { return silent_; }  // every sample of this block is exactly zero

 private:
  void bind(const detail::Piece &piece) override {
    samples = channel(piece);
    silent_ = (hints(piece) & ARR_HINT_SILENT) != 0;
  }
  bool silent_ = true;
};

// A stereo audio input.
class AudioIn final : public Port {
 public:
  AudioIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {},
          arr_port_role role = ARR_PORT_ROLE_INPUT)
      : Port(owner, ARR_PORT_TYPE_AUDIO_STEREO, role, std::move(id), std::move(name), options.doc, options.group) {}
  const float *left = nullptr;
  const float *right = nullptr;
  bool silent() const { return silent_; }  // every sample of this block is exactly zero

 private:
  void bind(const detail::Piece &piece) override {
    left = channel(piece, 0);
    right = channel(piece, 1);
    silent_ = (hints(piece) & ARR_HINT_SILENT) != 0;
  }
  bool silent_ = true;
};

namespace detail {

// Counts the frames that a plugin left silent, so that the port is marked only when all of a call's pieces were.
class SilenceCount {
 public:
  void begin(const Piece &piece, std::uint32_t &hints) {
    if (piece.offset == 0) frames_ = 0;
    total_ = piece.process.frames;
    piece_ = piece.frames;
    hints_ = &hints;
  }
  void add() {
    frames_ += std::exchange(piece_, 0);
    if (frames_ == total_) *hints_ |= ARR_HINT_SILENT;
  }

 private:
  Frame frames_ = 0, total_ = 0, piece_ = 0;
  std::uint32_t *hints_ = nullptr;
};

}  // namespace detail

// An audio output of one channel.
class MonoOut final : public Port {
 public:
  MonoOut(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : Port(owner, ARR_PORT_TYPE_AUDIO_MONO, ARR_PORT_ROLE_OUTPUT, std::move(id), std::move(name), options.doc,
             options.group) {
    description_.delay_frames = options.delay_frames;
  }
  float *samples = nullptr;
  float &operator[](Frame i) const { return samples[i]; }
  // [audio] Writes zeros to this block and says so to whoever reads it.
  void set_silent() override {
    std::fill_n(samples, frames_, 0.0f);
    silence_.add();
  }

 private:
  void bind(const detail::Piece &piece) override {
    samples = channel(piece);
    frames_ = piece.frames;
    silence_.begin(piece, hints(piece));
  }
  Frame frames_ = 0;
  detail::SilenceCount silence_;
};

// A stereo audio output.
class AudioOut final : public Port {
 public:
  AudioOut(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : Port(owner, ARR_PORT_TYPE_AUDIO_STEREO, ARR_PORT_ROLE_OUTPUT, std::move(id), std::move(name), options.doc,
             options.group) {
    description_.delay_frames = options.delay_frames;
  }
  float *left = nullptr;
  float *right = nullptr;
  // [audio] Writes zeros to this block and says so to whoever reads it.
  void set_silent() override {
    std::fill_n(left, frames_, 0.0f);
    std::fill_n(right, frames_, 0.0f);
    silence_.add();
  }

 private:
  void bind(const detail::Piece &piece) override {
    left = channel(piece, 0);
    right = channel(piece, 1);
    frames_ = piece.frames;
    silence_.begin(piece, hints(piece));
  }
  Frame frames_ = 0;
  detail::SilenceCount silence_;
};

}  // namespace arranger
