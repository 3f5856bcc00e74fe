// SPDX-License-Identifier: MIT
// A check: one promise of the ABI, and how it is found broken.
#pragma once

#include <span>
#include <string>

#include "subject.hpp"

namespace arranger::validate {

struct Check {
  enum class Scope { library, plugin };

  const char *name;
  Scope scope;
  const char *what;    // the promise, one sentence
  const char *remedy;  // what to do when it is broken, one sentence
  // Why it does not apply to this plugin; empty when it does. Null: it always does.
  std::string (*not_applicable)(const Subject &);
  // Error: how the promise is broken.
  Result<void> (*run)(const Subject &);
  // The check without which this one means nothing: where that fails, this one is not run. Null: none.
  const char *rests_on = nullptr;
};

// In the order in which they are run and told. The first two say whether the others can be run at all.
std::span<const Check> all_checks();
const Check *find_check(std::string_view name);

// The error of a check, whatever the code: only its message is told.
inline std::unexpected<Error> broken(std::string message) { return fail(Code::plugin_failed, std::move(message)); }

// Each family has a file.
std::span<const Check> library_checks();
std::span<const Check> descriptor_checks();
std::span<const Check> life_checks();
std::span<const Check> block_checks();
std::span<const Check> number_checks();
std::span<const Check> silence_checks();
std::span<const Check> time_checks();
std::span<const Check> note_checks();
std::span<const Check> repeat_checks();
std::span<const Check> memory_checks();
std::span<const Check> real_time_checks();

// What several of them ask.
std::string needs_audio_output(const Subject &subject);
std::string needs_output(const Subject &subject);
std::string needs_parameters(const Subject &subject);

}  // namespace arranger::validate
