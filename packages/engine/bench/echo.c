// SPDX-License-Identifier: MIT
// The least that a server can do: sends each message back as it came. What arranger-server is measured against.
//   arranger-echo ADDRESS
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { most = 1 << 16 };

static int read_all(int socket, char *to, size_t count) {
  while (count > 0) {
    const ssize_t got = read(socket, to, count);
    if (got <= 0) return 0;
    to += got;
    count -= (size_t)got;
  }
  return 1;
}

int main(int count, char **arguments) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (count != 2 || strlen(arguments[1]) >= sizeof address.sun_path) return 2;
  strcpy(address.sun_path, arguments[1]);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0) {
    perror(arguments[1]);
    return 1;
  }
  printf("listening on %s\n", arguments[1]);
  fflush(stdout);
  const int client = accept(listener, NULL, NULL);
  static char message[4 + most];
  while (read_all(client, message, 4)) {
    uint32_t length;
    memcpy(&length, message, 4);
    if (length > most || !read_all(client, message + 4, length)) break;
    if (write(client, message, 4 + length) != (ssize_t)(4 + length)) break;
  }
  unlink(arguments[1]);
  return 0;
}
