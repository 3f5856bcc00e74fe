// SPDX-License-Identifier: MIT
// What came of a storm: every reply is judged, and what was accepted must be in force in the end.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/server_handler.hpp"

namespace arranger::storm {

struct Tally {
  std::uint64_t ok = 0, busy = 0, wrong = 0;     // wrong: what should never be; it is told on standard error
  std::map<std::string, std::uint64_t> refused;  // by code: what other clients' commands explain
  std::optional<double> own;                     // what the client's own parameter was last set to

  std::uint64_t sent() const;
  void add(const Tally &other);
};

// One client's connection to the engine.
class Judge {
 public:
  explicit Judge(ServerHandler &handler) : handler_(handler) {}

  // False when the answer was `busy`; insist sends until it is another.
  bool send(const std::string &request);
  void insist(const std::string &request);
  // The number at a JSON Pointer of a reply; none where there is none.
  std::optional<double> number(const std::string &request, std::string_view pointer);

  // What is to be so after a storm. `own`: by client, what its parameter was last set to.
  void check_parameters(const std::vector<std::optional<double>> &own);
  void check_notes();
  void check_stats();

  Tally tally;

 private:
  void wrong(const std::string &what);
  bool is_silent();

  ServerHandler &handler_;
  simdjson::dom::parser parser_;
};

}  // namespace arranger::storm
