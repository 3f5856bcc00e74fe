// SPDX-License-Identifier: MIT
// builtin.arpeggiator: plays the held notes one at a time on the beat grid.
// Step k is on beat k * rate of the song, and which note it plays is a function of k and of the notes held then. Nothing
// is counted, so it is right after every seek and loop, however the song is cut into calls.
#include <arranger/plugin.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "beat_grid.hpp"

using namespace arranger;

namespace {

constexpr int key_count = 128, channel_count = 16;
constexpr int max_held = key_count * channel_count;
constexpr int max_octaves = 4;

enum class Pattern { up, down, up_down, random, as_played };
enum class ScaleMode { off, filter, walk };

// Bit n is set when the scale has the tone n semitones above its root. In the order of the parameter's choices.
constexpr std::array<std::uint16_t, 12> scales = {
    0b101010110101,  // Major
    0b010110101101,  // Natural Minor
    0b011010101101,  // Dorian
    0b010110101011,  // Phrygian
    0b101011010101,  // Lydian
    0b011010110101,  // Mixolydian
    0b001010010101,  // Major Pentatonic
    0b010010101001,  // Minor Pentatonic
    0b010011101001,  // Blues
    0b010101010101,  // Whole Tone
    0b101101101101,  // Diminished, whole step first
    0b100110101101,  // Harmonic Minor
};

bool in_scale(int key, int scale, int root) {
  return (scales[static_cast<std::size_t>(scale)] >> ((key + 12 - root) % 12) & 1) != 0;
}

// A distance in beats as a fraction. A parameter is a float, in which a third is not a third: over a long song its steps
// would drift off the beat. What is the float nearest to a whole number of 6720ths (all divisions by 2 to 64, 3, 5 and 7,
// and their products) means that fraction.
struct Rate {
  double numerator, denominator;

