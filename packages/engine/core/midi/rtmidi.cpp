// SPDX-License-Identifier: MIT
#include "midi/rtmidi.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "base/format.hpp"
#include "base/nearest.hpp"
#include "base/thread.hpp"
#if defined(ARRANGER_RTMIDI)
#include "midi/jack_server.hpp"
#include "midi/rtmidi_library.hpp"
#endif

namespace arranger {

#if !defined(ARRANGER_RTMIDI)

namespace {
std::unexpected<Error> none(const std::string &name) {
  const std::array<std::string, 1> known{loopback_port};
  return fail(Code::device_unavailable,
              format("No MIDI port '{}'; this build has none of the system's{}", name, nearest_hint(name, known)),
              "/name");
}
}  // namespace

bool has_rtmidi() { return false; }
MidiPortNames rtmidi_ports() { return {}; }
Result<std::unique_ptr<MidiInput>> open_rtmidi_input(const std::string &name, bool, MidiReceiver) { return none(name); }
Result<std::unique_ptr<MidiOutput>> open_rtmidi_output(const std::string &name, bool) { return none(name); }

#else

namespace {

constexpr const char *open_client = "Arranger", *listing_client = "arranger-list";
enum class Direction { input, output };

// One object of RtMidi's, open or not, freed with this unless its server has died.
class Client {
 public:
  Client(Direction direction, RtMidiApi api, const char *name) : direction_(direction), api_(api) {
    const RtMidiLibrary &lib = *rtmidi_library();
    if (api == RTMIDI_API_UNIX_JACK) server_ = JackServer::running(lib.handle);
    handle_ = direction == Direction::input ? lib.in_create(api, name, 1) : lib.out_create(api, name);
  }
  Client(const Client &) = delete;
  Client &operator=(const Client &) = delete;
  ~Client() {
    const RtMidiLibrary &lib = *rtmidi_library();
    if (!handle_ || is_dead()) return;
    if (handle_->ok) lib.close_port(handle_);
    if (direction_ == Direction::input) lib.in_free(handle_);
    else lib.out_free(handle_);
  }
  bool ok() const { return handle_ && handle_->ok; }
  bool is_dead() const { return api_ == RTMIDI_API_UNIX_JACK && !JackServer::lives(server_); }
  RtMidiPtr get() const { return handle_; }
  RtMidiApi api() const { return api_; }

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    const unsigned count = ok() ? rtmidi_library()->get_port_count(handle_) : 0;
    for (unsigned i = 0; i < count; ++i) {
      std::array<char, 512> name{};
      int size = name.size();
      rtmidi_library()->get_port_name(handle_, i, name.data(), &size);
      out.emplace_back(name.data());
    }
    return out;
  }

