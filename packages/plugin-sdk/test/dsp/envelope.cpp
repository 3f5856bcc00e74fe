// SPDX-License-Identifier: MIT
#include <arranger/dsp/envelope.hpp>

#include "support.hpp"

#include <algorithm>

using namespace arranger::dsp;
using namespace arranger::dsp::test;
using Stage = Envelope::Stage;

namespace {

// 1 frame per millisecond, so that times are frames.
Envelope make(float attack, float decay, float sustain, float release) {
  Envelope envelope;
  envelope.activate(1000.0);
  envelope.set(attack, decay, sustain, release);
  return envelope;
}

void skip(Envelope &envelope, int frames) {
  for (int i = 0; i < frames; ++i) envelope.next();
}

// From 0 to 1 along a capacitor's curve of so many octaves.
double curve(double t, double octaves) { return (1.0 - std::exp2(-octaves * t)) / (1.0 - std::exp2(-octaves)); }

}  // namespace

TEST_CASE("segments last exactly as long as they say") {
  Envelope envelope = make(0.1f, 0.2f, 0.5f, 0.3f);
  CHECK(envelope.stage() == Stage::idle);
  envelope.trigger();
  CHECK(envelope.level() == doctest::Approx(0.0).epsilon(1e-6));
  skip(envelope, 99);
  CHECK(envelope.stage() == Stage::attack);
  skip(envelope, 1);
  CHECK(envelope.stage() == Stage::decay);
  CHECK(envelope.level() == doctest::Approx(1.0).epsilon(1e-6));
  skip(envelope, 199);
  CHECK(envelope.stage() == Stage::decay);
  skip(envelope, 1);
  CHECK(envelope.stage() == Stage::sustain);
  CHECK(envelope.level() == 0.5f);
  skip(envelope, 5000);
  CHECK(envelope.level() == 0.5f);
  CHECK(envelope.is_held());
  envelope.release();
  CHECK_FALSE(envelope.is_held());
  CHECK(envelope.level() == doctest::Approx(0.5).epsilon(1e-6));
  skip(envelope, 299);
  CHECK(envelope.is_active());
  CHECK(envelope.level() > 0.0f);
  skip(envelope, 1);
  CHECK_FALSE(envelope.is_active());
  CHECK(envelope.level() == 0.0f);
}

TEST_CASE("segments follow the stated curves") {
  Envelope envelope = make(0.1f, 0.2f, 0.25f, 0.3f);
  envelope.trigger();
  double worst = 0.0;
  const auto compare = [&](int frames, double start, double end, double octaves) {
    for (int k = 0; k < frames; ++k) {
      const double exact = start + (end - start) * curve(static_cast<double>(k) / frames, octaves);
      worst = std::max(worst, std::abs(static_cast<double>(envelope.next()) - exact));
    }
  };
  compare(100, 0.0, 1.0, 2.0);
  compare(200, 1.0, 0.25, std::log2(1000.0));
  envelope.release();
  compare(300, 0.25, 0.0, std::log2(1000.0));
  CHECK(worst < 5e-7);
}

TEST_CASE("release and trigger go on from the level that is there") {
  Envelope envelope = make(0.1f, 0.1f, 0.5f, 0.05f);
  envelope.trigger();
  skip(envelope, 30);
  const float level = envelope.level();
  CHECK(level > 0.2f);
  CHECK(level < 0.6f);
  envelope.release();
  CHECK(envelope.level() == doctest::Approx(level).epsilon(1e-6));
  skip(envelope, 10);
  const float lower = envelope.level();
  CHECK(lower < level);
  CHECK(lower > 0.0f);
  envelope.trigger();
  CHECK(envelope.stage() == Stage::attack);
  CHECK(envelope.level() == doctest::Approx(lower).epsilon(1e-6));
  skip(envelope, 100);
  CHECK(envelope.level() == doctest::Approx(1.0).epsilon(1e-6));
}

