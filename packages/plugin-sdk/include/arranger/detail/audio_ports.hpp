// SPDX-License-Identifier: MIT
// Audio ports: pointers to the samples of the block.
#pragma once

#include <arranger/detail/port_base.hpp>

#include <algorithm>
#include <utility>

namespace arranger {

// An audio input of one channel.
class MonoIn : public Port {
 public:
  MonoIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {},
         arr_port_role role = ARR_PORT_ROLE_INPUT)
      : Port(owner, ARR_PORT_TYPE_AUDIO_MONO, role, std::move(id), std::move(name), options.doc, options.group) {}
  const float *samples = nullptr;                         // [audio] of this block
  float operator[](Frame i) const { return samples[i]; }  // [audio]
  bool silent() const { return silent_; }                 // every sample of this block is exactly zero
  bool connected() const { return connected_; }           // whether anything is connected to it

 private:
  void bind(const detail::Piece &piece) override {
    samples = channel(piece);
    const std::uint32_t hint = hints(piece);
    silent_ = (hint & ARR_HINT_SILENT) != 0;
    connected_ = (hint & ARR_HINT_UNCONNECTED) == 0;
  }
  bool silent_ = true;
  bool connected_ = false;
};

// An audio input of one channel that is listened to, not passed on.
class MonoSidechainIn final : public MonoIn {
 public:
  MonoSidechainIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : MonoIn(owner, std::move(id), std::move(name), options, ARR_PORT_ROLE_SIDECHAIN) {}
};

// A stereo audio input.
class AudioIn : public Port {
 public:
  AudioIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {},
          arr_port_role role = ARR_PORT_ROLE_INPUT)
      : Port(owner, ARR_PORT_TYPE_AUDIO_STEREO, role, std::move(id), std::move(name), options.doc, options.group) {}
  const float *left = nullptr;                   // [audio] the samples of this block
  const float *right = nullptr;                  // [audio]
  bool silent() const { return silent_; }        // every sample of this block is exactly zero
  bool connected() const { return connected_; }  // whether anything is connected to it

 private:
  void bind(const detail::Piece &piece) override {
    left = channel(piece, 0);
    right = channel(piece, 1);
    const std::uint32_t hint = hints(piece);
    silent_ = (hint & ARR_HINT_SILENT) != 0;
    connected_ = (hint & ARR_HINT_UNCONNECTED) == 0;
  }
  bool silent_ = true;
  bool connected_ = false;
};

// A stereo audio input that is listened to, not passed on: what a compressor or a gate follows when it is connected.
class SidechainIn final : public AudioIn {
 public:
  SidechainIn(Owner &owner, std::string id, std::string name, const PortOptions &options = {})
      : AudioIn(owner, std::move(id), std::move(name), options, ARR_PORT_ROLE_SIDECHAIN) {}
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
  float *samples = nullptr;                                // [audio] of this block
  float &operator[](Frame i) const { return samples[i]; }  // [audio]
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
  float *left = nullptr;   // [audio] the samples of this block
  float *right = nullptr;  // [audio]
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
