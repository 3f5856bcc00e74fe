// SPDX-License-Identifier: MIT
#include "plugin/host.hpp"

#include <cstdio>

#include "base/version.hpp"

namespace arranger {
namespace {

// Plain memory: a thread_local with a destructor would keep the addon mapped.
thread_local char reported[2048];

const void *get_extension(const arr_host *, const char *) { return nullptr; }

void report_error(const arr_host *, const char *message) {
  if (message) std::snprintf(reported, sizeof reported, "%s", message);
}

constexpr arr_host host = {
    .struct_size = sizeof(arr_host),
    .abi_major = ARR_ABI_MAJOR,
    .abi_minor = ARR_ABI_MINOR,
    .reserved = 0,
    .engine_name = engine_name,
    .engine_version = engine_version,
    .get_extension = get_extension,
    .report_error = report_error,
};

}  // namespace

const arr_host &plugin_host() { return host; }

std::string take_reported_error() {
  std::string text = reported;
  reported[0] = '\0';
  return text;
}

}  // namespace arranger
