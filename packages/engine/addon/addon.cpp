// SPDX-License-Identifier: MIT
// The Node-API face. It carries JSON between JavaScript and ServerHandler and knows nothing of what is in it.
#include <napi.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "calls.hpp"
#include "control/plugins.hpp"
#include "control/server_handler.hpp"

namespace {

using namespace arranger::addon;
using arranger::AudioEngineConfig;
using arranger::EventQueue;
using arranger::Face;
using arranger::ServerHandler;

const Face in_process{{"display", "in_process"}};

// What crosses from the engine's threads to JavaScript's: a promise's reply, or word that events wait.
struct Message {
  std::string text;
  napi_deferred deferred = nullptr;  // none: events
};

// The thread-safe function outlives the server that posts to it, and keeps the event loop alive only while a reply is due.
class Mailbox {
 public:
  static std::shared_ptr<Mailbox> make(Napi::Env env) {
    auto box = std::shared_ptr<Mailbox>(new Mailbox);
    box->function_ = Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo &) {}),
                                                   "arranger", 0, 1, [box](Napi::Env) { box->closed_ = true; });
    box->function_.Unref(env);
    box->events_ = std::make_shared<EventQueue>([weak = std::weak_ptr(box)] {
      if (const auto to = weak.lock()) to->post(std::make_unique<Message>());
    });
    return box;
  }

  const std::shared_ptr<EventQueue> &events() const { return events_; }

  void set_listener(Napi::Function listener) {
    listener_ = listener.IsEmpty() ? Napi::FunctionReference() : Napi::Persistent(listener);
  }

  // On JavaScript's thread, before the request is submitted.
  void expect(Napi::Env env) {
    if (due_++ == 0) function_.Ref(env);
  }
  // From any thread. After the environment is gone nobody is left to read it.
  void post(std::unique_ptr<Message> message) {
    if (closed_) return;
    Message *raw = message.release();
    const auto take = [this](Napi::Env env, Napi::Function, Message *sent) {
      deliver(env, std::unique_ptr<Message>(sent));
    };
    if (function_.NonBlockingCall(raw, take) != napi_ok) delete raw;
  }
  void release() {
    if (!std::exchange(released_, true)) function_.Release();
  }

 private:
  Mailbox() = default;
  // A worker that is being terminated runs no JavaScript any more; node-addon-api would end the process over it, so these
  // are plain calls, and what they cannot deliver is dropped.
  void deliver(Napi::Env env, std::unique_ptr<Message> message) {
    if (!message->deferred) {
      for (const std::string &event : events_->take()) tell(env, event);
      return;
    }
    if (--due_ == 0) function_.Unref(env);
    napi_value text = nullptr;
    if (napi_create_string_utf8(env, message->text.data(), message->text.size(), &text) == napi_ok)
      napi_resolve_deferred(env, message->deferred, text);
  }
  void tell(Napi::Env env, const std::string &event) {
    if (listener_.IsEmpty()) return;
    napi_value text = nullptr, listener = nullptr, receiver = nullptr, thrown = nullptr;
    if (napi_create_string_utf8(env, event.data(), event.size(), &text) != napi_ok) return;
    napi_get_undefined(env, &receiver);
    if (napi_get_reference_value(env, listener_, &listener) != napi_ok) return;
    if (napi_call_function(env, receiver, listener, 1, &text, nullptr) != napi_pending_exception) return;
    if (napi_get_and_clear_last_exception(env, &thrown) == napi_ok) napi_fatal_exception(env, thrown);
  }

  Napi::ThreadSafeFunction function_;
  Napi::FunctionReference listener_;
  std::shared_ptr<EventQueue> events_;
  int due_ = 0;
  bool released_ = false;
  std::atomic<bool> closed_ = false;
};

// process.exit() ends the process without ending the environment: what still renders is stopped here, so that no thread
// runs into static destructors and no half-written file stays behind.
class OpenHandlers {
 public:
  static OpenHandlers &instance() {
    static OpenHandlers all;
    return all;
  }
  ~OpenHandlers() {
    for (std::unique_ptr<ServerHandler> *handler : handlers_) handler->reset();
  }
  void add(std::unique_ptr<ServerHandler> *handler) {
    const std::lock_guard lock(mutex_);
    handlers_.insert(handler);
  }
  void remove(std::unique_ptr<ServerHandler> *handler) {
    const std::lock_guard lock(mutex_);
    handlers_.erase(handler);
  }

 private:
  std::mutex mutex_;
  std::set<std::unique_ptr<ServerHandler> *> handlers_;
};

