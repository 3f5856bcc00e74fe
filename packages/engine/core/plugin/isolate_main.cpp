// SPDX-License-Identifier: MIT
// arranger-isolate: the process of one isolated plugin. It does what the engine's process asks of it, and ends with it.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/companion.hpp"
#include "base/file.hpp"
#include "base/thread.hpp"
#include "base/version.hpp"
#include "plugin/host.hpp"
#include "plugin/isolated_messages.hpp"
#include "plugin/isolated_process.hpp"
#include "plugin/library.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif
#endif

namespace arranger::isolated {
namespace {

constexpr auto never = Channel::Clock::time_point::max();

// The engine's process is gone, or asks us to go.
[[noreturn]] void leave() {
#if defined(_WIN32)
  ::TerminateProcess(::GetCurrentProcess(), 0);
  std::abort();
#else
  ::_exit(0);
#endif
}

Pack refusal(const Error &error) {
  Refused refused;
  refused.code = error.code;
  refused.message = error.message;
  return Pack(Kind::refused)(refused);
}

StatusReply status_reply(arr_status status) { return {{}, status, take_reported_error()}; }

// Reads a state that the engine's process has, key by key.
class RemoteReader : public arr_state_reader {
 public:
  RemoteReader(Channel &channel, std::int32_t state_version) : arr_state_reader{}, channel_(channel) {
    struct_size = sizeof(arr_state_reader);
    version = state_version;
    read_number = [](const arr_state_reader *self, const char *key, double *value) {
      const StateRecord *record = of(self).find(StateType::number, key);
      if (record) *value = record->number;
      return std::int32_t{record != nullptr};
    };
    read_text = [](const arr_state_reader *self, const char *key, const char **text, std::uint32_t *length) {
      const StateRecord *record = of(self).find(StateType::text, key);
      if (!record) return std::int32_t{0};
      *text = record->data.data();
      *length = static_cast<std::uint32_t>(record->data.size());
      return std::int32_t{1};
    };
    read_bytes = [](const arr_state_reader *self, const char *key, const std::uint8_t **data, std::uint32_t *length) {
      const StateRecord *record = of(self).find(StateType::bytes, key);
      if (!record) return std::int32_t{0};
      *data = reinterpret_cast<const std::uint8_t *>(record->data.data());
      *length = static_cast<std::uint32_t>(record->data.size());
      return std::int32_t{1};
    };
  }

 private:
  static RemoteReader &of(const arr_state_reader *self) {
    return *const_cast<RemoteReader *>(static_cast<const RemoteReader *>(self));
  }
  // Valid until the plugin has loaded.
  const StateRecord *find(StateType type, const char *name) {
    StateKey key;
    key.type = type;
    key.key = name;
    std::string bytes;
    if (channel_.send(Pack(Kind::ask_key)(key).bytes(), never) != Channel::State::open ||
        channel_.receive(bytes, never) != Channel::State::open)
      leave();
    Kind kind{};
    bool found = false;
    auto record = std::make_unique<StateRecord>();
    Unpack(bytes).operator()(kind, found, *record);
    if (!found) return nullptr;
    return found_.emplace_back(std::move(record)).get();
  }

  Channel &channel_;
  std::vector<std::unique_ptr<StateRecord>> found_;
};

class RecordWriter : public arr_state_writer {
 public:
  RecordWriter() : arr_state_writer{} {
    struct_size = sizeof(arr_state_writer);
    write_number = [](arr_state_writer *self, const char *key, double value) {
      add(self, StateType::number, key).number = value;
    };
    write_text = [](arr_state_writer *self, const char *key, const char *text, std::uint32_t length) {
      add(self, StateType::text, key).data.assign(text, length);
    };
    write_bytes = [](arr_state_writer *self, const char *key, const std::uint8_t *data, std::uint32_t length) {
      add(self, StateType::bytes, key).data.assign(reinterpret_cast<const char *>(data), length);
    };
  }
  std::vector<StateRecord> records;

