// SPDX-License-Identifier: MIT
#include "plugin/isolated_plugin.hpp"

#include <cstdlib>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/own_path.hpp"
#include "base/utf8.hpp"
#include "base/version.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"

namespace arranger {
namespace {

using Clock = std::chrono::steady_clock;
using isolated::Kind;
using isolated::Pack;
using isolated::Unpack;

#if defined(_WIN32)
constexpr const char *program_name = "arranger-isolate.exe";
#else
constexpr const char *program_name = "arranger-isolate";
#endif
// For the plugin's own destroy, and what runs when its library is closed.
constexpr std::chrono::seconds leave_limit{1};

std::atomic<std::size_t> instances = 0;

// What has run strangers' code may say anything; memory is laid out by this.
bool are_sane(const std::vector<Port> &ports) {
  for (const Port &port : ports)
    if (port.type < ARR_PORT_TYPE_AUDIO_MONO || port.type > ARR_PORT_TYPE_CONTROL || port.role < ARR_PORT_ROLE_INPUT ||
        port.role > ARR_PORT_ROLE_MONITOR || port.channels() < 0 || port.channels() > 64 || port.value_count < 0 ||
        port.value_count > 65536 || (port.is_monitor() && !port.is_control()))
      return false;
  return true;
}

}  // namespace

std::filesystem::path isolate_path() {
  if (const char *named = std::getenv("ARRANGER_ISOLATE"); named && *named) return from_utf8(named);
  return own_path().parent_path() / program_name;
}

IsolatedPlugin::IsolatedPlugin(std::shared_ptr<const PluginEntry> entry) : arr_plugin{}, entry_(std::move(entry)) {
  ++instances;
  arr_plugin &plugin = *this;
  plugin.struct_size = sizeof(arr_plugin);
  plugin.reset = [](arr_plugin *self) { of(self).calls_->reset(); };
  plugin.process = [](arr_plugin *self, const arr_process *call) { return of(self).calls_->process(call); };
  plugin.get_extension = extension;
}

IsolatedPlugin::~IsolatedPlugin() {
  end();
  --instances;
}

std::size_t IsolatedPlugin::count() { return instances; }

Result<std::unique_ptr<IsolatedPlugin>> IsolatedPlugin::create(std::shared_ptr<const PluginEntry> entry,
                                                               std::span<const ConfigSetting> config) {
  if (!entry->library)
    return fail(Code::plugin_failed, format("Expected a plugin of a library but {} is part of the engine, which "
                                            "cannot be isolated",
                                            entry->descriptor.id));
  std::unique_ptr<IsolatedPlugin> out(new IsolatedPlugin(std::move(entry)));
  if (auto done = out->start(config); !done) return std::unexpected(std::move(done.error()));
  return out;
}

Result<void> IsolatedPlugin::start(std::span<const ConfigSetting> config) {
  auto memory = SharedMemory::make();
  if (!memory) return std::unexpected(std::move(memory.error()));
  memory_ = std::move(*memory);
  Companion::Handles handles{memory_.handle()};
  for (const SignalEvent *event : {&request_event_, &done_event_})
    if (event->handle() != 0) handles.push_back(event->handle());
  auto process = Companion::start(isolate_path(), handles, [this] {
    const std::lock_guard lock(mutex_);
    if (calls_) calls_->end();
  });
  if (!process)
    return fail(Code::plugin_probe_unavailable,
                process.error().message + "; put it beside the engine or name it in ARRANGER_ISOLATE");
  process_ = std::move(*process);
  isolated::Create create;
  create.engine_version = engine_version;
  create.library_path = to_utf8(entry_->library->path());
  create.library_hash = entry_->library->hash();
  create.plugin_id = entry_->descriptor.id;
  create.config.assign(config.begin(), config.end());
  auto reply = ask(Pack(Kind::create)(create), "create");
  if (!reply) return std::unexpected(std::move(reply.error()));
  Unpack unpack(*reply);
  unpack(created_);
  if (unpack.is_good() && are_sane(created_.ports)) return {};
  return fail(Code::plugin_failed, format("{} failed in create: its process answers nonsense", create.plugin_id));
}

// The memory has its size before the process looks at it.
Result<void> IsolatedPlugin::activate(arr_activation &activation) {
  auto calls = isolated::Calls::make(created_.ports, activation.max_frames, memory_,
                                     {request_event_.handle(), done_event_.handle()});
  if (!calls) return std::unexpected(std::move(calls.error()));
  {
    const std::lock_guard lock(mutex_);
    calls_ = std::move(*calls);
    if (process_->has_ended()) calls_->end();
  }
  const isolated::Activate message{activation.sample_rate, activation.max_frames, activation.offline != 0,
                                   activation.seed, activation.input_delay_frames};
  auto reply = ask(Pack(Kind::activate)(message), "activate");
  if (!reply) return std::unexpected(std::move(reply.error()));
  isolated::Activated activated;
  Unpack unpack(*reply);
  unpack(activated);
  activation.latency_frames = activated.latency_frames;
  activation.tail_frames = activated.tail_frames;
  return {};
}

// The process may be busy with its end meanwhile: it is killed when it takes too long, at once when it is beyond help.
void IsolatedPlugin::end() {
  if (!process_) return;
  const bool is_hopeless = has_failed();
  if (!is_hopeless &&
      process_->channel().send(Pack(Kind::leave).bytes(), Clock::now() + leave_limit) == Channel::State::open)
    process_->wait(leave_limit);
  process_.reset();
}

bool IsolatedPlugin::has_failed() const {
  return is_cut_off_.load(std::memory_order_acquire) || process_->has_ended() ||
         (calls_ && calls_->failure() != isolated::Failure::none);
}

std::optional<Error> IsolatedPlugin::failure() const {
  if (!has_failed()) return {};
  if (is_cut_off_) {
    const std::lock_guard lock(mutex_);
    if (cut_off_) return cut_off_;
  }
  const bool is_late = calls_ && calls_->failure() == isolated::Failure::late;
  return lost("process", is_late ? Channel::State::late : Channel::State::closed);
}

Error IsolatedPlugin::lost(const char *function, Channel::State state) const {
  const std::string &who = entry_->descriptor.id;
  if (state == Channel::State::late)
    return {Code::plugin_timeout, format("{} did not return from {} in time, in a process of its own", who, function)};
  process_->wait(leave_limit);  // what is closed ends in a moment
  const std::string how = process_->has_ended() ? process_->end() : "it wrote where it must not";
  if (process_->has_crashed()) return {Code::plugin_crashed, format("{} crashed ({}) in {}", who, how, function)};
  return {Code::plugin_crashed, format("{} ended its process ({}) in {}", who, how, function)};
}

Result<std::string> IsolatedPlugin::ask(const Pack &message, const char *function, const arr_state_reader *reader) {
  Channel::State state = Channel::State::closed;
  {
    const std::lock_guard lock(mutex_);
    auto reply = exchange(message, state, reader);
    if (state == Channel::State::open) return reply;
    is_cut_off_ = true;
  }
  Error error = lost(function, state);  // waits for who must not wait for us
  const std::lock_guard lock(mutex_);
  cut_off_ = error;
  return std::unexpected(std::move(error));
}

Result<std::string> IsolatedPlugin::exchange(const Pack &message, Channel::State &state,
                                             const arr_state_reader *reader) {
  if (is_cut_off_) return {};
  const auto deadline = Clock::now() + control_limit;
  state = process_->channel().send(message.bytes(), deadline);
  while (state == Channel::State::open) {
    std::string bytes;
    state = process_->channel().receive(bytes, deadline);
    if (state != Channel::State::open) break;
    Kind kind{};
    Unpack unpack(bytes);
    unpack(kind);
    if (kind == Kind::reply) return bytes.substr(sizeof kind);
    if (kind == Kind::ask_key && reader) {
      isolated::StateKey key;
      unpack(key);
      state = process_->channel().send(answer(*reader, key).bytes(), deadline);
      continue;
    }
    isolated::Refused refused;
    unpack(refused);
    if (kind == Kind::refused && unpack.is_good() && refused.code <= Code::message_too_large)
      return fail(refused.code, as_utf8(refused.message));
    state = Channel::State::closed;
  }
  return {};
}

}  // namespace arranger