class AudioServer final : public Napi::ObjectWrap<AudioServer> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "AudioServer",
        {InstanceMethod<&AudioServer::handle_async>("handleAsync"), InstanceMethod<&AudioServer::on_event>("onEvent"),
         InstanceMethod<&AudioServer::share_memory>("shareMemory"), InstanceMethod<&AudioServer::prepare>("prepare"),
         InstanceMethod<&AudioServer::close>("close")});
  }

  explicit AudioServer(const Napi::CallbackInfo &info)
      : Napi::ObjectWrap<AudioServer>(info),
        opened_(std::make_shared<Opened>(std::make_unique<ServerHandler>(config_argument(info), in_process))),
        mailbox_(Mailbox::make(info.Env())) {
    opened_->handler->listen_through(mailbox_->events());
    add_call(info.This().As<Napi::Object>(), "handle", handle_call, opened_);
    add_call(info.This().As<Napi::Object>(), "send", send_call, opened_);
    // Added after the mailbox's own hook, so it runs before: no thread posts any more when the mailbox goes.
    napi_add_env_cleanup_hook(info.Env(), end_with_environment, this);
    OpenHandlers::instance().add(&opened_->handler);
  }
  ~AudioServer() override {
    OpenHandlers::instance().remove(&opened_->handler);
    napi_remove_env_cleanup_hook(Env(), end_with_environment, this);  // no harm when it has run
    shut_down();
  }

 private:
  Napi::Value handle_async(const Napi::CallbackInfo &info) {
    const Napi::Env env = info.Env();
    std::string request = string_argument(info, "the request");
    const auto attachments = attachments_argument(info);
    ServerHandler &handler = opened_->open(env);
    auto message = std::make_shared<std::unique_ptr<Message>>(std::make_unique<Message>());
    napi_value promise = nullptr;
    if (napi_create_promise(env, &(*message)->deferred, &promise) != napi_ok) throw Napi::Error::New(env);
    mailbox_->expect(env);
    const auto reply = [box = mailbox_, message](std::string text) {
      (*message)->text = std::move(text);
      box->post(std::move(*message));
    };
    handler.submit(std::move(request), reply, attachments);
    return {env, promise};
  }
  Napi::Value prepare(const Napi::CallbackInfo &info) {
    const std::string request = string_argument(info, "the request");
    const auto number = opened_->open(info.Env()).prepare(request);
    if (!number) throw coded_error(info.Env(), number.error());
    return Napi::Number::New(info.Env(), static_cast<double>(*number));
  }
  Napi::Value on_event(const Napi::CallbackInfo &info) {
    const bool none = info.Length() == 0 || info[0].IsNull() || info[0].IsUndefined();
    if (!none && !info[0].IsFunction()) throw_type_error(info.Env(), "Expected the listener to be a function or null");
    mailbox_->set_listener(none ? Napi::Function() : info[0].As<Napi::Function>());
    return info.Env().Undefined();
  }
  // The array is kept for as long as the engine writes there.
  Napi::Value share_memory(const Napi::CallbackInfo &info) {
    Napi::Uint8Array array = shared_memory_argument(info);
    const auto memory =
        array.IsEmpty() ? std::span<std::byte>() : std::as_writable_bytes(std::span(array.Data(), array.ByteLength()));
    if (const auto done = opened_->open(info.Env()).share_memory(memory); !done)
      throw range_error(info.Env(), done.error());
    shared_ = array.IsEmpty() ? Napi::Reference<Napi::Uint8Array>() : Napi::Persistent(array);
    return info.Env().Undefined();
  }
  Napi::Value close(const Napi::CallbackInfo &info) {
    shut_down();
    return info.Env().Undefined();
  }
  static void end_with_environment(void *server) { static_cast<AudioServer *>(server)->opened_->handler.reset(); }
  // Replies that are due still arrive; a second call does nothing.
  void shut_down() {
    if (!opened_->handler) return;
    opened_->handler.reset();
    shared_.Reset();
    mailbox_->release();
  }

  std::shared_ptr<Opened> opened_;
  std::shared_ptr<Mailbox> mailbox_;
  Napi::Reference<Napi::Uint8Array> shared_;
};

// Of the bare `handle`: one for each JavaScript environment.
std::unique_ptr<ServerHandler> make_default() {
  return std::make_unique<ServerHandler>(AudioEngineConfig{.takes_own_rate = true}, in_process);
}

Napi::Value list_plugins(const Napi::CallbackInfo &info) {
  arranger::load_builtin_plugins();
  return parse_json(info.Env(), arranger::plugins_json());
}

Napi::Value load_plugin_library(const Napi::CallbackInfo &info) {
  const std::string path = string_argument(info, "path");
  arranger::load_builtin_plugins();
  return parse_json(info.Env(), arranger::load_plugin_json(path));
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  add_call(exports, "handle", handle_call, std::make_shared<Opened>(nullptr, make_default));
  exports.Set("listPlugins", Napi::Function::New<list_plugins>(env, "listPlugins"));
  exports.Set("loadPluginLibrary", Napi::Function::New<load_plugin_library>(env, "loadPluginLibrary"));
  exports.Set("AudioServer", AudioServer::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(arranger, init)
