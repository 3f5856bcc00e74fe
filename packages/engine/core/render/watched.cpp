// SPDX-License-Identifier: MIT
#include "render/watched.hpp"

#include <chrono>

#include "base/format.hpp"
#include "base/thread.hpp"

namespace arranger {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock;
constexpr auto look_period = 20ms;
constexpr auto patience = 10s, patience_when_cancelled = 1s;

// What the thread needs, and what it and its caller share.
struct Job {
  RenderSource source;
  RenderRequest request;
  std::atomic<bool> cancelled = false;
  Mutex mutex;  // guards what follows
  Condition changed;
  std::function<void(RenderProgress)> progress;  // empty: the caller is gone
  std::weak_ptr<const Plan> plan;
  std::optional<Result<RenderResult>> result;
};

void run(Job &job) {
  auto result = render_offline(
      job.source, job.request, job.cancelled,
      [&job](RenderProgress progress) {
        const std::lock_guard lock(job.mutex);
        if (job.progress) job.progress(progress);
      },
      [&job](const std::shared_ptr<const Plan> &plan) {
        const std::lock_guard lock(job.mutex);
        job.plan = plan;
      });
  const std::lock_guard lock(job.mutex);
  job.result = std::move(result);
  job.changed.notify_all();
}

// Where a render is in strangers' hands. Files are written in between: however long that takes, no plugin is to blame.
struct Call {
  bool is_inside = false;
  std::string node;  // empty: instances are made
  std::uint64_t slice = 0;
  bool operator==(const Call &) const = default;
};

Call call_of(const std::shared_ptr<const Plan> &plan) {
  if (!plan) return {true, {}, 0};
  std::string node = plan->inside();
  const bool is_inside = !node.empty();
  return {is_inside, std::move(node), plan->slices()};
}

}  // namespace

Result<RenderResult> render_watched(const RenderSource &source, const RenderRequest &request,
                                    const std::atomic<bool> &cancelled,
                                    const std::function<void(RenderProgress)> &progress) {
  const auto job = std::make_shared<Job>();
  job->source = source;
  job->request = request;
  job->progress = progress;
  Thread thread = start_thread([job] { run(*job); });
  if (!thread.joinable()) return render_offline(source, request, cancelled, progress);  // unwatched
  Call call;
  auto since = Time::now();
  std::unique_lock lock(job->mutex);
  while (!job->changed.wait_for(lock, look_period, [&] { return job->result.has_value(); })) {
    job->cancelled = cancelled.load();
    if (const Call now = call_of(job->plan.lock()); now != call || !now.is_inside) {
      call = now;
      since = Time::now();
    }
    const bool is_over = job->cancelled ? Time::now() - since > patience_when_cancelled
                                        : !call.node.empty() && Time::now() - since > patience;
    if (!is_over) continue;
    const bool was_cancelled = job->cancelled.exchange(true);
    job->progress = {};
    lock.unlock();
    stay_loaded();
    thread.detach();
    if (was_cancelled) return fail(Code::cancelled, "The render was cancelled");
    return fail(Code::plugin_timeout, format("The node '{}' did not return from process for 10 seconds", call.node));
  }
  lock.unlock();
  thread.join();
  return std::move(*job->result);
}

}  // namespace arranger
