// SPDX-License-Identifier: MIT
// An offline render that comes to an end although a plugin does not.
#pragma once

#include "render/offline.hpp"

namespace arranger {

// As render_offline, but on a thread of its own, which is left behind with all that it needs when a plugin does not return
// from process for 10 s, or for a second once the render is cancelled. Nothing of the caller's is touched after that.
// Errors: plugin_timeout, which names the node, and as of render_offline. [control]
Result<RenderResult> render_watched(const RenderSource &source, const RenderRequest &request,
                                    const std::atomic<bool> &cancelled,
                                    const std::function<void(RenderProgress)> &progress);

}  // namespace arranger
