// SPDX-License-Identifier: MIT
#include "plugin/probe.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "base/child_process.hpp"
#include "base/file.hpp"
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

struct Report {
  bool begun = false;
  bool passed = false;
  std::string_view phase = probe_report::open;
  std::string_view error_code;
  std::string_view error_text;
};

Report parse(std::string_view text) {
  Report report;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    std::string_view line = text.substr(0, end);
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    if (word == probe_report::phase) {
      report.begun = true;
      report.phase = line;
    } else if (word == probe_report::passed) {
      report.passed = true;
    } else if (word == probe_report::refused) {
      report.error_code = line.substr(0, line.find(' '));
      report.error_text = line.substr(std::min(line.size(), report.error_code.size() + 1));
    }
  }
  return report;
}

std::string place(std::string_view phase) {
  if (phase == probe_report::open) return "its start-up code";
  if (phase == probe_report::close) return "its shut-down code";
  return "register_plugin";
}

// What ended the child, when it was not the child's own decision: "SIGSEGV".
std::string fault(const ChildOutcome &outcome) {
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

}  // namespace

std::filesystem::path probe_path() {
  if (const char *named = std::getenv("ARRANGER_PROBE"); named && *named) return from_utf8(named);
  return own_path().parent_path() / program_name;
}

Result<void> probe_library(const ProbeRequest &request, std::chrono::milliseconds limit) {
  const std::filesystem::path program = probe_path();
  std::vector<std::string> arguments = {std::string(request.name), to_utf8(request.file), to_utf8(request.directory)};
  for (const auto &dependency : request.dependencies) arguments.push_back(to_utf8(dependency));
  const std::vector<std::string> last_words = {std::string(probe_report::passed), std::string(probe_report::refused)};
  const ChildOutcome outcome = run_child(program, arguments, last_words, limit);
  if (!outcome.started) return unavailable(program, outcome.start_error);

  const Report report = parse(outcome.report);
  const std::string name(request.name);
  const std::string where = place(report.phase) + " while being probed; it was not loaded";
  if (!report.error_text.empty()) return fail(code_named(report.error_code), as_utf8(std::string(report.error_text)));
  if (outcome.timed_out) {
    return fail(Code::plugin_timeout,
                name + " did not return within " + std::to_string(limit.count()) + " ms from " + where);
  }
  if (const std::string reason = fault(outcome); !reason.empty()) {
    return fail(Code::plugin_crashed, name + " crashed (" + reason + ") in " + where);
  }
  if (!report.begun) return unavailable(program, "it ended with exit code " + std::to_string(outcome.exit_code));
  if (!report.passed) {
    return fail(Code::plugin_load_failed,
                name + " ended the process (exit code " + std::to_string(outcome.exit_code) + ") in " + where);
  }
  return {};
}

}  // namespace arranger
