/* SPDX-License-Identifier: MIT
 * My Plugin: shows how loud the sound is that passes through, which it leaves as it is. */
#include <arranger/plugin.h>

#include <stdlib.h>
#include <string.h>

/* Ports in the order of `ports`; `channels` in process has two pointers for each stereo port and one for each other. */
enum { AUDIO_IN, AUDIO_OUT, FALL, LEVEL };
enum { IN_LEFT, IN_RIGHT, OUT_LEFT, OUT_RIGHT, FALL_VALUE, LEVEL_VALUE };

static const arr_port audio_in = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_AUDIO_STEREO,
    .id = "audio_in",
    .display_name = "Audio In",
    .doc = "What is measured.",
    .role = ARR_PORT_ROLE_INPUT,
    .since_version = 1,
};

static const arr_port audio_out = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_AUDIO_STEREO,
    .id = "audio_out",
    .display_name = "Audio Out",
    .doc = "The input, unchanged.",
    .role = ARR_PORT_ROLE_OUTPUT,
    .since_version = 1,
};

static const arr_port fall = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_CONTROL,
    .id = "fall",
    .display_name = "Fall",
    .doc = "Time in which what is shown falls to a third.",
    .role = ARR_PORT_ROLE_INPUT,
    .unit = ARR_UNIT_SECONDS,
    .taper = ARR_TAPER_LOG,
    .default_value = 0.3,
    .min = 0.01,
    .max = 10.0,
    .flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE,
    .since_version = 1,
};

/* A monitor goes to people, not to other nodes: programs read it while the song plays, and after a render. */
static const arr_port level = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_CONTROL,
    .id = "level",
    .display_name = "Level",
    .doc = "The greatest sample of both sides, which falls slowly.",
    .role = ARR_PORT_ROLE_MONITOR,
    .hint = ARR_PORT_HINT_METER,
    .max = 4.0,
    .since_version = 1,
};

static const arr_port *const ports[] = {&audio_in, &audio_out, &fall, &level};

static const arr_descriptor descriptor = {
    .struct_size = sizeof(arr_descriptor),
    .category = ARR_CATEGORY_UTILITY,
    .id = "com.example.my-plugin",
    .display_name = "My Plugin",
    .doc = "Shows how loud the sound is that passes through.",
    .license = "MIT",
    .version = 1,
    .event_grid = 1,
    .ports = ports,
    .port_count = sizeof(ports) / sizeof(ports[0]),
};

/* The engine sees the first member, and hands it back to every function. */
typedef struct {
  arr_plugin plugin;
  float sample_rate;
  float shown;
} meter;

static float magnitude(float x) { return x < 0.0f ? -x : x; }

static float greater(float a, float b) { return a > b ? a : b; }

/* On the audio thread: nothing here may allocate, lock, wait or print. */
static arr_process_status process(arr_plugin *plugin, const arr_process *call) {
  meter *self = (meter *)plugin;
  const float *left = call->channels[IN_LEFT], *right = call->channels[IN_RIGHT], *seconds = call->channels[FALL_VALUE];
  const int32_t step = (*call->hints[FALL] & ARR_HINT_CONSTANT) != 0 ? 0 : 1; /* 0: the first value is the only one */
  for (int32_t i = 0; i < call->frames; ++i) {
    const float keep = 1.0f - 1.0f / (seconds[i * step] * self->sample_rate);
    self->shown = greater(keep * self->shown, greater(magnitude(left[i]), magnitude(right[i])));
  }
  memmove(call->channels[OUT_LEFT], left, (size_t)call->frames * sizeof(float));
  memmove(call->channels[OUT_RIGHT], right, (size_t)call->frames * sizeof(float));

  const int silent = (*call->hints[AUDIO_IN] & ARR_HINT_SILENT) != 0;
  const int over = silent && self->shown < 1e-6f;
  if (over) self->shown = 0.0f;
  if (silent) *call->hints[AUDIO_OUT] |= ARR_HINT_SILENT;
  *call->channels[LEVEL_VALUE] = self->shown;
  return over ? ARR_PROCESS_SLEEP : ARR_PROCESS_CONTINUE; /* asleep it is not called again until there is sound */
}

static void reset(arr_plugin *plugin) { ((meter *)plugin)->shown = 0.0f; }

static arr_status activate(arr_plugin *plugin, arr_activation *activation) {
  ((meter *)plugin)->sample_rate = (float)activation->sample_rate; /* no memory is needed, latency and tail are 0 */
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
  meter *self = calloc(1, sizeof(*self));
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
