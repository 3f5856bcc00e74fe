// SPDX-License-Identifier: MIT
#include "check.hpp"

#include <algorithm>
#include <vector>

#include "music.hpp"

namespace arranger::validate {

std::span<const Check> all_checks() {
  static const std::vector<Check> all = [] {
    std::vector<Check> joined;
    for (const auto &family :
         {library_checks(), descriptor_checks(), life_checks(), block_checks(), number_checks(), silence_checks(),
          time_checks(), note_checks(), repeat_checks(), memory_checks(), real_time_checks()})
      joined.insert(joined.end(), family.begin(), family.end());
    std::ranges::stable_partition(joined, [](const Check &check) { return check.scope == Check::Scope::library; });
    return joined;
  }();
  return all;
}

const Check *find_check(std::string_view name) {
  const auto found = std::ranges::find_if(all_checks(), [&](const Check &check) { return check.name == name; });
  return found == all_checks().end() ? nullptr : &*found;
}

std::string needs_audio_output(const Subject &subject) {
  return has_audio_output(subject.ports()) ? "" : "it has no audio output";
}

std::string needs_output(const Subject &subject) {
  const bool any =
      std::ranges::any_of(subject.ports(), [](const Port &port) { return port.role == ARR_PORT_ROLE_OUTPUT; });
  return any ? "" : "it has no output";
}

std::string needs_parameters(const Subject &subject) {
  return has_parameter(subject.ports()) ? needs_output(subject) : "it has no parameter";
}

}  // namespace arranger::validate
