/* SPDX-License-Identifier: MIT
 * My Plugin: eight voices, each a triangle wave that fades in and out. */
#include <arranger/plugin.h>

#include <stdlib.h>
#include <string.h>

/* Ports in the order of `ports`; `channels` in process has two pointers for the stereo port and one for each parameter,
 * and `events` a list for the event port. */
enum { EVENTS_IN, AUDIO_OUT, ATTACK, RELEASE, GAIN };
enum { OUT_LEFT, OUT_RIGHT, ATTACK_VALUE, RELEASE_VALUE, GAIN_VALUE };

static const arr_port events_in = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_EVENT,
    .id = "events_in",
    .display_name = "Events In",
    .doc = "The notes to play.",
    .role = ARR_PORT_ROLE_INPUT,
    .since_version = 1,
};

static const arr_port audio_out = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_AUDIO_STEREO,
    .id = "audio_out",
    .display_name = "Audio Out",
    .doc = "All voices together.",
    .role = ARR_PORT_ROLE_OUTPUT,
    .since_version = 1,
};

#define PARAMETER(identifier, name, text, ...)                         \
  {.struct_size = sizeof(arr_port),                                    \
   .type = ARR_PORT_TYPE_CONTROL,                                      \
   .id = identifier,                                                   \
   .display_name = name,                                               \
   .doc = text,                                                        \
   .role = ARR_PORT_ROLE_INPUT,                                        \
   .flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE,     \
   .since_version = 1,                                                 \
   __VA_ARGS__}

static const arr_port attack = PARAMETER("attack", "Attack", "Time to full level.", .unit = ARR_UNIT_SECONDS,
                                         .taper = ARR_TAPER_LOG, .min = 0.001, .max = 2.0, .default_value = 0.005);
static const arr_port release = PARAMETER("release", "Release", "Time from full level to silence after the key.",
                                          .unit = ARR_UNIT_SECONDS, .taper = ARR_TAPER_LOG, .min = 0.01, .max = 4.0,
                                          .default_value = 0.3);
static const arr_port gain =
    PARAMETER("gain", "Gain", "Level of the whole.", .max = 1.0, .default_value = 0.25, .smoothing_ms = 20.0);

static const arr_port *const ports[] = {&events_in, &audio_out, &attack, &release, &gain};

static const arr_descriptor descriptor = {
    .struct_size = sizeof(arr_descriptor),
    .category = ARR_CATEGORY_SYNTH,
    .id = "com.example.my-plugin",
    .display_name = "My Plugin",
    .doc = "A small synth with triangle waves.",
    .license = "MIT",
    .version = 1,
    .event_grid = 1,
    .ports = ports,
    .port_count = sizeof(ports) / sizeof(ports[0]),
};

typedef struct {
  int active, held;
  int channel, key;
  uint32_t note_id;
  uint64_t born;
  uint32_t phase, increment; /* a turn is the range of the integer, so it wraps by itself */
  float velocity;
  float level, step; /* of the fade: 0 .. 1, and what is added to it in each frame */
} voice;

enum { VOICES = 8 };

/* The engine sees the first member, and hands it back to every function. */
typedef struct {
  arr_plugin plugin;
  double sample_rate;
  uint64_t births;
  voice voices[VOICES];
} synth;

static double frequency_of(int key) {
  double frequency = 8.175798915643707; /* of key 0 */
  for (int i = 0; i < key; ++i) frequency *= 1.0594630943592953;
  return frequency;
}

/* The first voice that is free, else the oldest. */
static voice *choose_voice(synth *self) {
  voice *oldest = &self->voices[0];
  for (voice *one = self->voices; one < self->voices + VOICES; ++one) {
    if (!one->active) return one;
    if (one->born < oldest->born) oldest = one;
  }
  return oldest;
}

static float step_for(const synth *self, float seconds) { return (float)(1.0 / ((double)seconds * self->sample_rate)); }

static void note_on(synth *self, const arr_event *event, float attack_seconds) {
  voice *one = choose_voice(self);
  if (!one->active) memset(one, 0, sizeof(*one));
  one->active = one->held = 1;
  one->channel = event->channel;
  one->key = event->key;
  one->note_id = event->note_id;
  one->born = ++self->births;
  one->increment = (uint32_t)(frequency_of(event->key) / self->sample_rate * 4294967296.0);
  one->velocity = (float)event->value;
  one->step = step_for(self, attack_seconds);
}

/* The note that an event is about: by its id, or where it has none the oldest of its channel and key. */
static voice *find_voice(synth *self, const arr_event *event) {
  voice *found = NULL;
  for (voice *one = self->voices; one < self->voices + VOICES; ++one) {
    const int same = event->note_id != 0 ? one->note_id == event->note_id
                                         : one->channel == event->channel && one->key == event->key;
    if (one->active && one->held && same && (found == NULL || one->born < found->born)) found = one;
  }
  return found;
}

