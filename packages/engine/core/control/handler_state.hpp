// SPDX-License-Identifier: MIT
// All that a ServerHandler consists of.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "control/answer.hpp"
#include "control/client_state.hpp"
#include "control/events.hpp"
#include "control/face.hpp"
#include "control/features.hpp"
#include "control/graph_memory.hpp"
#include "control/housekeeper.hpp"
#include "control/isolation.hpp"
#include "control/jobs.hpp"
#include "control/midi_hub.hpp"
#include "control/prepared.hpp"
#include "control/request_queue.hpp"
#include "engine.hpp"

namespace arranger {

struct HandlerState {
  HandlerState(const AudioEngineConfig &config, Face its_face);

  // Runs a request; its reply is given here, or by a job. Any thread.
  void serve(const std::shared_ptr<ClientState> &client, std::uint64_t place, std::string_view request,
             Attachments attachments = {});

  const Face face;
  Features features{face.features};
  Engine engine;
  EventHub events;
  MidiHub midi{engine, events};
  Housekeeper housekeeper{engine, events, midi};
  Isolation isolation{engine, events};
  PreparedRequests prepared;
  GraphMemory graph_memory;
  Jobs jobs;
  RequestQueue queue{*this};
};

}  // namespace arranger