  explicit Rate(float beats) : numerator(static_cast<double>(beats)), denominator(1) {
    constexpr double parts = 6720;
    const double whole = std::round(numerator * parts);
    if (static_cast<float>(whole / parts) != beats) return;
    numerator = whole;
    denominator = parts;
  }
  double beat(double steps) const { return steps * numerator / denominator; }
};

// A place in the pattern: a key, and the held note that lends it channel and velocity.
struct Tone {
  std::uint16_t held;
  std::uint8_t key;
};

class Arpeggiator final : public Plugin {
  EventIn events_in{*this,
                    "events_in",
                    "Events In",
                    {.doc = "The notes to play from, of all channels; controllers 120 and 123 let go of a channel's. "
                            "All other events pass through."}};
  EventOut events_out{*this, "events_out", "Events Out", {.doc = "One note at a time, on the channel it is held on."}};
  Param pattern{
      *this,
      "pattern",
      "Pattern",
      {.choices = {"Up", "Down", "Up-Down", "Random", "As Played"},
       .doc = "The order of the notes. Up-Down does not repeat its ends; Random is the same in every render; As "
              "Played is the order of arrival."}};
  Param rate{*this,
             "rate",
             "Rate",
             {.min = 0.0625,
              .max = 4,
              .default_value = 0.25,
              .unit = Unit::beats,
              .taper = Taper::log,
              .doc = "From one step to the next; step k is on beat k times rate of the song. While the song is stopped "
                     "steps count from the first held note, at the song's tempo."}};
  Param gate{*this,
             "gate",
             "Gate",
             {.min = 0.05, .max = 1, .default_value = 0.8, .doc = "Length of a note as a part of its step."}};
  Param octaves{*this,
                "octaves",
                "Octaves",
                {.min = 1,
                 .max = max_octaves,
                 .default_value = 1,
                 .hint = Hint::integer,
                 .doc = "How many octaves the notes are repeated over, upward; keys above 127 are left out."}};
  Param velocity{
      *this,
      "velocity",
      "Velocity",
      {.min = 0, .max = 127, .hint = Hint::integer, .doc = "Of every note; 0 = as the held note was played."}};
  Param scale_mode{*this,
                   "scale_mode",
                   "Scale Mode",
                   {.choices = {"Off", "Filter", "Walk"},
                    .doc = "Filter leaves out held notes that are not in the scale. Walk plays every tone of the scale "
                           "from the lowest to the highest held note."}};
  Param scale{*this,
              "scale",
              "Scale",
              {.choices = {"Major", "Natural Minor", "Dorian", "Phrygian", "Lydian", "Mixolydian", "Major Pentatonic",
                           "Minor Pentatonic", "Blues", "Whole Tone", "Diminished", "Harmonic Minor"},
               .doc = "For scale mode Filter and Walk."}};
  Param root{
      *this,
      "root",
      "Root",
      {.choices = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"}, .doc = "The scale's first tone."}};

  // A key that is down on a channel. Pressed twice, it is let go of twice.
  struct Held {
    std::uint8_t channel, key;
    std::uint16_t presses;
    float velocity;
  };
  std::array<Held, max_held> held_;  // in order of arrival
  int held_count_ = 0;

  std::array<Tone, max_held * max_octaves> tones_;

  // The note that was begun and not ended: the beat of its end, and the clock's frame before which it cannot end.
  struct Sounding {
    bool on = false;
    int channel = 0, key = 0;
    double end_beat = 0;
    std::int64_t earliest = 0;
  } sounding_;

  // Where beats are: on the song's frames while it plays, else counted from the first held note.
  struct Clock {
    const arr_transport *song;  // null while stopped
    double frames_per_beat;
    std::int64_t now;  // frame 0 of the block
    double near_beat;  // about that frame: where a search begins

    std::int64_t frame_of(double beat) const {
      if (song != nullptr) return song->frame_of_beat(song, beat);
      return static_cast<std::int64_t>(std::floor(beat * frames_per_beat + 0.5));
    }
  };
  bool was_playing_ = false, anchored_ = false;
  std::int64_t anchor_ = 0;     // the steady frame of beat 0 while stopped
  std::int64_t expected_ = -1;  // the clock's next frame if nothing jumps
  std::uint64_t seed_ = 0;

  void activate(const Activation &activation) override {
    seed_ = activation.seed;
    sounding_.on = false;
    reset();
  }

  // A note that sounds is ended by the next call: here nothing can be sent.
  void reset() override {
    held_count_ = 0;
    anchored_ = false;
    expected_ = -1;
  }

  void event(const EventIn &port, const arr_event &event) override {
    Plugin::event(port, event);
    const bool note = event.type >= ARR_EVENT_NOTE_ON && event.type <= ARR_EVENT_NOTE_END;
    if (!note && event.type != ARR_EVENT_POLY_PRESSURE && event.type != ARR_EVENT_EXPRESSION) events_out.send(0, event);
  }

  Held *find(int channel, int key) {
    Held *const end = held_.data() + held_count_;
    Held *const found =
        std::find_if(held_.data(), end, [=](const Held &h) { return h.channel == channel && h.key == key; });
    return found != end ? found : nullptr;
  }

  void note_on(const Note &note) override {
    Held *held = find(note.channel, note.key);
    if (held == nullptr) {
      if (note.key < 0 || note.key >= key_count || note.channel < 0 || note.channel >= channel_count) return;
      held = &held_[static_cast<std::size_t>(held_count_++)];
      *held = {static_cast<std::uint8_t>(note.channel), static_cast<std::uint8_t>(note.key), 0, 0};
    }
    ++held->presses;
    held->velocity = note.velocity;
  }

  void note_off(const Note &note) override {
    Held *held = find(note.channel, note.key);
    if (held == nullptr || --held->presses > 0) return;
    std::move(held + 1, held_.data() + held_count_, held);
    --held_count_;
  }

  void control_change(const ControlChange &change) override {
    if (change.number != 120 && change.number != 123) return;
    Held *const end = held_.data() + held_count_;
    const auto of_channel = [&](const Held &held) { return held.channel == change.channel; };
    held_count_ = static_cast<int>(std::remove_if(held_.data(), end, of_channel) - held_.data());
  }

  void process(const Block &block) override {
    const Clock clock = clock_of(block);
    const bool jumped = clock.now != expected_ || block.playing() != was_playing_;
    if (sounding_.on && (jumped || held_count_ == 0)) end_note(0);
    expected_ = clock.now + block.frames;
    was_playing_ = block.playing();
    if (held_count_ == 0 && !sounding_.on) return sleep();
    for_each_run(rate, block.frames, [&](Frame from, Frame to) { play_steps(clock, from, to); });
  }

  Clock clock_of(const Block &block) {
    const arr_transport &song = block.transport;
    const double frames_per_beat = block.sample_rate * 60 / std::max(song.bpm, 1.0);
    if (block.playing() || held_count_ == 0) anchored_ = false;
    if (block.playing())
      return {&song, frames_per_beat, block.song_frame(), song.beat + block.offset / frames_per_beat};
    if (!anchored_) anchor_ = block.steady_frame;
    anchored_ = held_count_ > 0;
    const std::int64_t now = block.steady_frame - anchor_;
    return {nullptr, frames_per_beat, now, static_cast<double>(now) / frames_per_beat};
  }

  void play_steps(const Clock &clock, Frame from, Frame to) {
    const Rate step(rate[from]);
    const auto frame_of = [&](std::int64_t k) { return clock.frame_of(step.beat(static_cast<double>(k))); };
    for (std::int64_t k = first_point(clock.now + from, clock.near_beat / step.beat(1), frame_of);; ++k) {
      const std::int64_t frame = frame_of(k) - clock.now;
      if (frame >= to) break;
      end_note_until(clock, static_cast<Frame>(frame));
      if (held_count_ > 0) play_step(clock, static_cast<Frame>(frame), k, step);
    }
    end_note_until(clock, to - 1);
  }

  void play_step(const Clock &clock, Frame frame, std::int64_t k, const Rate &step) {
    const int count = collect_tones(frame);
    if (count == 0) return;
    if (sounding_.on) end_note(frame);
    if (sounding_.on) return;  // its end could not be sent: one note at a time
    const Tone &tone = tones_[static_cast<std::size_t>(index_of(k, count, frame))];
    const Held &held = held_[tone.held];
    const auto fixed = static_cast<float>(std::lround(velocity[frame])) / 127.0f;
    if (!events_out.note_on(frame, held.channel, tone.key, fixed > 0 ? fixed : held.velocity)) return;
    const double end_beat = step.beat(static_cast<double>(k) + static_cast<double>(gate[frame]));
    sounding_ = {true, held.channel, tone.key, end_beat, clock.now + frame + 1};
  }

  void end_note(Frame frame) { sounding_.on = !events_out.note_off(frame, sounding_.channel, sounding_.key); }

  // Ends the note if its time comes at `last` or before.
  void end_note_until(const Clock &clock, Frame last) {
    if (!sounding_.on) return;
    const std::int64_t due = std::max(clock.frame_of(sounding_.end_beat), sounding_.earliest) - clock.now;
    if (due <= last) end_note(static_cast<Frame>(std::max<std::int64_t>(due, 0)));
  }

  // Which tone of `count` step k plays.
  int index_of(std::int64_t k, int count, Frame frame) const {
    const int place = static_cast<int>(k % count);
    const int period = std::max(1, 2 * count - 2);
    const int there_and_back = static_cast<int>(k % period);
    switch (static_cast<Pattern>(choice(pattern, frame))) {
      case Pattern::down:
        return count - 1 - place;
      case Pattern::up_down:
        return std::min(there_and_back, period - there_and_back);
      case Pattern::random:
        return static_cast<int>(dsp::Random(seed_ + static_cast<std::uint64_t>(k) * 0x9e3779b97f4a7c15u)
                                    .below(static_cast<std::uint32_t>(count)));
      default:
        return place;
    }
  }

  static int choice(const Param &param, Frame frame) { return static_cast<int>(std::lround(param[frame])); }

  // Fills tones_ from low to high, or in the order of arrival, octave after octave.
  int collect_tones(Frame frame) {
    const auto mode = static_cast<ScaleMode>(choice(scale_mode, frame));
    const int of_scale = choice(scale, frame), from_root = choice(root, frame);
    const bool by_arrival = static_cast<Pattern>(choice(pattern, frame)) == Pattern::as_played;
    int count = 0;
    if (mode == ScaleMode::walk) {
      count = walk(of_scale, from_root, by_arrival);
    } else {
      for (int i = 0; i < held_count_; ++i) {
        const int key = held_[static_cast<std::size_t>(i)].key;
        if (mode == ScaleMode::off || in_scale(key, of_scale, from_root)) count = add_tone(count, i, key);
      }
      if (!by_arrival)
        std::sort(tones_.begin(), tones_.begin() + count, [this](const Tone &a, const Tone &b) {
          return a.key != b.key ? a.key < b.key : held_[a.held].channel < held_[b.held].channel;
        });
    }
    const int once = count;
    for (int octave = 1; octave < choice(octaves, frame); ++octave)
      for (int i = 0; i < once; ++i) {
        const Tone tone = tones_[static_cast<std::size_t>(i)];
        if (tone.key + 12 * octave < key_count) count = add_tone(count, tone.held, tone.key + 12 * octave);
      }
    return count;
  }

  int add_tone(int count, int held, int key) {
    tones_[static_cast<std::size_t>(count)] = {static_cast<std::uint16_t>(held), static_cast<std::uint8_t>(key)};
    return count + 1;
  }

  // The tones of the scale from the lowest to the highest held note, each with channel and velocity of the held note at or
  // below it. As Played begins at whichever of the two came first.
  int walk(int of_scale, int from_root, bool by_arrival) {
    std::array<int, key_count> held_at;  // by key, the held note that came last
    held_at.fill(-1);
    int lowest = 0, highest = 0;
    for (int i = 0; i < held_count_; ++i) {
      const auto key_of = [this](int index) { return held_[static_cast<std::size_t>(index)].key; };
      held_at[key_of(i)] = i;
      if (key_of(i) < key_of(lowest)) lowest = i;
      if (key_of(i) > key_of(highest)) highest = i;
    }
    int count = 0, below = lowest;
    const int top = held_[static_cast<std::size_t>(highest)].key;
    for (int key = held_[static_cast<std::size_t>(lowest)].key; key <= top; ++key) {
      if (held_at[static_cast<std::size_t>(key)] >= 0) below = held_at[static_cast<std::size_t>(key)];
      if (in_scale(key, of_scale, from_root)) count = add_tone(count, below, key);
    }
    if (by_arrival && highest < lowest) std::reverse(tones_.begin(), tones_.begin() + count);
    return count;
  }
};

}  // namespace

ARRANGER_PLUGIN(Arpeggiator, {.id = "builtin.arpeggiator",
                              .name = "Arpeggiator",
                              .category = Category::event_effect,
                              .version = 1,
                              .doc = "Plays held notes one at a time, on the beat grid of the song.",
                              .author = "Arranger",
                              .preserves_finite = true})
