// SPDX-License-Identifier: MIT
#include "control/features.hpp"

#include <set>
#include <string_view>

#include "control/command.hpp"
#include "control/descriptors.hpp"
#include "midi/ports.hpp"
#include "plugin/registry.hpp"
#include "plugin/registry_version.hpp"

namespace arranger {

namespace {

// Short names whose plugin is there, formats of renders, commands that old clients ask about, and what the system gives.
std::vector<std::string> find(const std::vector<std::string> &of_face) {
  std::set<std::string> out(of_face.begin(), of_face.end());
  for (const std::string &alias : type_aliases())
    if (alias == track_source_type || Registry::instance().find(plugin_id_of(alias))) out.insert(alias);
  for (const AudioFormat format : {AudioFormat::flac, AudioFormat::ogg, AudioFormat::mp3})
    if (is_available(format)) out.emplace(name_of(format));
  for (const std::string_view name : {"note_on", "note_off", "all_notes_off", "set_node_config"})
    if (find_command(name)) out.emplace(name);
  if (has_audio_library()) out.emplace("portaudio");
  if (has_system_midi()) out.emplace("midi");
#if !defined(__wasm__)
  for (const std::string_view name : {"plugin_libraries", "isolation", "files", "threads", "loudness"})
    out.emplace(name);
#endif
  return {out.begin(), out.end()};
}

}  // namespace

std::shared_ptr<const std::string> Features::json() const {
  const std::uint64_t now = registry_version();
  const std::lock_guard lock(mutex_);
  if (!json_ || found_at_ != now) {
    std::string text;
    json::write(text, find(of_face_));
    json_ = std::make_shared<const std::string>(std::move(text));
    found_at_ = now;
  }
  return json_;
}

}  // namespace arranger
