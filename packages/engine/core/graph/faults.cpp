// SPDX-License-Identifier: MIT
#include "graph/faults.hpp"

#include <atomic>

#include "base/child_process.hpp"
#include "base/utf8.hpp"

namespace arranger {

std::uint32_t next_failure() {
  static std::atomic<std::uint32_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::string fault_text(Fault fault, const Interruption &how) {
  switch (fault) {
    case Fault::none:
      return "is well";
    case Fault::error_status:
      return "reported an error";
    case Fault::not_finite:
      return "put out NaN or infinity";
    case Fault::out_of_bounds:
      return "wrote past its buffers";
    case Fault::threw:
      return "threw in process: " + as_utf8(how.what);
    case Fault::crashed:
      return "crashed in process by " + signal_name(how.signal);
    case Fault::stuck:
      return "does not return from process";
    case Fault::late:
      return "was late too often";
    case Fault::isolated:
      return "has lost its process";
  }
  return {};
}

}  // namespace arranger