TEST_CASE("a second release and a release of an idle envelope change nothing") {
  Envelope envelope = make(0.01f, 0.01f, 0.5f, 0.1f);
  envelope.release();
  CHECK(envelope.stage() == Stage::idle);
  envelope.trigger();
  skip(envelope, 50);
  envelope.release();
  skip(envelope, 40);
  envelope.release();
  skip(envelope, 60);
  CHECK_FALSE(envelope.is_active());
}

TEST_CASE("zero times are jumps") {
  Envelope envelope = make(0.0f, 0.0f, 0.5f, 0.0f);
  envelope.trigger();
  CHECK(envelope.stage() == Stage::sustain);
  CHECK(envelope.next() == 0.5f);
  envelope.release();
  CHECK_FALSE(envelope.is_active());
  CHECK(envelope.next() == 0.0f);
}

TEST_CASE("a sustain of 0 ends the note when its decay ends") {
  Envelope envelope = make(0.01f, 0.02f, 0.0f, 1.0f);
  envelope.trigger();
  skip(envelope, 29);
  CHECK(envelope.is_active());
  skip(envelope, 1);
  CHECK_FALSE(envelope.is_active());
  CHECK(envelope.level() == 0.0f);
}

TEST_CASE("fade_out makes room fast, from a release too") {
  Envelope envelope = make(0.01f, 0.01f, 0.5f, 10.0f);
  envelope.trigger();
  skip(envelope, 50);
  envelope.release();
  skip(envelope, 10);
  envelope.fade_out(0.005f);
  skip(envelope, 4);
  CHECK(envelope.is_active());
  skip(envelope, 1);
  CHECK_FALSE(envelope.is_active());
}

TEST_CASE("later settings wait for the next segment") {
  Envelope envelope = make(0.01f, 0.01f, 0.5f, 0.1f);
  envelope.trigger();
  skip(envelope, 50);
  envelope.set_sustain(0.9f);
  CHECK(envelope.next() == 0.5f);
  envelope.set_release(0.02f);
  envelope.release();
  skip(envelope, 20);
  CHECK_FALSE(envelope.is_active());
}

TEST_CASE("sustain and idle are constant blocks") {
  Envelope envelope = make(0.01f, 0.01f, 0.5f, 0.1f);
  CHECK(envelope.next(128).is_constant());
  envelope.trigger();
  CHECK_FALSE(envelope.next(128).is_constant());
  CHECK(envelope.next(128).is_constant());
  envelope.reset();
  CHECK(envelope.next(128)[127] == 0.0f);
}

TEST_CASE("impossible times are limited") {
  for (const float seconds : {-1.0f, 1e30f, std::nanf("")}) {
    Envelope envelope = make(seconds, 0.0f, 0.5f, 0.0f);
    envelope.trigger();
    for (int i = 0; i < 10; ++i) {
      const float level = envelope.next();
      CHECK(level >= 0.0f);
      CHECK(level <= 1.0f);
    }
  }
}

TEST_CASE("any cut gives the same bits, notes on their own frames") {
  const auto render = [] {
    return [envelope = make(0.05f, 0.13f, 0.4f, 0.21f)](Frame first, Frame size) mutable {
      Signal out(size);
      for (Frame done = 0; done < size;) {
        const Frame now = first + done;
        if (now % 500 == 0) envelope.trigger();
        if (now % 500 == 250) envelope.release();
        const Frame count = std::min(size - done, 250 - now % 250);
        const Signal piece = envelope.next(count);
        for (Frame i = 0; i < count; ++i) out[done + i] = piece[i];
        done += count;
      }
      return out;
    };
  };
  const auto samples = check_any_cut(5000, render);
  Envelope single = make(0.05f, 0.13f, 0.4f, 0.21f);
  Floats singles;
  for (Frame i = 0; i < 5000; ++i) {
    if (i % 500 == 0) single.trigger();
    if (i % 500 == 250) single.release();
    singles.push_back(single.next());
  }
  CHECK(same_bits(samples, singles));
}
