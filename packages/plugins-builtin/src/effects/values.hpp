// SPDX-License-Identifier: MIT
// What parameters say in the frames of a block, for each_frame.
#pragma once

#include "each_frame.hpp"

namespace effects {

// A value for each frame.
struct Each {
  const float *values;
  template <class V>
  V at(Frame i) const {
    return load<V>(values + i);
  }
};
// One for all, read from no memory: that of many plugins is more than what the near caches hold.
struct Same {
  float value;
  template <class V>
  V at(Frame) const {
    return all<V>(value);
  }
};

// Calls use with the values of the parameters from frame `from` on, in their order: all of one kind.
template <class Use, class... Params>
void with_values(Use use, Frame from, const Params &...params) {
  if ((params.is_constant() && ...)) use(Same{params.value()}...);
  else use(Each{params.data() + from}...);
}

}  // namespace effects
