// SPDX-License-Identifier: MIT
#include <dlfcn.h>

#include <filesystem>
#include <stdexcept>

#include "harness.hpp"
#include "host.hpp"

namespace harness {

std::string &last_error() {
  static std::string text;
  return text;
}

const arr_host &host() {
  static const arr_host instance = [] {
    arr_host h{};
    h.struct_size = sizeof h;
    h.abi_major = ARR_ABI_MAJOR;
    h.abi_minor = ARR_ABI_MINOR;
    h.engine_name = "test";
    h.engine_version = "0";
    h.get_extension = [](const arr_host *, const char *) -> const void * { return nullptr; };
    h.report_error = [](const arr_host *, const char *message) { last_error() = message; };
    return h;
  }();
  return instance;
}

namespace {

std::string path_of(const std::string &name, const std::string &level) {
  const std::filesystem::path directory = ARRANGER_TEST_PLUGIN_DIRECTORY;
  return (directory / level / (name + ARRANGER_TEST_PLUGIN_SUFFIX)).string();
}

}  // namespace

Library::Library(const std::string &name, const std::string &level) {
  const std::string path = path_of(name, level);
  handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) throw std::runtime_error(dlerror());
  using Entry = arr_status(arr_registry *);
  auto *entry = reinterpret_cast<Entry *>(dlsym(handle_, "register_plugin"));
  if (entry == nullptr) throw std::runtime_error(path + " has no register_plugin");
  struct Registry {
    arr_registry base{};
    Library *library;
  } registry;
  registry.library = this;
  registry.base.struct_size = sizeof(arr_registry);
  registry.base.host = &host();
  registry.base.add = [](arr_registry *base, const arr_descriptor *descriptor,
                         const arr_factory *factory) -> arr_status {
    Library &library = *reinterpret_cast<Registry *>(base)->library;
    library.id = descriptor->id;
    library.preserves_finite = descriptor->preserves_finite != 0;
    library.in_place = descriptor->in_place != 0;
    library.factory_ = factory;
    return ARR_STATUS_OK;
  };
  if (entry(&registry.base) != ARR_STATUS_OK || factory_ == nullptr)
    throw std::runtime_error(path + " did not register");
}

Library::~Library() { dlclose(handle_); }

bool Library::has_level(const std::string &name, const std::string &level) {
#if defined(__x86_64__)
  if (level == "x86-64-v3" && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) return false;
#endif
  return std::filesystem::exists(path_of(name, level));
}

}  // namespace harness
