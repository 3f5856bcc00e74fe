// SPDX-License-Identifier: MIT
// Ports and config values as members: declared once, where they are used, in the order of the descriptor.
#pragma once

#include <arranger/detail/audio_ports.hpp>
#include <arranger/detail/config.hpp>
#include <arranger/detail/control_ports.hpp>
#include <arranger/detail/curve.hpp>
#include <arranger/detail/event_ports.hpp>
#include <arranger/detail/port_base.hpp>
