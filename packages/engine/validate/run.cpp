// SPDX-License-Identifier: MIT
#include "run.hpp"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/json_text.hpp"
#include "base/thread.hpp"
#include "check.hpp"
#include "child.hpp"

namespace arranger::validate {
namespace {

struct Task {
  const Check *check;
  std::string plugin;  // empty of a check on the library
  std::optional<Finding> finding;
};

const char *name_of(Verdict verdict) {
  constexpr const char *names[] = {"passed", "failed", "skipped"};
  return names[static_cast<int>(verdict)];
}

std::string in_quotes(std::string_view text) {
  std::string out;
  json::write_text(out, text);
  return out;
}

void write_line(const std::string &line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

void tell(const Task &task, const std::string &library) {
  const Finding &finding = *task.finding;
  const bool failed = finding.verdict == Verdict::failed;
  write_line(format(
      "{\"library\":{},\"plugin\":{},\"check\":{},\"verdict\":\"{}\",\"reason\":{},\"remedy\":{},\"seconds\":{}}",
      in_quotes(library), task.plugin.empty() ? std::string("null") : in_quotes(task.plugin),
      in_quotes(task.check->name), name_of(finding.verdict), in_quotes(finding.reason),
      in_quotes(failed ? task.check->remedy : ""), finding.seconds));
}

// Takes tasks in order; a finding is told when all before it are.
class Queue {
 public:
  Queue(std::vector<Task> &tasks, const Arguments &arguments)
      : tasks_(tasks), arguments_(arguments), library_(to_utf8(arguments.library)) {}

  void work() {
    for (Task *task; (task = take());) {
      Finding finding =
          task->finding ? *task->finding : run_check_in_child(arguments_, task->check->name, task->plugin);
      finish(*task, std::move(finding));
    }
  }

 private:
  Task *take() {
    const std::lock_guard lock(mutex_);
    return next_ < tasks_.size() ? &tasks_[next_++] : nullptr;
  }
  void finish(Task &task, Finding finding) {
    const std::lock_guard lock(mutex_);
    task.finding = std::move(finding);
    done_[static_cast<std::size_t>(&task - tasks_.data())] = true;
    for (; told_ < tasks_.size() && done_[told_]; ++told_) tell(tasks_[told_], library_);
  }

  std::vector<Task> &tasks_;
  const Arguments &arguments_;
  std::string library_;
  std::mutex mutex_;
  std::vector<bool> done_ = std::vector<bool>(tasks_.size());
  std::size_t next_ = 0, told_ = 0;
};

void run_tasks(std::vector<Task> &tasks, const Arguments &arguments) {
  Queue queue(tasks, arguments);
  const int jobs =
      arguments.jobs > 0 ? arguments.jobs : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::thread> helpers;
  for (int i = 1; i < jobs; ++i) helpers.push_back(start_thread([&] { queue.work(); }));
  queue.work();
  for (std::thread &helper : helpers)
    if (helper.joinable()) helper.join();
}

bool is_wanted(const std::vector<std::string> &wanted, const std::string &name) {
  return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
}

std::vector<Task> tasks_for(const Arguments &arguments, const Survey &survey) {
  std::vector<Task> tasks;
  for (const Check &check : all_checks())
    if (check.scope == Check::Scope::library && is_wanted(arguments.only, check.name))
      tasks.push_back({&check, {}, {}});
  for (const std::string &plugin : survey.plugins) {
    if (!is_wanted(arguments.plugins, plugin)) continue;
    for (const Check &check : all_checks())
      if (check.scope == Check::Scope::plugin && is_wanted(arguments.only, check.name))
        tasks.push_back({&check, plugin, {}});
  }
  return tasks;
}

// A library that does not open or register: the check that finds the cause says so, the others cannot be run.
std::vector<Task> tasks_of_failed_survey(const Arguments &arguments, const Survey &survey) {
  std::vector<Task> tasks;
  std::string blamed;
  for (const Check &check : all_checks()) {
    const bool may_find_it =
        std::string_view(check.name) == "symbols_and_stamp" || std::string_view(check.name) == "descriptor";
    Task task{&check, {}, {}};
    if (blamed.empty() && may_find_it) {
      task.finding = run_check_in_child(arguments, check.name, {});
      if (task.finding->verdict == Verdict::failed) blamed = check.name;
    }
    tasks.push_back(std::move(task));
  }
  for (Task &task : tasks) {
    if (task.finding) continue;
    const std::string reason = blamed.empty() ? survey.failure : "the library cannot be used (see " + blamed + ")";
    task.finding = Finding{blamed.empty() ? Verdict::failed : Verdict::skipped, reason, 0};
  }
  return tasks;
}

ExitCode sum_up(const std::vector<Task> &tasks, const std::string &library) {
  const auto count = [&](Verdict verdict) {
    return std::ranges::count_if(tasks, [&](const Task &task) { return task.finding->verdict == verdict; });
  };
  const auto failed = count(Verdict::failed);
  write_line(format("{\"library\":{},\"passed\":{},\"failed\":{},\"skipped\":{}}", in_quotes(library),
                    count(Verdict::passed), failed, count(Verdict::skipped)));
  return failed > 0 ? ExitCode::invalid : ExitCode::ok;
}

}  // namespace

ExitCode refuse(ExitCode code, const std::string &message) {
  write_line(format("{\"error\":{}}", in_quotes(message)));
  return code;
}

ExitCode run_all(const Arguments &arguments) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(arguments.library, error))
    return refuse(ExitCode::not_found, format("there is no plugin library {}", to_utf8(arguments.library)));
  const Survey survey = survey_in_child(arguments);
  if (survey.failure.empty()) {
    for (const std::string &plugin : arguments.plugins)
      if (std::ranges::find(survey.plugins, plugin) == survey.plugins.end())
        return refuse(ExitCode::not_found, format("the library has no plugin {}", plugin));
    for (const Setting &setting : arguments.settings)
      if (std::ranges::find(survey.config_params, setting.key) == survey.config_params.end())
        return refuse(ExitCode::usage, format("no plugin of the library has a config parameter {}", setting.key));
  }
  std::vector<Task> tasks =
      survey.failure.empty() ? tasks_for(arguments, survey) : tasks_of_failed_survey(arguments, survey);
  run_tasks(tasks, arguments);
  return sum_up(tasks, to_utf8(arguments.library));
}

void list_checks() {
  std::string text = "[";
  for (const Check &check : all_checks()) {
    text += text.size() > 1 ? ",\n" : "\n";
    text += format("{\"check\":{},\"of\":\"{}\",\"what\":{},\"remedy\":{}}", in_quotes(check.name),
                   check.scope == Check::Scope::library ? "library" : "plugin", in_quotes(check.what),
                   in_quotes(check.remedy));
  }
  write_line(text + "\n]");
}

}  // namespace arranger::validate
