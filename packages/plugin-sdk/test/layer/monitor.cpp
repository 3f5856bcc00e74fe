// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "host.hpp"

using namespace arranger;

namespace {

// Counts its frames in a level, and shows every hundredth in a list of at most four.
class Counter final : public Plugin {
  Monitor level{*this, "level", "Level", {.max = 1000}};
  MonoOut out{*this, "out", "Out"};
  DataMonitor list{*this, "list", "List", 4, {.max = 1000}};
  int at = 0;

  void reset() override { at = 0; }
  void process(const Block &block) override {
    out.set_silent();
    for (Frame i : block) {
      static_cast<void>(i);
      if (++at % 100 == 0 && list.count() < list.capacity()) {
        list.values()[static_cast<std::size_t>(list.count())] = static_cast<float>(at);
        list.set_count(list.count() + 1);
      }
    }
    level.set(static_cast<float>(at));
  }
};

}  // namespace

TEST_CASE("a monitor shows one value, a data monitor as many as it declares") {
  Hosted<Counter> counter;
  CHECK(counter.ports[0]->value_count == 0);
  CHECK(counter.ports[1]->value_count == 0);
  CHECK(counter.ports[2]->value_count == 4);
  CHECK(counter.ports[2]->role == ARR_PORT_ROLE_MONITOR);
  CHECK(counter.ports[2]->type == ARR_PORT_TYPE_CONTROL);
}

TEST_CASE("a plugin that goes to sleep leaves zeros on its control outputs") {
  class Sleeper final : public Plugin {
    ControlOut out{*this, "out", "Out"};
    void process(const Block &) override { sleep(); }
  };
  Hosted<Sleeper> sleeper;
  std::fill(sleeper.channels[0].begin(), sleeper.channels[0].end(), 9.0f);
  CHECK(sleeper.process(300) == ARR_PROCESS_SLEEP);
  for (int i = 0; i < 300; ++i) REQUIRE(sleeper.channels[0][static_cast<std::size_t>(i)] == 0.0f);
}

TEST_CASE("the values of a data monitor stay from call to call, with their count beside them") {
  Hosted<Counter> counter;
  const std::vector<float> &list = counter.channels[2];
  counter.process(50);
  CHECK(counter.value_counts[1] == 0);
  counter.process(300);  // several blocks in one call
  CHECK(counter.value_counts[1] == 3);
  CHECK(counter.channels[0][0] == 350);
  counter.process(512);
  CHECK(counter.value_counts[1] == 4);
  CHECK(std::vector<float>(list.begin(), list.begin() + 4) == std::vector<float>{100, 200, 300, 400});
  CHECK(counter.value_counts[0] == 0);  // of the monitor of one value: nobody's business
}
