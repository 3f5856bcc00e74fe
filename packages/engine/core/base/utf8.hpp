// SPDX-License-Identifier: MIT
// Text that comes from outside: plugins and clients promise UTF-8 and do not always keep it.
#pragma once

#include <string>
#include <string_view>

namespace arranger {

// Well-formed, without overlong forms and surrogates (Unicode 15, table 3-7). Any thread.
bool is_utf8(std::string_view text);

// The text, with every byte that is not ASCII replaced by '?' where the whole is not well-formed: for messages. Any
// thread.
std::string as_utf8(std::string text);

}  // namespace arranger
