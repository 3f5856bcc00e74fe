// SPDX-License-Identifier: MIT
#include "control/server_handler.hpp"

#include <algorithm>
#include <deque>

#include "base/nearest.hpp"
#include "base/thread.hpp"
#include "control/command.hpp"
#include "control/housekeeper.hpp"
#include "control/isolation.hpp"
#include "control/midi_hub.hpp"
#include "control/plugins.hpp"
#include "control/running_renders.hpp"

namespace arranger {
namespace {

constexpr std::size_t greatest_request = std::size_t{64} << 20;

// A message quotes names that a client chose: it stays readable whatever they are.
constexpr std::size_t longest_message = 1000;
constexpr std::size_t longest_path = 10'000;  // a longer one helps nobody and is left out

std::string_view shortened(std::string_view message) {
  if (message.size() <= longest_message) return message;
  std::size_t end = longest_message;
  while ((message[end] & 0xC0) == 0x80) --end;  // not within a character
  return message.substr(0, end);
}

std::string reply_text(const std::string &id, const Body &body) {
  std::string out;
  out.reserve((body ? body->size() : 256) + id.size() + 64);
  out = "{\"status\":";
  if (body) {
    out += "\"ok\"";
    out += *body;
  } else {
    const Error &error = body.error();
    out += "\"error\"";
    ErrorBody members{info(error.code).name, shortened(error.message), {}};
    if (!error.path.empty() && error.path.size() <= longest_path) members.path = error.path;
    json::write_members(out, members, false);
  }
  if (!id.empty()) {
    out += ",\"id\":";
    out += id;
  }
  out += '}';
  return out;
}

// The same text, its integers of more than 64 bits written as floating-point numbers: JSON allows them, JavaScript writes
// them, simdjson refuses them.
std::string without_big_integers(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == '"') {
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
    } else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
      end = std::min(text.find_first_not_of("+-.0123456789eE", i), text.size());
    }
    const std::string_view token = text.substr(i, end - i);
    out += token;
    if (text[i] != '"' && token.size() > 18 && token.find_first_of(".eE") == std::string_view::npos) out += "e0";
    i = end;
  }
  return out;
}

std::unexpected<Error> no_thread() {
  return fail(Code::busy, "Expected a thread from the system but it gave none; try again when fewer are running");
}

// One request on its way to its reply: at once, or by a job.
struct Answer {
  std::string id;
  Outcome outcome;

  bool needs_job() const { return static_cast<bool>(outcome.job); }
  std::string text() const { return reply_text(id, outcome.job ? outcome.job() : outcome.body); }
};

}  // namespace

struct ServerHandler::State {
  explicit State(const AudioEngineConfig &config) : engine(config) {
    engine.when_live([this] { (void)housekeeper.wake(); });  // without a thread it plays as well, unwatched
  }

  Answer answer(std::string_view request);
  void serve();

  Engine engine;
  EventHub events;
  RunningRenders renders;
  MidiHub midi{engine, events};
  Housekeeper housekeeper{engine, events, midi};
  Isolation isolation{engine, events};

  struct Pending {
    std::string request;
    std::function<void(std::string)> reply;
  };
  Mutex queue_mutex;
  Condition queue_changed;
  std::deque<Pending> queue;
  bool closing = false;
  Thread worker;  // started by the first submit

  // Renders wait for one of a few threads; more would only take the processor from each other.
  struct Job {
    Answer answer;
    std::function<void(std::string)> reply;
  };
  std::deque<Job> jobs;
  std::vector<Thread> job_threads;
  std::size_t idle_job_threads = 0;
  bool no_more_jobs = false;  // the worker has ended
  Condition jobs_changed;
  void add_job(Job job);
  void run_jobs();
};

Answer ServerHandler::State::answer(std::string_view request) {
  if (request.empty()) return {{}, {fail(Code::message_empty, "Expected a JSON object but the message is empty"), {}}};
  if (request.size() > greatest_request)
    return {{},
            {fail(Code::message_too_large,
                  format("Expected at most {} bytes but received {}", greatest_request, request.size())),
             {}}};
  thread_local simdjson::dom::parser parser;
  json::Element document;
  auto error = parser.parse(request.data(), request.size()).get(document);
  if (error == simdjson::BIGINT_ERROR || error == simdjson::NUMBER_ERROR)
    error = parser.parse(without_big_integers(request)).get(document);
  if (error != simdjson::SUCCESS)
    return {{}, {fail(Code::invalid_json, format("Expected JSON: {}", simdjson::error_message(error))), {}}};
  json::Object object;
  if (document.get_object().get(object) != simdjson::SUCCESS)
    return {{},
            {fail(Code::invalid_request, format("Expected an object but received {}", json::kind_of(document))), {}}};

  Answer out;
  json::Element field;
  if (object.at_key("id").get(field) == simdjson::SUCCESS) out.id = simdjson::minify(field);
  std::string_view name;
  if (object.at_key("cmd").get(field) != simdjson::SUCCESS) {
    out.outcome.body = fail(Code::invalid_request, "Expected the field 'cmd' but it is missing", "/cmd");
  } else if (field.get_string().get(name) != simdjson::SUCCESS) {
    const json::Path root;
    out.outcome.body = json::mismatch(json::Path{&root, "cmd"}, "a string", field);
  } else if (const Command *command = find_command(name); !command) {
    out.outcome.body = unknown_command(name);
  } else {
    Context context{engine, events, renders, housekeeper, midi, out.id};
    std::unique_lock turn(engine.turn(), std::defer_lock);
    if (!command->info->concurrent) turn.lock();
    out.outcome = command->run(context, document);
    isolation.wake();
  }
  return out;
}

