// SPDX-License-Identifier: MIT
#include "control/events.hpp"

#include <algorithm>

#include "control/client_state.hpp"
#include "control/command.hpp"
#include "control/housekeeper.hpp"

namespace arranger {

void Subscriber::listen(Sink sink) {
  const std::lock_guard lock(mutex_);
  sink_ = sink ? std::make_shared<const Sink>(std::move(sink)) : nullptr;
  queue_ = nullptr;
}

void Subscriber::listen_through(std::shared_ptr<EventQueue> queue) {
  listen([queue](std::string json) { queue->push(std::move(json)); });
  const std::lock_guard lock(mutex_);
  queue_ = std::move(queue);
}

void Subscriber::subscribe(const std::vector<std::string> &events, double interval_ms) {
  const std::lock_guard lock(mutex_);
  for (const std::string &event : events)
    subscriptions_[event].interval = std::chrono::duration<double, std::milli>(interval_ms);
}

void Subscriber::unsubscribe(const std::vector<std::string> &events) {
  const std::lock_guard lock(mutex_);
  for (const std::string &event : events) subscriptions_.erase(event);
}

std::optional<std::chrono::duration<double, std::milli>> Subscriber::wanted(std::string_view event) const {
  const std::lock_guard lock(mutex_);
  const auto found = subscriptions_.find(event);
  if (!sink_ || found == subscriptions_.end()) return std::nullopt;
  return found->second.interval;
}

Subscriber::Clock::duration Subscriber::shortest_interval() const {
  const std::lock_guard lock(mutex_);
  auto out = Clock::duration::max();
  if (sink_)
    for (const auto &[event, wanted] : subscriptions_)
      out = std::min(out, std::chrono::duration_cast<Clock::duration>(wanted.interval));
  return out;
}

bool Subscriber::is_due(std::string_view event, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = subscriptions_.find(event);
  if (!sink_ || found == subscriptions_.end()) return false;
  Subscription &entry = found->second;
  if (entry.told && now - *entry.told < entry.interval) return false;
  entry.told = now;
  return true;
}

void Subscriber::emit(std::string json) const {
  std::unique_lock lock(mutex_);
  const auto sink = sink_;
  lock.unlock();
  if (sink) (*sink)(std::move(json));
}

std::uint64_t Subscriber::dropped() const {
  const std::lock_guard lock(mutex_);
  return queue_ ? queue_->dropped() : 0;
}

void EventHub::add(std::shared_ptr<Subscriber> subscriber) {
  const std::lock_guard lock(mutex_);
  subscribers_.push_back(std::move(subscriber));
}

void EventHub::remove(const std::shared_ptr<Subscriber> &subscriber) {
  const std::lock_guard lock(mutex_);
  dropped_ += subscriber->dropped();
  std::erase(subscribers_, subscriber);
}

EventHub::Subscribers EventHub::all() const {
  const std::lock_guard lock(mutex_);
  return subscribers_;
}

bool EventHub::wanted(std::string_view event) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(subscribers_,
                             [&](const auto &subscriber) { return subscriber->wanted(event).has_value(); });
}

EventHub::Subscribers EventHub::wanting(std::string_view event) const {
  Subscribers out = all();
  std::erase_if(out, [&](const auto &subscriber) { return !subscriber->wanted(event); });
  return out;
}

Subscriber::Clock::duration EventHub::shortest_interval() const {
  auto out = Subscriber::Clock::duration::max();
  for (const auto &subscriber : all()) out = std::min(out, subscriber->shortest_interval());
  return out;
}

EventHub::Subscribers EventHub::due(std::string_view event) const {
  Subscribers out = all();
  const auto now = Subscriber::Clock::now();
  std::erase_if(out, [&](const auto &subscriber) { return !subscriber->is_due(event, now); });
  return out;
}

void EventHub::emit(std::string_view event, const std::string &json) const {
  for (const auto &subscriber : wanting(event)) subscriber->emit(json);
}

std::uint64_t EventHub::dropped() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = dropped_;
  for (const auto &subscriber : subscribers_) count += subscriber->dropped();
  return count;
}

namespace {

enum class EventName {
  position,
  meters,
  stats,
  xrun,
  plugin_fault,
  plugin_restarted,
  library_loaded,
  library_reloaded,
  library_unloaded,
  library_failed,
  device_lost,
  device_found,
  midi_lost,
  midi_found,
  midi_learned,
  log,
  render_progress,
};

}  // namespace

template <>
struct json::Words<EventName> {
  static constexpr std::array<std::pair<EventName, std::string_view>, 17> all{
      {{EventName::position, "position"},
       {EventName::meters, "meters"},
       {EventName::stats, "stats"},
       {EventName::xrun, "xrun"},
       {EventName::plugin_fault, "plugin_fault"},
       {EventName::plugin_restarted, "plugin_restarted"},
       {EventName::library_loaded, "library_loaded"},
       {EventName::library_reloaded, "library_reloaded"},
       {EventName::library_unloaded, "library_unloaded"},
       {EventName::library_failed, "library_failed"},
       {EventName::device_lost, "device_lost"},
       {EventName::device_found, "device_found"},
       {EventName::midi_lost, "midi_lost"},
       {EventName::midi_found, "midi_found"},
       {EventName::midi_learned, "midi_learned"},
       {EventName::log, "log"},
       {EventName::render_progress, "render_progress"}}};
};

namespace {

std::vector<std::string> names(const std::vector<EventName> &events) {
  std::vector<std::string> out;
  for (const EventName event : events)
    for (const auto &[value, name] : json::Words<EventName>::all)
      if (value == event) out.emplace_back(name);
  return out;
}

struct Subscribe : json::Request {
  std::vector<EventName> events;
  double interval_ms = 100;
  static constexpr CommandInfo info{
      .name = "subscribe",
      .doc =
          "Asks for push events, each at most once per interval. A reader that falls behind by 1024 loses the oldest.",
      .examples = {{R"({"cmd":"subscribe","events":["render_progress"],"interval_ms":50})"}}};
  static constexpr auto fields() {
    return std::tuple{
        json::field("events", &Subscribe::events, {.doc = "The events that are wanted.", .required = true}),
        json::field("interval_ms", &Subscribe::interval_ms,
                    {.doc = "Least time between two of one kind.", .min = 1, .max = 60000, .unit = "ms"})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    if (auto done = context.housekeeper.wake(); !done) return std::unexpected(done.error());
    context.client.subscriber->subscribe(names(events), interval_ms);
    (void)context.housekeeper.wake();  // it may have been about to wait for longer
    return Reply{};
  }
};

struct Unsubscribe : json::Request {
  std::vector<EventName> events;
  static constexpr CommandInfo info{.name = "unsubscribe",
                                    .doc = "Ends push events.",
                                    .examples = {{R"({"cmd":"unsubscribe","events":["render_progress"]})"}}};
  static constexpr auto fields() {
    return std::tuple{json::field("events", &Unsubscribe::events,
                                  {.doc = "The events that are no longer wanted.", .required = true})};
  }
  using Reply = Empty;
  Result<Reply> run(Context &context) const {
    context.client.subscriber->unsubscribe(names(events));
    return Reply{};
  }
};

}  // namespace

std::span<const Command> events_commands() {
  static constexpr std::array commands{command<Subscribe>("events"), command<Unsubscribe>("events")};
  return commands;
}

}  // namespace arranger