static void note_off(synth *self, const arr_event *event, float seconds) {
  voice *one = find_voice(self, event);
  if (one == NULL) return;
  one->held = 0;
  one->step = -step_for(self, seconds);
}

/* Adds `frames` frames of a voice. */
static void play(voice *one, float *out, int32_t frames) {
  for (int32_t i = 0; i < frames && one->active; ++i) {
    const float turn = (float)one->phase * (1.0f / 4294967296.0f);
    const float wave = turn < 0.5f ? 4.0f * turn - 1.0f : 3.0f - 4.0f * turn;
    out[i] += one->velocity * one->level * wave;
    one->phase += one->increment;
    one->level += one->step;
    if (one->level > 1.0f) one->level = 1.0f;
    if (one->level < 0.0f) one->active = 0;
  }
}

static int sounds(const synth *self) {
  for (const voice *one = self->voices; one < self->voices + VOICES; ++one)
    if (one->active) return 1;
  return 0;
}

/* A parameter is one value for the call, or one per frame while it moves. */
static float value_at(const arr_process *call, int port, int channel, int32_t frame) {
  return call->channels[channel][(*call->hints[port] & ARR_HINT_CONSTANT) != 0 ? 0 : frame];
}

static void take(synth *self, const arr_process *call, const arr_event *event) {
  const float release_seconds = value_at(call, RELEASE, RELEASE_VALUE, event->frame);
  if (event->type == ARR_EVENT_NOTE_ON) note_on(self, event, value_at(call, ATTACK, ATTACK_VALUE, event->frame));
  if (event->type == ARR_EVENT_NOTE_OFF) note_off(self, event, release_seconds);
  if (event->type == ARR_EVENT_NOTE_CHOKE) note_off(self, event, 0.005f);
}

static void play_all(synth *self, float *out, int32_t frames) {
  for (voice *one = self->voices; one < self->voices + VOICES; ++one) play(one, out, frames);
}

/* On the audio thread: nothing here may allocate, lock, wait or print. */
static arr_process_status process(arr_plugin *plugin, const arr_process *call) {
  synth *self = (synth *)plugin;
  const arr_event_list *list = call->events[0];
  float *left = call->channels[OUT_LEFT], *right = call->channels[OUT_RIGHT];
  memset(left, 0, (size_t)call->frames * sizeof(float));
  if (list->count == 0 && !sounds(self)) { /* not called again until a note comes */
    memset(right, 0, (size_t)call->frames * sizeof(float));
    *call->hints[AUDIO_OUT] |= ARR_HINT_SILENT;
    return ARR_PROCESS_SLEEP;
  }

  /* What sounds goes on until the frame of the next event, exactly. */
  int32_t done = 0;
  for (uint32_t i = 0; i < list->count; ++i) {
    const arr_event *event = (const arr_event *)((const char *)list->events + (size_t)i * list->stride);
    play_all(self, left + done, event->frame - done);
    done = event->frame;
    take(self, call, event);
  }
  play_all(self, left + done, call->frames - done);
  for (int32_t i = 0; i < call->frames; ++i) left[i] = right[i] = value_at(call, GAIN, GAIN_VALUE, i) * left[i];
  return ARR_PROCESS_CONTINUE;
}

static void reset(arr_plugin *plugin) {
  synth *self = (synth *)plugin;
  memset(self->voices, 0, sizeof(self->voices));
  self->births = 0;
}

/* Memory is taken here and only here; this plugin needs none. */
static arr_status activate(arr_plugin *plugin, arr_activation *activation) {
  ((synth *)plugin)->sample_rate = activation->sample_rate;
  activation->tail_frames = (int64_t)(release.max * activation->sample_rate) + 1;
  reset(plugin);
  return ARR_STATUS_OK;
}

static void deactivate(arr_plugin *plugin) { (void)plugin; }

static void destroy(arr_plugin *plugin) { free(plugin); }

static arr_status configure(arr_plugin *plugin, const char *id, const arr_config_value *value) {
  (void)plugin, (void)id, (void)value;
  return ARR_STATUS_INVALID; /* there are no config parameters */
}

static arr_plugin *create(const arr_factory *factory, const arr_host *host) {
  (void)factory;
  synth *self = calloc(1, sizeof(*self));
  if (self == NULL) {
    host->report_error(host, "out of memory");
    return NULL;
  }
  self->plugin.struct_size = sizeof(self->plugin);
  self->plugin.destroy = destroy;
  self->plugin.configure = configure;
  self->plugin.activate = activate;
  self->plugin.deactivate = deactivate;
  self->plugin.reset = reset;
  self->plugin.process = process;
  return &self->plugin;
}

static const arr_factory factory = {.struct_size = sizeof(arr_factory), .create = create};

ARR_DEFINE_STAMP();

arr_status register_plugin(arr_registry *registry) { return registry->add(registry, &descriptor, &factory); }
