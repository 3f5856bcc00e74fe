// SPDX-License-Identifier: MIT
#include "plugin/probe.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "base/module.hpp"
#include "base/own_path.hpp"
#include "base/utf8.hpp"
#include "plugin/probe_report.hpp"

namespace arranger {
namespace {

#if defined(_WIN32)
constexpr const char *program_name = "arranger-probe.exe";
#else
constexpr const char *program_name = "arranger-probe";
#endif

// What one child said.
struct Report {
  std::size_t passed = 0;  // so many of its libraries
  bool begun = false;
  std::string place;  // where it is
  std::string error_code;
  std::string error_text;
};

// False for the last line. What is no line of the probe's is written by a library: nothing after it can be believed.
bool take_line(Report &report, std::string_view line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  if (word == probe_report::phase) {
    report.begun = true;
    report.place = line;
    return true;
  }
  if (word == probe_report::passed) {
    ++report.passed;
    return true;
  }
  if (word == probe_report::refused) {
    report.error_code = line.substr(0, line.find(' '));
    report.error_text = line.substr(std::min(line.size(), report.error_code.size() + 1));
  }
  return false;
}

// What ended the child, when it was not the child's own decision: "SIGSEGV".
std::string crash(const ChildOutcome &outcome) {
  if (outcome.signal != 0) return signal_name(outcome.signal);
#if defined(_WIN32)
  if (outcome.exit_code == 0xC0000005u) return "access violation";
  if (outcome.exit_code == 0xC00000FDu) return "stack overflow";
  if (outcome.exit_code == 0xC0000409u || outcome.exit_code == 3) return "abort";
  if (outcome.exit_code >= 0xC0000000u) return "exception " + std::to_string(outcome.exit_code);
#endif
  return {};
}

std::unexpected<Error> unavailable(const std::filesystem::path &program, const std::string &reason) {
  return fail(Code::plugin_probe_unavailable, "the probe program " + to_utf8(program) +
                                                  " could not be started: " + reason +
                                                  "; put it there, name it in ARRANGER_PROBE, or load with probe off");
}

Code code_named(std::string_view name) {
  constexpr std::array possible = {Code::plugin_load_failed, Code::duplicate_id, Code::plugin_abi_mismatch};
  for (const Code code : possible) {
    if (info(code).name == name) return code;
  }
  return Code::plugin_load_failed;
}

std::string list_of(std::span<const ProbeRequest> requests) {
  std::string list;
  const auto add = [&list](const std::string &text) { list.append(text).push_back('\0'); };
  for (const ProbeRequest &request : requests) {
    add(request.name);
    add(to_utf8(request.file));
    add(to_utf8(request.directory));
    for (const auto &dependency : request.dependencies) add(to_utf8(dependency));
    add({});
  }
  return list;
}

// What is said of the library at which the child ended.
Error fault_of(const std::string &name, const Report &report, const ChildOutcome &outcome,
               std::chrono::milliseconds limit) {
  const std::string where = report.place + " while being probed; it was not loaded";
  if (!report.error_text.empty()) return {code_named(report.error_code), as_utf8(report.error_text)};
  if (outcome.timed_out) {
    return {Code::plugin_timeout,
            name + " did not return within " + std::to_string(limit.count()) + " ms from " + where};
  }
  if (const std::string reason = crash(outcome); !reason.empty())
    return {Code::plugin_crashed, name + " crashed (" + reason + ") in " + where};
  return {Code::plugin_load_failed,
          name + " ended the process (exit code " + std::to_string(outcome.exit_code) + ") in " + where};
}

struct Child {
  std::size_t passed;  // so many of the libraries, from the first on
  Error fault;         // of the next one, when there is one
};

// Error: plugin_probe_unavailable.
Result<Child> probe_in_child(std::span<const ProbeRequest> requests, std::chrono::milliseconds limit) {
  const std::filesystem::path program = probe_path();
  // A file, because a command line has a limit.
  const std::string text = list_of(requests);
  const auto list = PrivateCopy::make(std::as_bytes(std::span(text)), "libraries");
  if (!list) return unavailable(program, list.error().message);
  Report report;
  const auto hear = [&report](std::string_view line) { return take_line(report, line); };
  const ChildOutcome outcome = run_child(program, {to_utf8(list->file())}, hear, limit);
  if (!outcome.started) return unavailable(program, outcome.start_error);
  if (!report.begun) {
    const std::string code = std::to_string(outcome.exit_code);
    return unavailable(program, outcome.timed_out ? "it says nothing" : "it ended with exit code " + code);
  }
  if (report.passed >= requests.size()) return Child{report.passed, {}};
  return Child{report.passed, fault_of(requests[report.passed].name, report, outcome, limit)};
}

}  // namespace

std::filesystem::path probe_path() {
  if (const char *named = std::getenv("ARRANGER_PROBE"); named && *named) return from_utf8(named);
  return own_path().parent_path() / program_name;
}

std::vector<Result<void>> probe_libraries(std::span<const ProbeRequest> requests, std::chrono::milliseconds limit) {
  std::vector<Result<void>> verdicts;
  while (verdicts.size() < requests.size()) {
    const auto rest = requests.subspan(verdicts.size());
    const auto child = probe_in_child(rest, limit);
    if (!child) {
      verdicts.resize(requests.size(), std::unexpected(child.error()));
      break;
    }
    const std::size_t passed = std::min(child->passed, rest.size());
    verdicts.resize(verdicts.size() + passed);
    // Against a library only a child counts in which it was the first: others may have left something there.
    if (passed == 0) verdicts.push_back(std::unexpected(child->fault));
  }
  return verdicts;
}

}  // namespace arranger
