// SPDX-License-Identifier: MIT
// All DSP helpers. They know no other type of the SDK and may be used without it.
#pragma once

#include <arranger/dsp/delay_line.hpp>
#include <arranger/dsp/envelope.hpp>
#include <arranger/dsp/fft.hpp>
#include <arranger/dsp/filter.hpp>
#include <arranger/dsp/interpolation.hpp>
#include <arranger/dsp/lanes.hpp>
#include <arranger/dsp/math.hpp>
#include <arranger/dsp/oscillator.hpp>
#include <arranger/dsp/phasor.hpp>
#include <arranger/dsp/random.hpp>
#include <arranger/dsp/signal.hpp>
#include <arranger/dsp/smoother.hpp>
#include <arranger/dsp/voice_allocator.hpp>