 private:
  Direction direction_;
  RtMidiApi api_;
  std::uint32_t server_ = 0;  // of JACK
  RtMidiPtr handle_ = nullptr;
};

struct Port {
  std::string name;  // each once
  RtMidiApi api;
  unsigned index;  // as RtMidi counts them
};

std::vector<Port> ports(Direction direction, const std::vector<RtMidiApi> &services) {
  std::vector<Port> out;
  for (const RtMidiApi api : services) {
    unsigned index = 0;
    for (const std::string &name : Client(direction, api, listing_client).names()) {
      std::string unique = name;
      for (int again = 2; unique == loopback_port || std::ranges::find(out, unique, &Port::name) != out.end(); ++again)
        unique = format("{} ({})", name, again);
      out.push_back({std::move(unique), api, index++});
    }
  }
  return out;
}

std::vector<RtMidiApi> services() {
  const RtMidiLibrary *library = rtmidi_library();
  return library ? library->running() : std::vector<RtMidiApi>();
}

std::vector<std::string> names(Direction direction, const std::vector<RtMidiApi> &services) {
  std::vector<std::string> out;
  for (Port &port : ports(direction, services)) out.push_back(std::move(port.name));
  return out;
}

std::unexpected<Error> unavailable(std::string message) {
  return fail(Code::device_unavailable, std::move(message), "/name");
}

// A client whose port is open. A callback is set before, so that nothing is missed.
Result<std::unique_ptr<Client>> open(Direction direction, const std::string &name, bool is_virtual,
                                     RtMidiCCallback callback, void *data) {
  const RtMidiLibrary *library = rtmidi_library();
  if (!library) return unavailable(format("No MIDI port '{}'; the library RtMidi is not installed", name));
  RtMidiApi api = RTMIDI_API_UNSPECIFIED;
  unsigned index = 0;
  const auto running = services();
  if (is_virtual) {
    if (running.empty() || running[0] == RTMIDI_API_WINDOWS_MM)
      return unavailable(format("The system has no virtual MIDI ports, so '{}' cannot be made", name));
    api = running[0];
  } else {
    const auto all = ports(direction, running);
    const auto port = std::ranges::find(all, name, &Port::name);
    if (port == all.end()) {
      std::vector<std::string> known{loopback_port};
      for (const Port &other : all) known.push_back(other.name);
      return unavailable(format("No MIDI {} '{}'{}", direction == Direction::input ? "input" : "output", name,
                                nearest_hint(name, known)));
    }
    api = port->api;
    index = port->index;
  }
  auto client = std::make_unique<Client>(direction, api, open_client);
  if (client->ok() && callback) library->in_set_callback(client->get(), callback, data);
  if (client->ok() && is_virtual) library->open_virtual_port(client->get(), name.c_str());
  else if (client->ok()) library->open_port(client->get(), index, name.c_str());
  if (!client->ok()) return unavailable(format("The MIDI port '{}' cannot be opened", name));
  return client;
}

bool is_there(const Client &client, Direction direction, const std::string &name, bool is_virtual) {
  if (client.is_dead()) return false;
  const auto has = [](const auto &all, const auto &one) { return std::ranges::find(all, one) != all.end(); };
  const auto running = services();
  return is_virtual ? has(running, client.api()) : has(names(direction, running), name);
}

// RtMidi calls from a thread that must not wait (JACK's is a real-time one), so messages go through a ring to a thread of
// the port's.
class RtMidiInput final : public MidiInput {
 public:
  RtMidiInput(std::string name, bool is_virtual, MidiReceiver receiver)
      : name_(std::move(name)), is_virtual_(is_virtual), receiver_(std::move(receiver)) {}
  ~RtMidiInput() override {
    client_.reset();  // no more calls
    stopping_.store(true);
    wake();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> open_port() {
    thread_ = start_thread([this] { deliver(); });
    if (!thread_.joinable()) return fail(Code::busy, "Expected a thread from the system but it gave none");
    auto client = open(Direction::input, name_, is_virtual_, &RtMidiInput::receive, this);
    if (!client) return std::unexpected(client.error());
    client_ = std::move(*client);
    return {};
  }
  bool is_connected() override { return is_there(*client_, Direction::input, name_, is_virtual_); }
  std::uint64_t overflows() const override { return overflows_.load(); }

 private:
  struct Slot {
    std::array<std::uint8_t, 3> bytes;
    std::uint8_t size;
    std::chrono::steady_clock::time_point at;
  };
  static constexpr std::size_t capacity = 4096;

  static void receive(double, const unsigned char *bytes, std::size_t size, void *data) {
    auto &self = *static_cast<RtMidiInput *>(data);
    const auto now = std::chrono::steady_clock::now();
    if (size == 0 || size > 3) return;  // system exclusive: nothing here takes it
    const std::size_t place = self.written_.load(std::memory_order_relaxed);
    if (place - self.read_.load(std::memory_order_acquire) == capacity) {
      self.overflows_.fetch_add(1);
      return;
    }
    Slot &slot = self.ring_[place % capacity];
    slot = {{}, static_cast<std::uint8_t>(size), now};
    std::copy_n(bytes, size, slot.bytes.begin());
    self.written_.store(place + 1, std::memory_order_release);
    self.wake();
  }
  void wake() {
    woken_.fetch_add(1, std::memory_order_release);
    woken_.notify_one();
  }
  void deliver() {
    while (true) {
      const std::uint32_t woken = woken_.load(std::memory_order_acquire);
      const std::size_t end = written_.load(std::memory_order_acquire);
      for (std::size_t place = read_.load(std::memory_order_relaxed); place < end; ++place) {
        const Slot slot = ring_[place % capacity];
        read_.store(place + 1, std::memory_order_release);
        receiver_({slot.bytes.data(), slot.size}, slot.at);
      }
      if (stopping_.load()) return;
      woken_.wait(woken, std::memory_order_acquire);
    }
  }

  const std::string name_;
  const bool is_virtual_;
  const MidiReceiver receiver_;
  std::array<Slot, capacity> ring_{};
  std::atomic<std::size_t> written_ = 0, read_ = 0;
  std::atomic<std::uint32_t> woken_ = 0;
  std::atomic<std::uint64_t> overflows_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
  std::unique_ptr<Client> client_;
};

class RtMidiOutput final : public MidiOutput {
 public:
  RtMidiOutput(std::string name, bool is_virtual, std::unique_ptr<Client> client)
      : name_(std::move(name)), is_virtual_(is_virtual), client_(std::move(client)) {}
  bool is_connected() override { return is_there(*client_, Direction::output, name_, is_virtual_); }
  Result<void> send(std::span<const std::uint8_t> message) override {
    if (client_->is_dead()) return unavailable(format("The MIDI output '{}' is gone", name_));
    if (rtmidi_library()->out_send_message(client_->get(), message.data(), static_cast<int>(message.size())) == 0)
      return {};
    return unavailable(format("The MIDI output '{}' does not take the message", name_));
  }

 private:
  const std::string name_;
  const bool is_virtual_;
  const std::unique_ptr<Client> client_;
};

}  // namespace

bool has_rtmidi() { return rtmidi_library() != nullptr; }

MidiPortNames rtmidi_ports() {
  const auto running = services();
  return {names(Direction::input, running), names(Direction::output, running)};
}

Result<std::unique_ptr<MidiInput>> open_rtmidi_input(const std::string &name, bool is_virtual, MidiReceiver receiver) {
  auto input = std::make_unique<RtMidiInput>(name, is_virtual, std::move(receiver));
  if (auto done = input->open_port(); !done) return std::unexpected(done.error());
  return input;
}

Result<std::unique_ptr<MidiOutput>> open_rtmidi_output(const std::string &name, bool is_virtual) {
  auto client = open(Direction::output, name, is_virtual, nullptr, nullptr);
  if (!client) return std::unexpected(client.error());
  return std::make_unique<RtMidiOutput>(name, is_virtual, std::move(*client));
}

#endif

}  // namespace arranger
