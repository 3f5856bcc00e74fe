// SPDX-License-Identifier: MIT
#include "base/survive.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <thread>

using namespace arranger;

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>

namespace {

int *volatile nowhere = nullptr;
volatile int many = 7, zero = 0;
[[gnu::no_sanitize("undefined")]] void write_nowhere() { *nowhere = 1; }
[[gnu::no_sanitize("undefined")]] void divide() { zero = many / zero; }

int recurse(volatile int *depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(*depth);
  *depth = *depth + 1;
  return *depth < 0 ? 0 : recurse(depth) + frame[0];  // it never is
}

}  // namespace

TEST_CASE("what crashes is left, again and again, on several threads, and says by which signal") {
  CHECK(survive([] {}) == 0);
  std::thread threads[4];
  std::atomic<int> survived = 0;
  for (std::thread &thread : threads)
    thread = std::thread([&] {
      for (int i = 0; i < 50; ++i)
        if (survive([] { std::abort(); }) == SIGABRT && survive([] { write_nowhere(); }) == SIGSEGV &&
            survive([] { divide(); }) == SIGFPE && survive([] {}) == 0)
          ++survived;
    });
  for (std::thread &thread : threads) thread.join();
  CHECK(survived == 200);
}

TEST_CASE("the inner of two is left, and the outer goes on") {
  int inner = 0, after = 0;
  CHECK(survive([&] {
          inner = survive([] { write_nowhere(); });
          after = 1;
          std::abort();
        }) == SIGABRT);
  CHECK(inner == SIGSEGV);
  CHECK(after == 1);
}

TEST_CASE("a thread with a stack for signals survives that its own is used up, again and again") {
  int signal[2] = {};
  std::thread([&] {
    SignalStack stack;
    stack.use();
    for (int &one : signal)
      one = survive([] {
        volatile int depth = 0;
        recurse(&depth);
      });
  }).join();
  CHECK(signal[0] == SIGSEGV);
  CHECK(signal[1] == SIGSEGV);
}

TEST_CASE("what is not the work's fault ends the process by its signal, as it would without us") {
  prepare_to_survive();
  for (const bool is_its : {false, true}) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto not_its = [](const void *) { return false; };
      survive([](void *) { write_nowhere(); }, nullptr, is_its ? nullptr : +not_its);
      std::_Exit(7);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (is_its) CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 7));
    else CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));
  }
}
#endif
