// SPDX-License-Identifier: MIT
#include "child.hpp"

#include <chrono>
#include <exception>
#include <optional>

#include "base/child_process.hpp"
#include "base/child_side.hpp"
#include "base/format.hpp"
#include "base/own_path.hpp"
#include "base/utf8.hpp"
#include "check.hpp"

namespace arranger::validate {
namespace {

constexpr const char *survey = "survey", *passed = "passed", *failed = "failed", *skipped = "skipped";

// Runs a child; `line` is given each word that it says and what follows it. A verdict is the last.
template <class Line>
ChildOutcome run(const Arguments &arguments, const std::string &what, const std::string &plugin, const Line &line) {
  const auto hear = [&line](std::string_view text) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    line(word, space == std::string_view::npos ? std::string() : as_utf8(std::string(text.substr(space + 1))));
    return word != passed && word != failed && word != skipped;
  };
  return run_child(own_path(), arguments.for_child(what, plugin), hear, arguments.limit);
}

// How a child ended that did not say so itself.
std::string sudden_end(const ChildOutcome &outcome, const Arguments &arguments) {
  if (!outcome.started) return "the process of the check could not be started: " + outcome.start_error;
  if (outcome.timed_out) return format("it took longer than {} s", static_cast<double>(arguments.limit.count()) / 1000);
  if (outcome.signal != 0) return "it crashed: " + signal_name(outcome.signal);
  if (outcome.exit_code != 0) return format("it ended the process with the code {}", outcome.exit_code);
  return "it ended the process";
}

[[noreturn]] void say(const char *word, const std::string &reason = {}) {
  report_line(reason.empty() ? word : std::string(word) + " " + reason);
  leave_child(0);
}

[[noreturn]] void make_survey(const Arguments &arguments) {
  const auto library = open_library(arguments.library);
  if (!library) say(failed, library.error().message);
  for (const PluginClass &plugin : (*library)->plugins()) {
    report_line("plugin " + plugin.descriptor.id);
    for (const ConfigParam &param : plugin.descriptor.config_params) report_line("config " + param.id);
  }
  say(passed);
}

// A plugin that cannot be made lacks a file, or it is create_destroy_1000 that says so.
void skip_if_it_cannot_be_made(Subject &subject, const Check &check) {
  const std::string failure = subject.try_out();
  if (failure.empty()) return;
  if (const std::string file = subject.missing_file(); !file.empty())
    say(skipped, format("it needs a file: --config {}=FILE ({})", file, failure));
  if (std::string_view(check.name) != "create_destroy_1000")
    say(skipped, format("no instance can be made (see create_destroy_1000): {}", failure));
}

// Also where a check fails that this one rests on: what that one found would be told twice.
std::string not_applicable(const Subject &subject, const Check &check) {
  std::string reason = check.not_applicable ? check.not_applicable(subject) : "";
  if (!reason.empty() || !check.rests_on) return reason;
  const Check &other = *find_check(check.rests_on);
  if (!not_applicable(subject, other).empty() || !other.run(subject))
    return format("nothing follows from it where {} fails", other.name);
  return {};
}

void run_check(const Arguments &arguments, const Check &check) {
  const bool on_library = check.scope == Check::Scope::library;
  auto subject = Subject::open(arguments.library, on_library ? "" : arguments.plugins.at(0), arguments.settings,
                               arguments.thorough);
  if (!subject) say(failed, subject.error().message);
  if (!on_library) skip_if_it_cannot_be_made(*subject, check);
  if (const std::string reason = not_applicable(*subject, check); !reason.empty()) say(skipped, reason);
  if (const auto kept = check.run(*subject); !kept) say(failed, kept.error().message);
}

}  // namespace

void be_child(const Arguments &arguments) {
  if (arguments.child == survey) make_survey(arguments);
  try {
    run_check(arguments, *find_check(arguments.child));
  } catch (const std::exception &exception) {
    say(failed, std::string("it threw ") + exception.what());
  } catch (...) {
    say(failed, "it threw an exception");
  }
  say(passed);
}

Finding run_check_in_child(const Arguments &arguments, const std::string &check, const std::string &plugin) {
  const auto start = std::chrono::steady_clock::now();
  Finding finding;
  bool told = false;
  const ChildOutcome outcome = run(arguments, check, plugin, [&](std::string_view word, std::string rest) {
    told = true;
    finding.verdict = word == passed ? Verdict::passed : word == skipped ? Verdict::skipped : Verdict::failed;
    finding.reason = std::move(rest);
  });
  if (!told) finding.reason = sudden_end(outcome, arguments);
  finding.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return finding;
}

Survey survey_in_child(const Arguments &arguments) {
  Survey found;
  std::optional<std::string> verdict;
  const ChildOutcome outcome = run(arguments, survey, "", [&](std::string_view word, std::string rest) {
    if (word == "plugin") found.plugins.push_back(rest);
    if (word == "config") found.config_params.push_back(rest);
    if (word == failed || word == passed) verdict = rest;
  });
  found.failure = verdict.value_or(sudden_end(outcome, arguments));
  return found;
}

}  // namespace arranger::validate
