// SPDX-License-Identifier: MIT
// What the system sends to a process that is to end.
#pragma once

namespace arranger::server {

// `stop` is called at each of them, maybe within a signal's handler: it may only do what is safe there. Writing to a client
// that has gone is no reason to end.
void on_stop_signal(void (*stop)());

}  // namespace arranger::server
