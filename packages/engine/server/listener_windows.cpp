// SPDX-License-Identifier: MIT
#if defined(_WIN32)
#include <filesystem>
#include <vector>

#include "base/file.hpp"
#include "base/format.hpp"
#include "handle_windows.hpp"
#include "listener.hpp"
#include "pipe_windows.hpp"
// After windows.h.
#include <sddl.h>

namespace arranger::server {
namespace {

constexpr DWORD buffer_size = 64 << 10;

// Nobody but this user, not even over the network.
class OwnUserOnly {
 public:
  OwnUserOnly() {
    HANDLE token = nullptr;
    if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token)) return;
    const Handle closes(token);
    DWORD size = 0;
    ::GetTokenInformation(token, TokenUser, nullptr, 0, &size);
    std::vector<char> user(size);
    wchar_t *name = nullptr;
    if (!::GetTokenInformation(token, TokenUser, user.data(), size, &size)) return;
    if (!::ConvertSidToStringSidW(reinterpret_cast<TOKEN_USER *>(user.data())->User.Sid, &name)) return;
    const std::wstring rule = std::wstring(L"D:P(A;;GA;;;") + name + L")";
    ::LocalFree(name);
    ::ConvertStringSecurityDescriptorToSecurityDescriptorW(rule.c_str(), SDDL_REVISION_1,
                                                           &attributes_.lpSecurityDescriptor, nullptr);
  }
  ~OwnUserOnly() { ::LocalFree(attributes_.lpSecurityDescriptor); }
  OwnUserOnly(const OwnUserOnly &) = delete;
  OwnUserOnly &operator=(const OwnUserOnly &) = delete;
  bool is_known() const { return attributes_.lpSecurityDescriptor != nullptr; }
  SECURITY_ATTRIBUTES *get() { return &attributes_; }

 private:
  SECURITY_ATTRIBUTES attributes_{sizeof(SECURITY_ATTRIBUTES), nullptr, FALSE};
};

class PipeListener final : public Listener {
 public:
  explicit PipeListener(const std::string &address) : name_(from_utf8(address).wstring()), wake_(make_event(false)) {}
  ~PipeListener() override { close(); }

  // The first one: of several servers that try, one gets it.
  bool begin() { return users_.is_known() && wake_.is_open() && next_pipe(FILE_FLAG_FIRST_PIPE_INSTANCE); }

  void wait(bool wants_client, std::optional<Stream::Clock::time_point> until) override {
    const HANDLE events[] = {wake_.get(), coming_.event()};
    ::WaitForMultipleObjects(wants_client && pipe_.is_open() ? 2 : 1, events, FALSE, milliseconds_until(until));
  }

  void wake() override { ::SetEvent(wake_.get()); }

  Result<std::shared_ptr<Stream>> accept() override {
    if (!pipe_.is_open() && !next_pipe(0))
      return fail(Code::busy, format("No room for one more client: error {} of Windows", ::GetLastError()));
    if (::WaitForSingleObject(coming_.event(), 0) != WAIT_OBJECT_0) return nullptr;
    if (coming_.is_pending()) coming_.result(pipe_.get());
    auto stream = make_stream(std::move(pipe_));
    pipe_ = Handle();
    next_pipe(0);  // if there is none, the next call says so
    if (!stream) return fail(Code::busy, "No room for one more client");
    return stream;
  }

  void close() override {
    if (!pipe_.is_open()) return;
    coming_.cancel(pipe_.get());
    pipe_.reset();
  }

 private:
  // Where the next client will come.
  bool next_pipe(DWORD flags) {
    pipe_ = Handle(::CreateNamedPipeW(name_.c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | flags,
                                      PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                                      PIPE_UNLIMITED_INSTANCES, buffer_size, buffer_size, 0, users_.get()));
    if (!pipe_.is_open()) return false;
    while (true) {
      if (coming_.has_begun(::ConnectNamedPipe(pipe_.get(), coming_.begin()))) return true;
      const DWORD error = ::GetLastError();
      if (error == ERROR_PIPE_CONNECTED) return ::SetEvent(coming_.event()) != FALSE;
      // ERROR_NO_DATA: one came and has gone; the pipe stays, since without any the name would be free for others.
      if (error != ERROR_NO_DATA || !::DisconnectNamedPipe(pipe_.get())) break;
    }
    pipe_.reset();
    return false;
  }

  const std::wstring name_;
  OwnUserOnly users_;
  Handle pipe_, wake_;
  Operation coming_;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const std::string &address) {
  if (!address.starts_with(R"(\\.\pipe\)"))
    return fail(Code::out_of_range,
                format(R"(Expected an address that begins with \\.\pipe\ but received '{}')", address));
  auto listener = std::make_unique<PipeListener>(address);
  if (listener->begin()) return listener;
  const DWORD error = ::GetLastError();
  if (error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY)
    return fail(Code::busy, format("A server is already running at {}", address));
  return fail(Code::io_error, format("{}: error {} of Windows", address, error));
}

}  // namespace arranger::server
#endif
