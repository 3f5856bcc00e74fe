// SPDX-License-Identifier: MIT
// What scripts/lib/instructions.mjs counts under callgrind: requests from a file, one a line. A line that begins with `#` is no
// request: from `#count` on instructions are counted, up to `#end`. Everything runs on one thread.
//   arranger-instructions FILE
#include <valgrind/callgrind.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "control/server_handler.hpp"

namespace {

bool is_answered(arranger::ServerHandler &handler, const std::string &request) {
  const std::string reply = handler.handle(request);
  if (reply.starts_with(R"({"status":"ok")")) return true;
  std::fprintf(stderr, "%.300s\n%.1000s\n", request.c_str(), reply.c_str());
  return false;
}

}  // namespace

int main(int count, char **words) {
  std::ifstream file(count == 2 ? words[1] : "");
  if (!file) return std::fprintf(stderr, "arranger-instructions FILE: a request on each line, #count and #end\n"), 2;
  arranger::ServerHandler handler({.sample_rate = 48000, .block_size = 128, .output_device = {}, .threads = 1});
  for (std::string line; std::getline(file, line);) {
    if (line == "#count") CALLGRIND_START_INSTRUMENTATION;
    else if (line == "#end") CALLGRIND_STOP_INSTRUMENTATION;
    else if (!is_answered(handler, line)) return 1;
  }
}