 private:
  static StateRecord &add(arr_state_writer *self, StateType type, const char *key) {
    StateRecord &record = static_cast<RecordWriter *>(self)->records.emplace_back();
    record.type = type;
    record.key = key;
    return record;
  }
};

// What is asked of the plugin beside its calls of process.
class Host {
 public:
  explicit Host(Companion::Inherited &inherited)
      : channel_(inherited.channel), memory_(SharedMemory::inherited(inherited.handles[0])) {
    if (inherited.handles.size() < 3) return;
    request_event_ = inherited.handles[1];
    done_event_ = inherited.handles[2];
  }

  Pack answer(Kind kind, Unpack &message) {
    if (kind == Kind::create) return create(message);
    if (!instance_) return refusal({Code::plugin_failed, "no plugin was created"});
    if (kind == Kind::activate) return activate(message);
    if (kind == Kind::save_state) return save();
    if (kind == Kind::load_state) return load(message);
    if (kind == Kind::curve_points) return curve_points(message);
    if (kind == Kind::curve_response) return curve_response(message);
    return refusal({Code::plugin_failed, "the engine asks for what this program does not know"});
  }

  void destroy() {
    instance_.reset();
    library_.reset();
  }

 private:
  Pack create(Unpack &message) {
    Create wanted;
    message(wanted);
    if (!message.is_good() || wanted.engine_version != engine_version)
      return refusal({Code::plugin_failed, "arranger-isolate is of another version than the engine"});
    auto library = open(wanted);
    if (!library) return refusal(library.error());
    library_ = std::move(*library);
    for (const PluginClass &plugin : library_->plugins())
      if (plugin.descriptor.id == wanted.plugin_id) return create(plugin, wanted);
    return refusal({Code::plugin_load_failed, library_->name() + " does not have " + wanted.plugin_id + " any more"});
  }

  static Result<std::shared_ptr<Library>> open(const Create &wanted) {
    auto file = read_library_file(from_utf8(wanted.library_path));
    if (!file) return std::unexpected(std::move(file.error()));
    if (file->hash != wanted.library_hash)
      return fail(Code::plugin_load_failed, file->name() + " was built anew since it was loaded; reload it first");
    auto checked = check_library(std::move(*file));
    if (!checked) return std::unexpected(std::move(checked.error()));
    std::vector<CheckedLibrary> one;
    one.push_back(std::move(*checked));
    return std::move(Library::open(std::move(one), {.probe = false}).front());  // this process is what it is probed in
  }

  Pack create(const PluginClass &plugin, const Create &wanted) {
    PluginEntry entry;
    entry.descriptor = plugin.descriptor;
    entry.factory = plugin.factory;
    entry.library = library_;
    auto made = Instance::create(std::make_shared<const PluginEntry>(std::move(entry)), wanted.config);
    if (!made) return refusal(made.error());
    instance_ = std::move(*made);
    Created created;
    created.ports = instance_->ports();
    created.has_state = extension<arr_state>(ARR_EXTENSION_STATE) != nullptr;
    created.has_curve = extension<arr_curve>(ARR_EXTENSION_CURVE) != nullptr;
    return Pack(Kind::reply)(created);
  }

  Pack activate(Unpack &message) {
    Activate wanted;
    message(wanted);
    auto done =
        instance_->activate(wanted.sample_rate, wanted.max_frames, wanted.offline, wanted.seed, wanted.input_delay);
    if (done) done = Process::start(*instance_, !wanted.offline, memory_, request_event_, done_event_);
    if (!done) return refusal(done.error());
    return Pack(Kind::reply)(Activated{instance_->latency_frames(), instance_->tail_frames()});
  }

  Pack save() {
    RecordWriter writer;
    take_reported_error();
    const arr_status status = extension<arr_state>(ARR_EXTENSION_STATE)->save(&instance_->plugin(), &writer);
    return Pack(Kind::reply)(status_reply(status), writer.records);
  }

