/* SPDX-License-Identifier: MIT
 * A stereo gain in plain C: everything that a plugin library needs, written out. */
#include <arranger/plugin.h>

#include <stdlib.h>

/* Ports in declaration order; `channels` in process has two pointers for each stereo port and one for the parameter. */
enum { AUDIO_IN, AUDIO_OUT, GAIN };
enum { IN_LEFT, IN_RIGHT, OUT_LEFT, OUT_RIGHT, GAIN_VALUE };

static const arr_port audio_in = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_AUDIO_STEREO,
    .id = "audio_in",
    .display_name = "Audio In",
    .role = ARR_PORT_ROLE_INPUT,
    .since_version = 1,
};

static const arr_port audio_out = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_AUDIO_STEREO,
    .id = "audio_out",
    .display_name = "Audio Out",
    .role = ARR_PORT_ROLE_OUTPUT,
    .since_version = 1,
};

static const arr_port gain = {
    .struct_size = sizeof(arr_port),
    .type = ARR_PORT_TYPE_CONTROL,
    .id = "gain",
    .display_name = "Gain",
    .doc = "Factor that every sample is multiplied by.",
    .role = ARR_PORT_ROLE_INPUT,
    .taper = ARR_TAPER_LINEAR,
    .default_value = 1.0,
    .min = 0.0,
    .max = 4.0,
    .smoothing_ms = 20.0,
    .flags = ARR_PORT_FLAG_AUTOMATABLE | ARR_PORT_FLAG_MODULATABLE,
    .since_version = 1,
};

static const arr_port *const ports[] = {&audio_in, &audio_out, &gain};

static const arr_descriptor descriptor = {
    .struct_size = sizeof(arr_descriptor),
    .category = ARR_CATEGORY_EFFECT,
    .id = "com.example.gain",
    .display_name = "Gain",
    .doc = "Makes a stereo signal louder or softer.",
    .author = "Arranger examples",
    .license = "MIT",
    .version = 1,
    .event_grid = 1,
    .preserves_finite = 1,
    .in_place = 1,
    .ports = ports,
    .port_count = sizeof(ports) / sizeof(ports[0]),
};

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

/* The engine has done the smoothing: the gain is one value for the call, or one per frame while it moves. */
static void multiply(float *out, const float *in, const float *level, int moving, int32_t frames) {
  if (moving) {
    for (int32_t i = 0; i < frames; ++i) out[i] = level[i] * in[i];
  } else {
    const float constant = level[0];
    for (int32_t i = 0; i < frames; ++i) out[i] = constant * in[i];
  }
}

static arr_process_status process(arr_plugin *plugin, const arr_process *call) {
  (void)plugin;
  float *const *channels = call->channels;
  const int moving = (*call->hints[GAIN] & ARR_HINT_CONSTANT) == 0;
  multiply(channels[OUT_LEFT], channels[IN_LEFT], channels[GAIN_VALUE], moving, call->frames);
  multiply(channels[OUT_RIGHT], channels[IN_RIGHT], channels[GAIN_VALUE], moving, call->frames);

  /* Zeros times anything finite are zeros, so nothing need run until the input sounds again. */
  if ((*call->hints[AUDIO_IN] & ARR_HINT_SILENT) == 0) return ARR_PROCESS_CONTINUE;
  *call->hints[AUDIO_OUT] |= ARR_HINT_SILENT;
  return ARR_PROCESS_SLEEP;
}

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
