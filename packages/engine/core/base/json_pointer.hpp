// SPDX-License-Identifier: MIT
// Places in a request, as RFC 6901 writes them.
#pragma once

#include <string>
#include <string_view>

namespace arranger {

// A key as it stands between the slashes of a JSON Pointer.
inline std::string pointer_token(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  return out;
}

}  // namespace arranger
