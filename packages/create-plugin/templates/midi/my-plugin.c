/* SPDX-License-Identifier: MIT
 * My Plugin: plays every note once more, an interval higher or lower. */
#include <arranger/plugin.h>

#include <stdlib.h>
#include <string.h>

/* Ports in the order of `ports`; in process `events` has a list for each event port and `channels` a pointer for the parameter. */
enum { EVENTS_IN, EVENTS_OUT, INTERVAL };
enum { INTERVAL_VALUE };

static const arr_port events_in = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_EVENT,
    .id = "events_in",
    .display_name = "Events In",
    .doc = "What is played.",
    .role = ARR_PORT_ROLE_INPUT,
    .since_version = 1,
};

static const arr_port events_out = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_EVENT,
    .id = "events_out",
    .display_name = "Events Out",
    .doc = "The same, and the added notes.",
    .role = ARR_PORT_ROLE_OUTPUT,
    .since_version = 1,
};

static const arr_port interval = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_CONTROL,
    .id = "interval",
    .display_name = "Interval",
    .doc = "Of notes that begin from now on.",
    .role = ARR_PORT_ROLE_INPUT,
    .hint = ARR_PORT_HINT_INTEGER,
    .unit = ARR_UNIT_SEMITONES,
    .default_value = 7.0,
    .min = -24.0,
    .max = 24.0,
    .step = 1.0,
    .flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE,
    .since_version = 1,
};

static const arr_port *const ports[] = {&events_in, &events_out, &interval};

static const arr_descriptor descriptor = {
    .struct_size = sizeof(arr_descriptor),
    .category = ARR_CATEGORY_EVENT_EFFECT,
    .id = "com.example.my-plugin",
    .display_name = "My Plugin",
    .doc = "Plays every note once more, an interval higher or lower.",
    .license = "MIT",
    .version = 1,
    .event_grid = 1,
    .ports = ports,
    .port_count = sizeof(ports) / sizeof(ports[0]),
};

enum { CHANNELS = 16, KEYS = 128, NONE = -1 };

/* The engine sees the first member, and hands it back to every function. */
typedef struct {
  arr_plugin plugin;
  int8_t added[CHANNELS][KEYS]; /* the key that was added to each channel's key while it is held */
} harmony;

/* An event like another one, for another key. The engine gives it a note id of its own. */
static int send(arr_event_list *out, const arr_event *event, int key) {
  arr_event another = *event;
  another.key = key;
  another.note_id = 0;
  return out->append(out, &another);
}

static void note_on(harmony *self, const arr_event *event, int semitones, arr_event_list *out) {
  const int key = event->key + semitones;
  if (key < 0 || key >= KEYS || !send(out, event, key)) return;
  self->added[event->channel][event->key] = (int8_t)key;
}

/* The interval may have moved meanwhile: what ends is the note that was begun. */
static void note_end(harmony *self, const arr_event *event, arr_event_list *out) {
  int8_t *key = &self->added[event->channel][event->key];
  if (*key != NONE) send(out, event, *key);
  *key = NONE;
}

/* A parameter is one value for the call, or one per frame while it moves. */
static int interval_at(const arr_process *call, int32_t frame) {
  const int constant = (*call->hints[INTERVAL] & ARR_HINT_CONSTANT) != 0;
  const float value = call->channels[INTERVAL_VALUE][constant ? 0 : frame];
  return (int)(value < 0.0f ? value - 0.5f : value + 0.5f);
}

/* On the audio thread: nothing here may allocate, lock, wait or print. */
static arr_process_status process(arr_plugin *plugin, const arr_process *call) {
  harmony *self = (harmony *)plugin;
  const arr_event_list *in = call->events[0];
  arr_event_list *out = call->events[1];
  for (uint32_t i = 0; i < in->count; ++i) {
    const arr_event *event = (const arr_event *)((const char *)in->events + (size_t)i * in->stride);
    out->append(out, event);
    if (event->type == ARR_EVENT_NOTE_ON) note_on(self, event, interval_at(call, event->frame), out);
    if (event->type == ARR_EVENT_NOTE_OFF || event->type == ARR_EVENT_NOTE_CHOKE) note_end(self, event, out);
  }
  return ARR_PROCESS_SLEEP; /* not called again until an event comes */
}

static void reset(arr_plugin *plugin) { memset(((harmony *)plugin)->added, NONE, sizeof(((harmony *)plugin)->added)); }

static arr_status activate(arr_plugin *plugin, arr_activation *activation) {
  (void)activation; /* no memory is needed, latency and tail are 0 */
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
  harmony *self = calloc(1, sizeof(*self));
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
