// SPDX-License-Identifier: MIT
// What a plain C++ plugin throws, as text: for the few files that are compiled with exceptions.
#pragma once

#include <exception>

namespace arranger {

// Runs the work; what it throws ends there and is given to `thrown`, in its words, or null where it is no std::exception. Where
// nothing can be thrown (a WebAssembly module has no exceptions) the work simply runs.
template <class Work, class Thrown>
void catching(Work &&work, Thrown &&thrown) {
#if defined(__wasm__)
  static_cast<void>(thrown);
  work();
#else
  try {
    work();
  } catch (const std::exception &exception) {
    thrown(exception.what());
  } catch (...) {
    thrown(nullptr);
  }
#endif
}

}  // namespace arranger
