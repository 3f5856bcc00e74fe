// SPDX-License-Identifier: MIT
// Runs a program and prints what it took as JSON: seconds of the processor, of the clock, and the greatest resident size.
// What the program itself prints goes to the standard error.
//   measure PROGRAM ARGUMENTS...
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace {
double seconds(const timeval &time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}
double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}
}  // namespace

int main(int count, char **words) {
  if (count < 2) return 2;
  const double began = now();
  const pid_t child = fork();
  if (child == 0) {
    dup2(2, 1);
    execvp(words[1], words + 1);
    std::perror(words[1]);
    _exit(127);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || wait4(child, &status, 0, &used) != child) return 3;
  std::printf("{\"cpu\":%.6f,\"wall\":%.6f,\"maxRssBytes\":%ld}\n", seconds(used.ru_utime) + seconds(used.ru_stime),
              now() - began, used.ru_maxrss * 1024);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
