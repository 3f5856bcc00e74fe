// SPDX-License-Identifier: MIT
#if defined(_WIN32)
#include "pipe_windows.hpp"

#include <array>
#include <cstring>
#include <vector>

namespace arranger::server {
namespace {

constexpr std::size_t buffer_size = std::size_t{64} << 10;
constexpr DWORD patience_at_close = 200;  // ms, for the last bytes

// The system reads into our buffer and writes from another while the client's thread does something else, so that all that
// there is to wait for are events.
class PipeStream final : public Stream {
 public:
  explicit PipeStream(Handle pipe) : pipe_(std::move(pipe)), wake_(make_event(false)) { begin_read(); }
  ~PipeStream() override { close(); }
  bool is_open() const { return wake_.is_open() && reading_.is_open() && writing_.is_open(); }

  Ready wait(bool to_read, bool to_write, std::optional<Clock::time_point> until) override {
    take_results();
    if (!(to_read && can_read()) && !(to_write && can_write()) && !has_ended_) {
      std::vector<HANDLE> events{wake_.get()};
      if (reading_.is_pending()) events.push_back(reading_.event());
      if (to_write && writing_.is_pending()) events.push_back(writing_.event());
      ::WaitForMultipleObjects(static_cast<DWORD>(events.size()), events.data(), FALSE, milliseconds_until(until));
      take_results();
    }
    return {to_read && can_read(), to_write && can_write(), has_ended_};
  }

  void wake() override { ::SetEvent(wake_.get()); }

  std::optional<std::size_t> read(std::span<char> room) override {
    if (taken_ == come_) return has_ended_ ? std::nullopt : std::optional<std::size_t>(0);
    const std::size_t count = std::min(room.size(), come_ - taken_);
    std::memcpy(room.data(), in_.data() + taken_, count);
    taken_ += count;
    if (taken_ == come_) begin_read();
    return count;
  }

  // What a thread has begun to write ends with it.
  bool may_be_written_by_any() const override { return false; }
  std::optional<std::size_t> write(std::string_view first, std::string_view second) override {
    take_results();
    if (has_ended_) return std::nullopt;
    if (!can_write()) return 0;
    const std::size_t head = std::min(first.size(), buffer_size), tail = std::min(second.size(), buffer_size - head);
    std::memcpy(out_.data(), first.data(), head);
    std::memcpy(out_.data() + head, second.data(), tail);
    const auto count = static_cast<DWORD>(head + tail);
    if (!writing_.has_begun(::WriteFile(pipe_.get(), out_.data(), count, nullptr, writing_.begin()))) {
      has_ended_ = true;
      return std::nullopt;
    }
    return head + tail;
  }

  void end_writing() override {}  // a pipe has no half to close

  // What was written is the client's to read although we have gone.
  void close() override {
    if (!pipe_.is_open()) return;
    if (writing_.is_pending()) ::WaitForSingleObject(writing_.event(), patience_at_close);
    reading_.cancel(pipe_.get());
    writing_.cancel(pipe_.get());
    pipe_.reset();
  }

 private:
  bool can_read() const { return taken_ < come_ || has_ended_; }
  bool can_write() const { return !writing_.is_pending(); }

  void begin_read() {
    come_ = taken_ = 0;
    const auto size = static_cast<DWORD>(in_.size());
    if (!reading_.has_begun(::ReadFile(pipe_.get(), in_.data(), size, nullptr, reading_.begin()))) has_ended_ = true;
  }
  void take_results() {
    if (reading_.is_pending())
      if (const auto count = reading_.result(pipe_.get())) {
        come_ = *count;
        has_ended_ = has_ended_ || come_ == 0;
      }
    if (writing_.is_pending())
      if (const auto count = writing_.result(pipe_.get()); count && *count == 0) has_ended_ = true;
  }

  Handle pipe_, wake_;
  Operation reading_, writing_;
  std::array<char, buffer_size> in_, out_;
  std::size_t come_ = 0, taken_ = 0;  // of in_
  bool has_ended_ = false;
};

}  // namespace

std::shared_ptr<Stream> make_stream(Handle pipe) {
  auto stream = std::make_shared<PipeStream>(std::move(pipe));
  return stream->is_open() ? stream : nullptr;
}

}  // namespace arranger::server
#endif