  Pack load(Unpack &message) {
    std::int32_t version = 0;
    message(version);
    const RemoteReader reader(channel_, version);
    take_reported_error();
    return Pack(Kind::reply)(
        status_reply(extension<arr_state>(ARR_EXTENSION_STATE)->load(&instance_->plugin(), &reader)));
  }

  Pack curve_points(Unpack &message) {
    std::string port;
    message(port);
    const auto *curve = extension<arr_curve>(ARR_EXTENSION_CURVE);
    arr_plugin &plugin = instance_->plugin();
    std::vector<PointNames> points;
    const auto text = [](const char *name) { return std::string(name ? name : ""); };
    const std::uint32_t count = curve->point_count(&plugin, port.c_str());
    for (std::uint32_t i = 0; i < count; ++i) {
      const arr_curve_point *point = curve->point(&plugin, port.c_str(), i);
      if (!point) return Pack(Kind::reply)(status_reply(ARR_STATUS_INVALID));
      points.push_back({{},
                        text(point->enabled_param),
                        text(point->kind_param),
                        text(point->x_param),
                        text(point->y_param),
                        text(point->width_param)});
    }
    return Pack(Kind::reply)(status_reply(ARR_STATUS_OK), points);
  }

  Pack curve_response(Unpack &message) {
    Response wanted;
    message(wanted);
    std::vector<double> y(wanted.x.size());
    const arr_status status = extension<arr_curve>(ARR_EXTENSION_CURVE)
                                  ->evaluate(&instance_->plugin(), wanted.port.c_str(), wanted.values.data(),
                                             static_cast<std::uint32_t>(wanted.values.size()), wanted.sample_rate,
                                             wanted.x.data(), y.data(), static_cast<std::uint32_t>(y.size()));
    return Pack(Kind::reply)(status_reply(status), y);
  }

  template <class T>
  const T *extension(const char *id) const {
    arr_plugin &plugin = instance_->plugin();
    return plugin.get_extension ? static_cast<const T *>(plugin.get_extension(&plugin, id)) : nullptr;
  }

  Channel &channel_;
  SharedMemory memory_;
  SharedSignal::Handle request_event_ = 0, done_event_ = 0;
  std::shared_ptr<Library> library_;
  std::unique_ptr<Instance> instance_;
};

#if defined(_WIN32)

void prepare(std::size_t) {
  ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
#if defined(_MSC_VER)
  ::_set_abort_behavior(0, _WRITE_ABORT_MSG | _CALL_REPORTFAULT);
#endif
}

#else

void prepare([[maybe_unused]] std::size_t handle_count) {
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__)
  ::prctl(PR_SET_DUMPABLE, 0);  // no core through a pipe either
#if defined(SYS_close_range)
  // What the engine's process left open for its children is none of the plugin's business.
  ::syscall(SYS_close_range, 4u + static_cast<unsigned>(handle_count), ~0u, 0u);
#endif
#endif
  // A sanitizer's handlers would turn a crash into an exit.
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) ::signal(signal, SIG_DFL);
}

#endif

[[noreturn]] void serve(Companion::Inherited inherited) {
  // Whatever the plugin is doing: not PR_SET_PDEATHSIG, which goes by the thread of the engine that started us.
  std::thread watch = start_thread([&channel = inherited.channel] {
    channel.wait_for_end();
    leave();
  });
  if (!watch.joinable()) leave();
  watch.detach();
  Host host(inherited);
  for (std::string bytes; inherited.channel.receive(bytes, never) == Channel::State::open;) {
    Kind kind{};
    Unpack message(bytes);
    message(kind);
    if (kind == Kind::leave) {
      host.destroy();
      leave();
    }
    if (inherited.channel.send(host.answer(kind, message).bytes(), never) != Channel::State::open) break;
  }
  leave();
}

}  // namespace
}  // namespace arranger::isolated

int main(int, char **arguments) {
#if defined(_WIN32)
  constexpr std::size_t handle_count = 3;
#else
  constexpr std::size_t handle_count = 1;
#endif
  arranger::isolated::prepare(handle_count);
  arranger::isolated::serve(arranger::Companion::inherited(handle_count, arguments + 1));
}
