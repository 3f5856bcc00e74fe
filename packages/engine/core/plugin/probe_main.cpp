// SPDX-License-Identifier: MIT
// arranger-probe: opens libraries, registers each twice, makes an instance of each of its plugins, closes it, and says
// over a pipe how far it came. Whatever a library does, it does it to this process.
//
// Argument: a file that lists the libraries (probe_report.hpp); on Windows the pipe's handle stands before it.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/child_side.hpp"
#include "base/file.hpp"
#include "plugin/guard.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"
#include "plugin/probe_report.hpp"

#if defined(_WIN32)
#include "base/windows.hpp"
// After windows.h.
#include <shellapi.h>
#else
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif
#endif

namespace arranger {
namespace {

// Ends the process in any case, should the engine be gone; on Windows the engine's job takes this process with it.
void begin_limit() {
#if !defined(_WIN32)
  ::alarm(10);
#endif
}

void say(std::string_view word, const std::string &text) {
  report_line(std::string(word) + (text.empty() ? "" : " ") + text);
}

[[noreturn]] void refuse(const Error &error) {
  say(probe_report::refused, std::string(info(error.code).name) + " " + error.message);
  leave_child(0);
}

void enter(const std::string &text) {
  begin_limit();
  say(probe_report::phase, text);
}

void enter(std::string_view function, const std::string &id) { enter(std::string(function) + " of " + id); }

std::vector<PluginClass> register_plugins(const Module &module, const std::string &name) {
  auto plugins = collect_plugins(module, name);
  if (!plugins) refuse(plugins.error());
  return std::move(*plugins);
}

// Creates, activates and destroys. That it does not work is no reason to refuse the library: it may need a file.
void live(const PluginClass &plugin) {
  const std::string &id = plugin.descriptor.id;
  enter("create", id);
  const auto instance = guard::create(*plugin.factory, plugin_host(), id);
  if (!instance) return;
  enter("ports", id);
  (void)guard::ports(**instance, id);
  enter("activate", id);
  arr_activation activation = {};
  activation.struct_size = sizeof activation;
  activation.max_frames = 128;
  activation.sample_rate = 48000;
  if (guard::activate(**instance, activation, id)) {
    enter("reset", id);
    (void)guard::reset(**instance, id);
    enter("deactivate", id);
    (void)guard::deactivate(**instance, id);
  }
  enter("destroy", id);
  (void)guard::destroy(**instance, id);
}

// Name, file, folder, dependencies.
void probe(std::span<const std::string> library) {
  const std::string &name = library[0];
  const std::filesystem::path file = from_utf8(library[1]);
  std::vector<std::filesystem::path> dependencies;
  for (const std::string &dependency : library.subspan(3)) dependencies.push_back(from_utf8(dependency));
  enter(std::string(probe_report::open));
  auto module = Module::open(file, from_utf8(library[2]), dependencies, name);
  if (!module) refuse(module.error());
  enter(std::string(probe_report::register_plugin));
  const auto plugins = register_plugins(*module, name);
  const auto id_of = [](const PluginClass &plugin) -> const std::string & { return plugin.descriptor.id; };
  if (!std::ranges::equal(plugins, register_plugins(*module, name), {}, id_of, id_of))
    refuse({Code::plugin_load_failed, name + " adds other plugins when it is registered a second time"});
  for (const PluginClass &plugin : plugins) live(plugin);
  enter(std::string(probe_report::close));
  module->close();
  if (Module::is_mapped(file)) {
    refuse({Code::plugin_load_failed,
            name + " stays in memory when it is closed, so that a new build could not take its place; it has a "
                   "thread_local with a destructor, which should be a member of the plugin, or unique symbols, which "
                   "-fno-gnu-unique and an export list avoid"});
  }
  say(probe_report::passed, {});
}

[[noreturn]] void probe_all(const std::filesystem::path &list) {
  const auto bytes = read_file(list);
  if (!bytes) leave_child(2);
  std::vector<std::string> fields(1);
  for (const std::byte byte : *bytes) {
    const char c = static_cast<char>(byte);
    if (c != '\0') {
      fields.back() += c;
    } else if (!fields.back().empty()) {
      fields.emplace_back();
    } else {
      probe(std::span(fields).first(fields.size() - 1));
      fields.assign(1, {});
    }
  }
  say(probe_report::done, {});
  leave_child(0);
}

}  // namespace
}  // namespace arranger

namespace {

int probe(std::vector<std::string> arguments) {
  arranger::begin_as_child(arguments);
#if defined(__linux__)
  ::prctl(PR_SET_DUMPABLE, 0);  // no core through a pipe either
#endif
  if (arguments.size() != 1) return 2;
  arranger::probe_all(arranger::from_utf8(arguments[0]));
}

}  // namespace

#if defined(_WIN32)

int main() {
  int count = 0;
  wchar_t **const wide = ::CommandLineToArgvW(::GetCommandLineW(), &count);
  std::vector<std::string> arguments;
  for (int i = 1; wide && i < count; ++i) arguments.push_back(arranger::to_utf8(std::filesystem::path(wide[i])));
  return probe(std::move(arguments));
}

#else

int main(int count, char **values) { return probe(std::vector<std::string>(values + 1, values + count)); }

#endif
