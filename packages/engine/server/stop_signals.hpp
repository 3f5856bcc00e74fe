// SPDX-License-Identifier: MIT
// What the system sends to a process that is to end.
#pragma once

namespace arranger::server {

// `stop` is called at each of them, maybe within a signal's handler: it may only do what is safe there.
void on_stop_signal(void (*stop)());
// Writing to who has gone is no reason to end.
void ignore_broken_pipes();

}  // namespace arranger::server
