/* SPDX-License-Identifier: MIT
 * My Plugin: drives the sound into a soft curve, which adds overtones, and sets its level. */
#include <arranger/plugin.h>

#include <stdlib.h>

/* Ports in the order of `ports`; `channels` in process has two pointers for each stereo port and one for each parameter. */
enum { AUDIO_IN, AUDIO_OUT, DRIVE, GAIN };
enum { IN_LEFT, IN_RIGHT, OUT_LEFT, OUT_RIGHT, DRIVE_VALUE, GAIN_VALUE };

static const arr_port audio_in = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_AUDIO_STEREO,
    .id = "audio_in",
    .display_name = "Audio In",
    .doc = "The sound to drive.",
    .role = ARR_PORT_ROLE_INPUT,
    .since_version = 1,
};

static const arr_port audio_out = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_AUDIO_STEREO,
    .id = "audio_out",
    .display_name = "Audio Out",
    .doc = "The driven sound.",
    .role = ARR_PORT_ROLE_OUTPUT,
    .since_version = 1,
};

static const arr_port drive = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_CONTROL,
    .id = "drive",
    .display_name = "Drive",
    .doc = "How far the sound is pushed into the curve.",
    .role = ARR_PORT_ROLE_INPUT,
    .taper = ARR_TAPER_LOG,
    .default_value = 8.0,
    .min = 1.0,
    .max = 40.0,
    .smoothing_ms = 20.0,
    .flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE,
    .since_version = 1,
};

static const arr_port gain = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_CONTROL,
    .id = "gain",
    .display_name = "Gain",
    .doc = "Factor on the driven sound.",
    .role = ARR_PORT_ROLE_INPUT,
    .taper = ARR_TAPER_DB,
    .default_value = 0.5,
    .min = 0.0,
    .max = 2.0,
    .smoothing_ms = 20.0,
    .flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE,
    .since_version = 1,
};

static const arr_port *const ports[] = {&audio_in, &audio_out, &drive, &gain};

static const arr_descriptor descriptor = {
    .struct_size = sizeof(arr_descriptor),
    .category = ARR_CATEGORY_EFFECT,
    .id = "com.example.my-plugin",
    .display_name = "My Plugin",
    .doc = "Drives the sound into a soft curve.",
    .license = "MIT",
    .version = 1,
    .event_grid = 1,
    .ports = ports,
    .port_count = sizeof(ports) / sizeof(ports[0]),
};

/* -1 .. 1, however loud the input is. */
static float curve(float x) { return x / (1.0f + (x < 0.0f ? -x : x)); }

/* The engine has done ramps and smoothing: a parameter is one value for the call, or one per frame while it moves. */
typedef struct {
  const float *values;
  int32_t step; /* 0: the first value is the only one */
} parameter;

static parameter read_parameter(const arr_process *call, int port, int channel) {
  parameter result = {call->channels[channel], (*call->hints[port] & ARR_HINT_CONSTANT) == 0};
  return result;
}

static void shape(float *out, const float *in, parameter by, parameter level, int32_t frames) {
  for (int32_t i = 0; i < frames; ++i) out[i] = level.values[i * level.step] * curve(by.values[i * by.step] * in[i]);
}

/* On the audio thread: nothing here may allocate, lock, wait or print. */
static arr_process_status process(arr_plugin *plugin, const arr_process *call) {
  (void)plugin;
  const parameter by = read_parameter(call, DRIVE, DRIVE_VALUE);
  const parameter level = read_parameter(call, GAIN, GAIN_VALUE);
  shape(call->channels[OUT_LEFT], call->channels[IN_LEFT], by, level, call->frames);
  shape(call->channels[OUT_RIGHT], call->channels[IN_RIGHT], by, level, call->frames);

  /* Silence in, silence out: nothing need run until there is sound again. */
  if ((*call->hints[AUDIO_IN] & ARR_HINT_SILENT) == 0) return ARR_PROCESS_CONTINUE;
  *call->hints[AUDIO_OUT] |= ARR_HINT_SILENT;
  return ARR_PROCESS_SLEEP;
}

static void destroy(arr_plugin *plugin) { free(plugin); }

static arr_status configure(arr_plugin *plugin, const char *id, const arr_config_value *value) {
  (void)plugin, (void)id, (void)value;
  return ARR_STATUS_INVALID; /* there are no config parameters */
}

static arr_status activate(arr_plugin *plugin, arr_activation *activation) {
  (void)plugin, (void)activation;
  return ARR_STATUS_OK; /* no memory is needed, latency and tail are 0 */
}

static void deactivate(arr_plugin *plugin) { (void)plugin; }

static void reset(arr_plugin *plugin) { (void)plugin; }

static arr_plugin *create(const arr_factory *factory, const arr_host *host) {
  (void)factory;
  arr_plugin *plugin = calloc(1, sizeof(*plugin));
  if (plugin == NULL) {
    host->report_error(host, "out of memory");
    return NULL;
  }
  plugin->struct_size = sizeof(*plugin);
  plugin->destroy = destroy;
  plugin->configure = configure;
  plugin->activate = activate;
  plugin->deactivate = deactivate;
  plugin->reset = reset;
  plugin->process = process;
  return plugin;
}

static const arr_factory factory = {.struct_size = sizeof(arr_factory), .create = create};

ARR_DEFINE_STAMP();

arr_status register_plugin(arr_registry *registry) { return registry->add(registry, &descriptor, &factory); }