// The worker: edits in order; a job goes on to the job threads.
void ServerHandler::State::serve() {
  std::unique_lock lock(queue_mutex);
  while (true) {
    queue_changed.wait(lock, [this] { return closing || !queue.empty(); });
    if (queue.empty()) return;
    Pending next = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    Answer answered = answer(next.request);
    if (!answered.needs_job()) next.reply(answered.text());
    else add_job({std::move(answered), std::move(next.reply)});
    lock.lock();
  }
}

void ServerHandler::State::add_job(Job job) {
  static const std::size_t most = std::max(2u, Thread::hardware_concurrency());
  std::unique_lock lock(queue_mutex);
  jobs.push_back(std::move(job));
  if (idle_job_threads < jobs.size() && job_threads.size() < most) {
    Thread thread = start_thread([this] { run_jobs(); });
    if (thread.joinable()) job_threads.push_back(std::move(thread));
  }
  if (job_threads.empty()) {
    const Job refused = std::move(jobs.back());
    jobs.pop_back();
    lock.unlock();
    return refused.reply(reply_text(refused.answer.id, no_thread()));
  }
  jobs_changed.notify_one();
}

void ServerHandler::State::run_jobs() {
  std::unique_lock lock(queue_mutex);
  while (true) {
    ++idle_job_threads;
    jobs_changed.wait(lock, [this] { return no_more_jobs || !jobs.empty(); });
    --idle_job_threads;
    if (jobs.empty()) return;
    const Job job = std::move(jobs.front());
    jobs.pop_front();
    lock.unlock();
    job.reply(job.answer.text());
    lock.lock();
  }
}

Result<void> ServerHandler::validate(const AudioEngineConfig &config) {
  if (config.sample_rate < 8000 || config.sample_rate > 384000)
    return fail(Code::out_of_range,
                format("Expected sampleRate between 8000 and 384000 but received {}", config.sample_rate));
  if (config.block_size < 1 || config.block_size > 8192)
    return fail(Code::out_of_range, format("Expected blockSize between 1 and 8192 but received {}", config.block_size));
  if (!config.output_device) return {};
  std::vector<std::string> known = {null_device_name, default_device_name};
  if (std::ranges::find(known, *config.output_device) != known.end()) return {};
  for (const DeviceInfo &device : list_devices()) known.push_back(device.name);
  if (std::ranges::find(known, *config.output_device) != known.end()) return {};
  return fail(Code::device_unavailable,
              format("No device '{}'{}", *config.output_device, nearest_hint(*config.output_device, known)));
}

ServerHandler::ServerHandler(const AudioEngineConfig &config) {
  AudioEngineConfig valid = config;
  valid.sample_rate = std::clamp(valid.sample_rate, 8000, 384000);
  valid.block_size = std::clamp(valid.block_size, 1, 8192);
  load_builtin_plugins();
  state_ = std::make_unique<State>(valid);
}

ServerHandler::~ServerHandler() {
  state_->renders.cancel_all();
  {
    const std::lock_guard lock(state_->queue_mutex);
    state_->closing = true;
  }
  state_->queue_changed.notify_all();
  if (state_->worker.joinable()) state_->worker.join();
  state_->renders.cancel_all();  // those that the queue still began
  {
    const std::lock_guard lock(state_->queue_mutex);
    state_->no_more_jobs = true;
  }
  state_->jobs_changed.notify_all();
  for (Thread &thread : state_->job_threads) thread.join();
}

std::string ServerHandler::handle(std::string_view request) { return state_->answer(request).text(); }

void ServerHandler::submit(std::string request, std::function<void(std::string)> reply) {
  {
    const std::lock_guard lock(state_->queue_mutex);
    if (!state_->worker.joinable()) state_->worker = start_thread([this] { state_->serve(); });
    if (state_->worker.joinable()) {
      state_->queue.push_back({std::move(request), std::move(reply)});
      state_->queue_changed.notify_one();
      return;
    }
  }
  reply(reply_text({}, no_thread()));
}

void ServerHandler::listen(std::function<void(std::string)> sink) { state_->events.listen(std::move(sink)); }
void ServerHandler::listen_through(std::shared_ptr<EventQueue> queue) {
  state_->events.listen_through(std::move(queue));
}

void ServerHandler::look() { state_->housekeeper.look(); }

Result<void> ServerHandler::share_memory(std::span<std::byte> memory) { return state_->engine.show_on(memory); }

}  // namespace arranger
