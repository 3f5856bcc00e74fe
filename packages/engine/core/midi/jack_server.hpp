// SPDX-License-Identifier: MIT
// Whether a JACK server runs, and whether it is still the same one: whoever closes a client of a server that has died crashes
// in libjack, and RtMidi does not tell.
#pragma once

#include <cstdint>

namespace arranger {

// Opens a client of its own at the first server and keeps it, to be told of the server's end. Functions are looked up in
// `library`, which has libjack among its dependencies.
class JackServer {
 public:
  // The number of the server that runs now, from 1; 0 when none does. [control]
  static std::uint32_t running(void *library);
  // Whether the server of that number has not died. Any thread.
  static bool lives(std::uint32_t number);
};

}  // namespace arranger
