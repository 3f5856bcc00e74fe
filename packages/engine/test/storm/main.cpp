// SPDX-License-Identifier: MIT
// A storm of commands from many threads on one engine that plays, in small blocks, against a clock:
//   arranger-storm [--commands N] [--threads T] [--seed S] [--json] [--print] [--fault KIND] [--library FILE]
//                  [--soundfont FILE] [--sample FILE, which is written]
// Nine tenths are anything that a client may do. Then the graph is set to what all graphs had in common, and in the last
// tenth nobody edits it: what is in force afterwards must be what was accepted. `--print` writes the commands instead, for
// a storm through another face: the client's number before each, a line `storm` where clients may run beside each other, a line
// `calm` and the graph before the last tenth. `--fault` has a plugin do on the audio thread what is forbidden: 1 allocates, 2 locks, 3 sleeps, 4 writes. A watchman must tell; without
// one the program says that nobody did.
#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/format.hpp"
#include "commands.hpp"
#include "judge.hpp"

namespace arranger::storm {
namespace {

struct Options {
  int commands = 5000, threads = 4, fault = 0;
  unsigned seed = 1;
  bool json = false, print = false;
  Files files = {.library = ARRANGER_STORM_LIBRARY, .soundfont = {}, .sample = {}};
};

std::optional<Options> read(int count, char **words) {
  Options out;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const char *value = i + 1 < count ? words[i + 1] : nullptr;
    if (word == "--json") out.json = true;
    else if (word == "--print") out.print = true;
    else if (!value) return std::nullopt;
    else if (word == "--commands") out.commands = std::atoi(words[++i]);
    else if (word == "--threads") out.threads = std::atoi(words[++i]);
    else if (word == "--seed") out.seed = static_cast<unsigned>(std::atoi(words[++i]));
    else if (word == "--fault") out.fault = std::atoi(words[++i]);
    else if (word == "--library") out.files.library = words[++i];
    else if (word == "--soundfont") out.files.soundfont = words[++i];
    else if (word == "--sample") out.files.sample = words[++i];
    else return std::nullopt;
  }
  if (out.commands < out.threads || out.threads < 1) return std::nullopt;
  return out;
}

std::vector<Client> clients_of(const Options &options) {
  std::vector<Client> out;
  for (int k = 0; k < options.threads; ++k) out.emplace_back(options.seed, k, options.threads, options.files);
  return out;
}

int print(const Options &options) {
  std::vector<Client> clients = clients_of(options);
  const auto line = [](std::size_t client, const std::string &text) { std::printf("%zu %s\n", client, text.c_str()); };
  const int settled = options.commands / 10;
  for (const std::string &text : prelude(options.threads, options.files)) line(0, text);
  std::printf("storm\n");
  for (int i = 0; i < options.commands; ++i) {
    if (i == options.commands - settled)
      std::printf("calm\n0 %s\n", calm_graph(options.threads, options.files).c_str());
    const auto k = static_cast<std::size_t>(i % options.threads);
    line(k, i < options.commands - settled ? clients[k].next() : clients[k].next_settled());
  }
  for (std::size_t k = 0; k < clients.size(); ++k)
    for (const std::string &text : clients[k].last_notes()) line(k, text);
  return 0;
}

int plant_fault(const Options &options) {
  ServerHandler handler({.sample_rate = 48000, .block_size = 64, .output_device = {}});
  Judge judge(handler);
  judge.send(format(R"({"cmd":"load_plugin","path":"{}"})", ARRANGER_STORM_BLOCKS));
  judge.send(format(R"({"cmd":"set_graph","nodes":[{"id":"mixer","type":"test.blocks","params":{"kind":{}}}]})",
                    options.fault));
  judge.send(R"({"cmd":"play"})");
  while (judge.number(R"({"cmd":"get_stats"})", "/blocks").value_or(0) < 20) std::this_thread::yield();
  std::printf("nobody saw the fault\n");
  return judge.tally.wrong == 0 ? 0 : 1;
}

void report(const Options &options, const Tally &all, double seconds, std::uint64_t events, Judge &judge) {
  const auto stat = [&](const char *name) {
    return judge.number(R"({"cmd":"get_stats"})", std::string("/") + name).value_or(-1);
  };
  std::string refused;
  for (const auto &[code, count] : all.refused)
    refused += format(R"({}"{}":{})", refused.empty() ? "" : ",", code, count);
  if (options.json) {
    std::printf("%s\n", format(R"({"commands":{},"ok":{},"busy":{},"refused":{{}},"wrong":{},"events":{},"seconds":{},)"
                               R"("blocks":{},"xruns":{},"most_messages":{}})",
                               all.sent(), all.ok, all.busy, refused, all.wrong, events, seconds, stat("blocks"),
                               stat("xruns"), stat("most_messages"))
                            .c_str());
    return;
  }
  std::printf("%s\n", format("{} commands of {} threads in {} s: {} ok, {} busy, refused {{}}, {} wrong; {} events; {} "
                             "blocks, {} late, at most {} messages waiting",
                             all.sent(), options.threads, std::round(10 * seconds) / 10, all.ok, all.busy, refused,
                             all.wrong, events, stat("blocks"), stat("xruns"), stat("most_messages"))
                          .c_str());
}

int storm(const Options &options) {
  ServerHandler handler({.sample_rate = 48000, .block_size = 64, .output_device = {}});
  std::atomic<std::uint64_t> events = 0;
  handler.listen([&](std::string) { ++events; });
  Judge judge(handler);
  for (const std::string &request : prelude(options.threads, options.files)) judge.send(request);

  const auto began = std::chrono::steady_clock::now();
  std::vector<Client> clients = clients_of(options);
  std::vector<Judge> judges;
  for (int k = 0; k < options.threads; ++k) judges.emplace_back(handler);
  std::barrier calm(options.threads, [&]() noexcept { judge.insist(calm_graph(options.threads, options.files)); });
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < clients.size(); ++k)
    threads.emplace_back([&, k] {
      const int count = options.commands / options.threads, settled = count / 10;
      const auto send = [&judge = judges[k]](const std::string &request) {
        if (is_note_off(request)) judge.insist(request);
        else judge.send(request);
      };
      for (int i = 0; i < count - settled; ++i) send(clients[k].next());
      calm.arrive_and_wait();
      for (int i = 0; i < settled; ++i) send(clients[k].next_settled());
      for (const std::string &request : clients[k].last_notes()) send(request);
    });
  for (std::thread &thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

  std::vector<std::optional<double>> own;
  for (Judge &each : judges) {
    own.push_back(each.tally.own);
    judge.tally.add(each.tally);
  }
  judge.check_parameters(own);
  judge.check_notes();
  judge.check_stats();
  report(options, judge.tally, seconds, events, judge);
  handler.listen({});
  return judge.tally.wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace arranger::storm

int main(int count, char **words) {
  const auto options = arranger::storm::read(count, words);
  if (!options) {
    std::fprintf(stderr, "Usage: see the top of test/storm/main.cpp\n");
    return 2;
  }
  if (options->fault != 0) return arranger::storm::plant_fault(*options);
  return options->print ? arranger::storm::print(*options) : arranger::storm::storm(*options);
}
