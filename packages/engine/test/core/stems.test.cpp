// SPDX-License-Identifier: MIT
// Stems: which nodes have one, the names of their files, and the buffers they are read from.
#include "render/stems.hpp"

#include "session.hpp"

using namespace arranger;
using namespace arranger::test;

namespace {

Graph mix() {
  return {
      {},
      {node("track", "track_source"), node("imp", "test.impulse"), node("n", "test.mono_noise"),
       node("half", "test.scale", {{"gain", 0.5}}), node("lfo", "test.triangle"), node("alone", "test.noise"),
       node("mixer", "test.scale")},
      {connect("track", "x", "imp", "x"), connect("imp", "audio_out", "half", "in"), connect("n", "out", "half", "in"),
       connect("half", "out", "mixer", "in"), connect("imp", "audio_out", "mixer", "in")}};
}

Error refused(const std::vector<std::string> &ids) {
  load_nodes();
  const Graph graph = mix();
  const auto resolved = resolve(graph);
  REQUIRE(resolved.has_value());
  const auto found = find_stems(*resolved, ids);
  REQUIRE(!found.has_value());
  return found.error();
}

}  // namespace

TEST_CASE("what has no audio output is no stem, and the error says what may have been meant") {
  const Error unknown = refused({"half", "haalf"});
  CHECK(unknown.code == Code::unknown_node);
  CHECK(unknown.path == "/stems/1");
  CHECK(unknown.message.find("'half'") != std::string::npos);
  const Error track = refused({"track"});
  CHECK(track.code == Code::type_mismatch);
  CHECK(track.path == "/stems/0");
  CHECK(track.message.find("'imp'") != std::string::npos);
  CHECK(refused({"lfo"}).code == Code::type_mismatch);
  CHECK(refused({"n", "half", "n"}).code == Code::duplicate_id);
}

TEST_CASE("stems have the names of their nodes, as far as a file system takes them, and no two the same") {
  const auto names = [](const std::filesystem::path &path, const std::vector<std::string> &ids) {
    std::vector<std::string> out;
    for (const auto &stem : stem_paths(path, ids)) out.push_back(stem.generic_string());
    return out;
  };
  CHECK(names("a/song.wav", {"drums", "Bass 2"}) == std::vector<std::string>{"a/song.drums.wav", "a/song.Bass 2.wav"});
  CHECK(names("song.v2.flac", {"x"}) == std::vector<std::string>{"song.v2.x.flac"});
  CHECK(names("song", {"../x", "a:b", "A?B"}) == std::vector<std::string>{"song..._x", "song.a_b", "song.A_B-2"});
}

TEST_CASE("a tap is what the node puts out, whatever the mix makes of its buffers") {
  Events notes;
  for (int i = 0; i < 20; ++i) notes.add(i * 0.01, EventKind::note_on, "track", 60, 127);
  load_nodes();
  const std::vector<std::string> ids{"imp", "n", "half", "alone"};
  for (const std::int32_t max_frames : {1, 60, 128}) {
    const Graph graph = mix();
    auto resolved = resolve(graph);
    REQUIRE(resolved.has_value());
    PlanOptions options = options_of_tests();
    options.max_frames = max_frames;
    options.offline = true;
    options.taps = find_stems(*resolved, ids).value();
    auto plan = Plan::compile(std::move(*resolved), options).value();
    SessionRenderer renderer(std::move(plan), notes, tempo_map(notes, 48000, 120), true);
    renderer.share_with(executor_of_tests());
    constexpr std::int32_t frames = 5000;
    std::vector<std::vector<float>> channels(2 + 2 * ids.size(), std::vector<float>(frames));
    std::vector<float *> taps;
    for (std::size_t i = 2; i < channels.size(); ++i) taps.push_back(channels[i].data());
    renderer.render(channels[0].data(), channels[1].data(), frames, taps.data());
    renderer.end_block();
    for (int c = 0; c < 2; ++c) {
      const auto &out = channels[std::size_t(c)], &imp = channels[std::size_t(2 + c)],
                 &n = channels[std::size_t(4 + c)], &half = channels[std::size_t(6 + c)],
                 &alone = channels[std::size_t(8 + c)];
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < frames; ++i) {
        const auto frame = static_cast<std::int64_t>(i);
        wrong += imp[i] != (i % 240 == 0 && i < 4800 ? 1.0f : 0.0f);
        wrong += n[i] != noise(frame, 0);
        wrong += half[i] != 0.5f * (imp[i] + n[i]);
        wrong += alone[i] != noise(frame, static_cast<std::uint32_t>(c));
        wrong += out[i] != half[i] + imp[i];
      }
      CHECK(wrong == 0);
    }
  }
}
