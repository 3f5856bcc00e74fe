// SPDX-License-Identifier: MIT
// Requests that are sent again and again with another number each time: read once, and known by a number from then on.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/thread.hpp"

namespace arranger {

class Engine;

// What a command makes of such a request. Any thread.
class Prepared {
 public:
  virtual ~Prepared() = default;
  virtual Result<void> send(double value) = 0;
};

// Those of one engine. Any thread.
class PreparedRequests {
 public:
  // The same text has the same number. Errors: those of the request; invalid_request when it has a `value`;
  // message_too_large when it is longer than one that is kept for ever may be; busy when there are too many.
  Result<std::int64_t> add(Engine &engine, std::string_view request);
  // As the request with this for its `value` would do. Errors: those of the command; out_of_range for an unknown number.
  Result<void> send(double number, double value);

 private:
  static constexpr std::size_t most = 1u << 16;
  static constexpr std::size_t longest = 4096;  // bytes of a request
  Mutex mutex_;                                 // held while one is added
  std::map<std::string, std::int64_t, std::less<>> numbers_;
  std::vector<std::unique_ptr<Prepared>> all_;  // never taken out; there is room for the most, so that none moves
  std::atomic<std::size_t> count_ = 0;          // of those that anybody may run
};

}  // namespace arranger
