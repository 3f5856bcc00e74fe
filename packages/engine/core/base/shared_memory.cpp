// SPDX-License-Identifier: MIT
#include "base/shared_memory.hpp"

#include <system_error>

#if defined(_WIN32)
#include "base/windows.hpp"
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#if !defined(__linux__)
#include <atomic>
#include <string>
#endif
#endif

namespace arranger {
namespace {

std::unexpected<Error> no_memory() {
#if defined(_WIN32)
  const std::string reason = std::system_category().message(static_cast<int>(::GetLastError()));
#else
  const std::string reason = std::generic_category().message(errno);
#endif
  return fail(Code::io_error, "Expected shared memory from the system but it gave none: " + reason);
}

}  // namespace

SharedMemory::~SharedMemory() {
  close_handle();
#if defined(_WIN32)
  if (memory_) ::UnmapViewOfFile(memory_);
#else
  if (memory_) ::munmap(memory_, bytes_);
#endif
}

void SharedMemory::close_handle() {
  if (handle_ == none) return;
#if defined(_WIN32)
  ::CloseHandle(reinterpret_cast<HANDLE>(handle_));
#else
  ::close(static_cast<int>(handle_));
#endif
  handle_ = none;
}

#if defined(_WIN32)

// Address space is reserved for the greatest size; memory is taken by map.
Result<SharedMemory> SharedMemory::make() {
  SECURITY_ATTRIBUTES inherit = {sizeof inherit, nullptr, TRUE};
  const HANDLE handle = ::CreateFileMappingW(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE | SEC_RESERVE, 0,
                                             static_cast<DWORD>(greatest), nullptr);
  if (!handle) return no_memory();
  return SharedMemory(reinterpret_cast<Handle>(handle), true);
}

Result<std::byte *> SharedMemory::map(std::size_t bytes) {
  void *memory = ::MapViewOfFile(reinterpret_cast<HANDLE>(handle_), FILE_MAP_ALL_ACCESS, 0, 0, bytes);
  if (!memory) return no_memory();
  memory_ = static_cast<std::byte *>(memory);
  bytes_ = bytes;
  if (!::VirtualAlloc(memory, bytes, MEM_COMMIT, PAGE_READWRITE)) return no_memory();
  close_handle();
  return memory_;
}

#else

Result<SharedMemory> SharedMemory::make() {
#if defined(__linux__)
  const int handle = ::memfd_create("arranger", MFD_CLOEXEC);
#else
  static std::atomic<unsigned> count = 0;
  const std::string name = "/arranger-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
  const int handle = ::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (handle >= 0) ::shm_unlink(name.c_str());
#endif
  if (handle < 0) return no_memory();
  return SharedMemory(handle, true);
}

Result<std::byte *> SharedMemory::map(std::size_t bytes) {
  const int file = static_cast<int>(handle_);
  if (is_new_ && ::ftruncate(file, static_cast<off_t>(bytes)) != 0) return no_memory();
  void *memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) return no_memory();
  memory_ = static_cast<std::byte *>(memory);
  bytes_ = bytes;
  close_handle();
  return memory_;
}

#endif

}  // namespace arranger
