// SPDX-License-Identifier: MIT
// What loading costs: 200 libraries that nobody has seen (cold: each is probed), the same 200 in the next process (warm:
// the verdicts are on disk), and one library beside a bare dlopen of it. Each run is a process of its own, which checks
// that every plugin is there and makes an instance. Medians; --json for machines. Ends with 1 where a limit is missed.
#include <dlfcn.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/own_path.hpp"
#include "base/private_directory.hpp"
#include "plugin/instance.hpp"

using namespace arranger;

namespace {

namespace fs = std::filesystem;

constexpr int library_count = 200, rounds = 9;
constexpr double cold_limit_ms = 1000, warm_limit_ms = 100, most_dlopens = 3;

[[noreturn]] void give_up(const std::string &why) {
  std::fprintf(stderr, "loading bench: %s\n", why.c_str());
  std::exit(2);
}

double milliseconds(const std::function<void()> &work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// Of this process alone.
double processor_milliseconds(const std::function<void()> &work) {
  const auto now = [] {
    timespec time = {};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
  };
  const double start = now();
  work();
  return now() - start;
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

// As long as "test.gain", so that it takes its place in the file.
std::string id_of(int index) {
  std::string id = "bench.aaa";
  for (auto letter = id.rbegin(); index > 0; ++letter, index /= 26) *letter = static_cast<char>('a' + index % 26);
  return id;
}

// Copies of one library that differ in the id of their plugin, and so in content.
void make_libraries(const fs::path &folder) {
  const auto original = read_file(own_path().parent_path() / "fixtures" / "test_gain.so");
  if (!original) give_up("fixtures/test_gain.so: " + original.error().message);
  const std::string_view old_id("test.gain", sizeof "test.gain");
  for (int i = 0; i < library_count; ++i) {
    std::string content(reinterpret_cast<const char *>(original->data()), original->size());
    for (std::size_t at; (at = content.find(old_id)) != std::string::npos;)
      content.replace(at, old_id.size() - 1, id_of(i));
    std::ofstream(folder / (id_of(i) + ".so"), std::ios::binary) << content;
  }
}

void check_plugin(const Registry &registry, const std::string &id) {
  const auto entry = registry.find(id);
  if (!entry) give_up(id + " is missing");
  const auto instance = Instance::create(entry, {});
  if (!instance) give_up(instance.error().message);
  if (const auto done = (*instance)->activate(48000, 128, true, 1); !done) give_up(done.error().message);
}

double load_all(const fs::path &folder) {
  Registry &registry = Registry::instance();
  LoadReport report;
  const double taken = milliseconds([&] { report = registry.load_many(std::span(&folder, 1)); });
  for (const FailedLoad &library : report.failed) give_up(library.error.message);
  if (report.libraries.size() != library_count) give_up("some libraries are missing");
  for (int i = 0; i < library_count; ++i) check_plugin(registry, id_of(i));
  return taken;
}

// One library by itself, in turns with others that are only opened. Medians of the
// processor's time, in milliseconds: what others do on the machine counts less.
struct One {
  double load, open;
};
One load_each(const fs::path &folder) {
  std::vector<double> loads, opens;
  for (int i = 0; i < library_count; ++i) {
    const fs::path path = folder / (id_of(i) + ".so");
    std::vector<double> &times = i % 2 == 0 ? loads : opens;
    times.push_back(processor_milliseconds([&] {
      if (i % 2 == 1) {
        if (!::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) give_up(::dlerror());
      } else if (const auto loaded = Registry::instance().load(path); !loaded) {
        give_up(loaded.error().message);
      }
    }));
  }
  return {median(loads), median(opens)};
}

// The program itself, with what it prints: one or two numbers.
std::vector<double> run(const std::string &what, const fs::path &folder) {
  const std::string line = "'" + own_path().string() + "' " + what + " '" + folder.string() + "'";
  std::FILE *child = ::popen(line.c_str(), "r");
  std::vector<double> numbers;
  double number = 0;
  while (child && std::fscanf(child, "%lf", &number) == 1) numbers.push_back(number);
  if (!child || ::pclose(child) != 0 || numbers.empty()) give_up("the run '" + what + "' failed");
  return numbers;
}

struct Figures {
  double cold_ms, warm_ms, one_cold_ms, one_warm_ms, dlopen_ms;
  double times() const { return one_warm_ms / dlopen_ms; }
  double cold_times() const { return one_cold_ms / dlopen_ms; }
  bool holds() const { return cold_ms < cold_limit_ms && warm_ms < warm_limit_ms && times() <= most_dlopens; }
};

Figures measure(const fs::path &folder) {
  std::vector<double> cold, warm, one_cold, one_warm, open;
  const auto forget = [&folder] { fs::remove_all(folder / "cache"); };
  for (int round = 0; round < rounds; ++round) {
    forget();
    one_cold.push_back(run("each", folder)[0]);
    forget();
    cold.push_back(run("all", folder)[0]);
    warm.push_back(run("all", folder)[0]);
    const auto one = run("each", folder);
    one_warm.push_back(one[0]);
    open.push_back(one[1]);
  }
  return {median(cold), median(warm), median(one_cold), median(one_warm), median(open)};
}

int bench(bool json) {
  const fs::path folder = fs::temp_directory_path() / private_name("loading-bench");
  fs::create_directory(folder);
  ::setenv("ARRANGER_CACHE_DIR", (folder / "cache").c_str(), 1);
  make_libraries(folder);
  const Figures figures = measure(folder);
  fs::remove_all(folder);
  const char *const holds = figures.holds() ? "true" : "false";
  if (json) {
    std::printf(
        "{\"libraries\":%d,\"cold_ms\":%.2f,\"warm_ms\":%.2f,\"one_cold_ms\":%.4f,\"one_warm_ms\":%.4f,"
        "\"dlopen_ms\":%.4f,\"holds\":%s}\n",
        library_count, figures.cold_ms, figures.warm_ms, figures.one_cold_ms, figures.one_warm_ms, figures.dlopen_ms,
        holds);
  } else {
    std::printf("%d libraries: cold %.1f ms, warm %.1f ms\n", library_count, figures.cold_ms, figures.warm_ms);
    std::printf(
        "one library, processor time besides the probe: dlopen %.3f ms; warm %.3f ms, %.2f times that; cold %.3f "
        "ms, %.2f times\n",
        figures.dlopen_ms, figures.one_warm_ms, figures.times(), figures.one_cold_ms, figures.cold_times());
    std::printf("limits (cold %.0f ms, warm %.0f ms, warm %.0f times) hold: %s\n", cold_limit_ms, warm_limit_ms,
                most_dlopens, holds);
  }
  return figures.holds() ? 0 : 1;
}

}  // namespace

int main(int count, char **values) {
  const std::string_view what = count > 1 ? values[1] : "";
  if (what == "all" && count == 3) {
    std::printf("%f\n", load_all(values[2]));
  } else if (what == "each" && count == 3) {
    const One one = load_each(values[2]);
    std::printf("%f %f\n", one.load, one.open);
  } else if (count == 1 || what == "--json") {
    return bench(what == "--json");
  } else {
    std::fputs("usage: arranger-loading-bench [--json]\n", stderr);
    return 2;
  }
  return 0;
}
