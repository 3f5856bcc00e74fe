// SPDX-License-Identifier: MIT
// Round trips of one request to two servers in turn, so that both meet the machine in the same mood.
//   arranger-round-trip ADDRESS ADDRESS [ROUNDS]
// Prints, for each address, the median and the 99th percentile in microseconds.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { trips = 250, most = 1 << 16 };  // trips to one server before it is the other's turn

static const char request[] = "{\"cmd\":\"ping\",\"id\":\"01234567890123456789012345678901234567\"}";  // 60 bytes

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) die(path);
  strcpy(address.sun_path, path);
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(server, (struct sockaddr *)&address, sizeof address) != 0) die(path);
  return server;
}

static void round_trip(int server) {
  static char message[4 + most];
  const uint32_t length = sizeof request - 1;
  memcpy(message, &length, 4);
  memcpy(message + 4, request, length);
  if (write(server, message, 4 + length) != 4 + length) die("write");
  size_t got = 0, whole = 4;
  while (got < whole) {
    const ssize_t more = read(server, message + got, sizeof message - got);
    if (more <= 0) die("read");
    got += (size_t)more;
    if (got >= 4) {
      uint32_t announced;
      memcpy(&announced, message, 4);
      if (announced > most) die("the reply's length");
      whole = 4 + (size_t)announced;
    }
  }
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int ascending(const void *one, const void *other) {
  const double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  const int rounds = count > 3 ? atoi(arguments[3]) : 200;
  if (rounds < 1) return 2;
  const int servers[2] = {connect_to(arguments[1]), connect_to(arguments[2])};
  const size_t all = (size_t)rounds * trips;
  double *times[2] = {malloc(all * sizeof(double)), malloc(all * sizeof(double))};
  if (!times[0] || !times[1]) die("malloc");
  for (int round = -1; round < rounds; ++round) {  // the first warms up
    for (int which = 0; which < 2; ++which) {
      for (int trip = 0; trip < trips; ++trip) {
        const double began = microseconds();
        round_trip(servers[which]);
        if (round >= 0) times[which][(size_t)round * trips + (size_t)trip] = microseconds() - began;
      }
    }
  }
  for (int which = 0; which < 2; ++which) {
    qsort(times[which], all, sizeof(double), ascending);
    printf("%.3f %.3f\n", times[which][all / 2], times[which][all * 99 / 100]);
  }
  return 0;
}
