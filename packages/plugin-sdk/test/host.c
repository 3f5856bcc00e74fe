/* SPDX-License-Identifier: MIT
 * A host in the smallest sense: loads a library, runs its first plugin and writes what it plays.
 *   host LIBRARY FRAMES BLOCK [move PARAMETER]... [note FRAME KEY LENGTH]...
 * Audio inputs get noise for the first half and silence for the second; a moved parameter goes from its minimum to its
 * maximum over the whole length. Standard output: the channels of the audio outputs, one after the other, as float32.
 * Standard error: "call FRAME STATUS SILENT" per call, SILENT being the silent hint of the first audio output. */
#include <arranger/plugin.h>

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PORTS = 64, MAX_CHANNELS = 128, MAX_NOTES = 64, MAX_BLOCK = 8192 };

typedef struct channel {
  float *samples;    /* of the whole run */
  const arr_port *port;
} channel;

static arr_plugin *plugin;
static arr_port ports[MAX_PORTS];
static char ids[MAX_PORTS][64];
static uint32_t port_count;
static channel channels[MAX_CHANNELS];
static int channel_count;
static arr_event notes[2 * MAX_NOTES];
static int note_count;
static const char *moved[MAX_PORTS];
static int moved_count;

static void die(const char *what, const char *which) {
  fprintf(stderr, "%s: %s\n", what, which);
  exit(1);
}

static const void *no_extension(const arr_host *host, const char *id) { return (void)host, (void)id, NULL; }
static void report_error(const arr_host *host, const char *message) { (void)host, die("plugin", message); }
static const arr_host host = {.struct_size = sizeof(arr_host), .abi_major = ARR_ABI_MAJOR, .abi_minor = ARR_ABI_MINOR,
                              .engine_name = "test", .engine_version = "0", .get_extension = no_extension,
                              .report_error = report_error};

static arr_status add(arr_registry *registry, const arr_descriptor *descriptor, const arr_factory *factory) {
  (void)registry;
  if (plugin != NULL) return ARR_STATUS_OK;
  port_count = descriptor->port_count;
  for (uint32_t i = 0; i < port_count; ++i) {
    ports[i] = *descriptor->ports[i];
    snprintf(ids[i], sizeof(ids[i]), "%s", ports[i].id);
  }
  plugin = factory->create(factory, &host);
  return ARR_STATUS_OK;
}

static int64_t frame_of_beat(const arr_transport *transport, double beat) { return (void)transport, (int64_t)beat; }

static int is_input(const arr_port *port) { return port->role == ARR_PORT_ROLE_INPUT; }

static int is_moved(uint32_t port) {
  for (int i = 0; i < moved_count; ++i)
    if (strcmp(moved[i], ids[port]) == 0) return 1;
  return 0;
}

static void fill(channel *to, uint32_t port, int frames) {
  const arr_port *p = to->port;
  uint32_t random = 1 + port;
  for (int i = 0; i < frames; ++i) {
    random = random * 1664525u + 1013904223u;
    if (p->type == ARR_PORT_TYPE_CONTROL && is_input(p))
      to->samples[i] = (float)(is_moved(port) ? p->min + (p->max - p->min) * i / frames : p->default_value);
    else if (is_input(p))
      to->samples[i] = i < frames / 2 ? (float)(int32_t)random * 0x1p-31f : 0.0f;
  }
}

static void make_channels(int frames) {
  for (uint32_t i = 0; i < port_count; ++i) {
    const int count = ports[i].type == ARR_PORT_TYPE_EVENT          ? 0
                      : ports[i].type == ARR_PORT_TYPE_AUDIO_STEREO ? 2
                      : ports[i].type == ARR_PORT_TYPE_AUDIO        ? ports[i].channel_count
                                                                    : 1;
    for (int c = 0; c < count; ++c) {
      channels[channel_count] = (channel){calloc((size_t)frames, sizeof(float)), &ports[i]};
      fill(&channels[channel_count++], i, frames);
    }
  }
}

static int by_frame(const void *a, const void *b) {
  return ((const arr_event *)a)->frame - ((const arr_event *)b)->frame;
}

static int32_t append(arr_event_list *list, const arr_event *event) { return (void)list, (void)event, 0; }

/* One call: the buffers are filled from the run's channels, and what was played goes back there. */
static void call(int start, int frames, int total) {
  static _Alignas(64) float buffers[MAX_CHANNELS][MAX_BLOCK + 16];
  static arr_event due[2 * MAX_NOTES];
  float *pointers[MAX_CHANNELS];
  uint32_t hints[MAX_PORTS] = {0}, *hint_pointers[MAX_PORTS], event_ports = 0;
  arr_event_list *lists[MAX_PORTS];
  arr_event_list list = {.struct_size = sizeof(list), .stride = sizeof(arr_event), .events = due, .append = append};
  for (int i = 0; i < note_count; ++i)
    if (notes[i].frame >= start && notes[i].frame < start + frames) {
      due[list.count] = notes[i];
      due[list.count++].frame -= start;
    }
  for (int c = 0; c < channel_count; ++c) {
    pointers[c] = buffers[c];
    if (is_input(channels[c].port)) memcpy(buffers[c], channels[c].samples + start, (size_t)frames * sizeof(float));
  }
  for (uint32_t i = 0; i < port_count; ++i) {
    hint_pointers[i] = &hints[i];
    if (ports[i].type == ARR_PORT_TYPE_EVENT) lists[event_ports++] = &list;
    else if (!is_input(&ports[i])) continue;
    else if (ports[i].type != ARR_PORT_TYPE_CONTROL) hints[i] = start >= total / 2 ? ARR_HINT_SILENT : 0;
    else hints[i] = is_moved(i) ? 0 : ARR_HINT_CONSTANT;
  }
  const arr_transport transport = {.struct_size = sizeof(transport), .bpm = 120, .frame_of_beat = frame_of_beat};
  const arr_process process = {.struct_size = sizeof(process), .frames = frames, .steady_frame = start,
                               .transport = &transport, .channels = pointers, .hints = hint_pointers, .events = lists};
  const arr_process_status status = plugin->process(plugin, &process);
  for (int c = 0; c < channel_count; ++c)
    if (!is_input(channels[c].port)) memcpy(channels[c].samples + start, buffers[c], (size_t)frames * sizeof(float));
  for (uint32_t i = 0; i < port_count; ++i)
    if (ports[i].role == ARR_PORT_ROLE_OUTPUT && ports[i].type == ARR_PORT_TYPE_AUDIO_STEREO)
      fprintf(stderr, "call %d %d %d\n", start, (int)status, (hints[i] & ARR_HINT_SILENT) != 0);
}

static void add_note(int frame, int key, int length) {
  const uint32_t id = (uint32_t)note_count + 1;
  notes[note_count++] = (arr_event){.frame = frame, .type = ARR_EVENT_NOTE_ON, .key = key, .note_id = id, .value = 0.8};
  notes[note_count++] = (arr_event){.frame = frame + length, .type = ARR_EVENT_NOTE_OFF, .key = key, .note_id = id};
}

int main(int argc, char **argv) {
  if (argc < 4) die("usage", "host LIBRARY FRAMES BLOCK [move PARAMETER]... [note FRAME KEY LENGTH]...");
  const int total = atoi(argv[2]), block = atoi(argv[3]);
  for (int i = 4; i < argc;) {
    if (strcmp(argv[i], "move") == 0) moved[moved_count++] = argv[i + 1], i += 2;
    else add_note(atoi(argv[i + 1]), atoi(argv[i + 2]), atoi(argv[i + 3])), i += 4;
  }
  qsort(notes, (size_t)note_count, sizeof(notes[0]), by_frame);

  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) die("dlopen", dlerror());
  arr_status (*entry)(arr_registry *) = NULL;
  *(void **)&entry = dlsym(library, "register_plugin");
  arr_registry registry = {.struct_size = sizeof(registry), .host = &host, .add = add};
  if (entry == NULL || entry(&registry) != ARR_STATUS_OK || plugin == NULL) die("register_plugin", "failed");
  make_channels(total);

  arr_activation activation = {.struct_size = sizeof(activation), .max_frames = MAX_BLOCK, .sample_rate = 48000};
  if (plugin->activate(plugin, &activation) != ARR_STATUS_OK) die("activate", "failed");
  plugin->reset(plugin);
  for (int start = 0; start < total; start += block) call(start, total - start < block ? total - start : block, total);
  for (int c = 0; c < channel_count; ++c)
    if (channels[c].port->role == ARR_PORT_ROLE_OUTPUT) fwrite(channels[c].samples, sizeof(float), (size_t)total, stdout);
  plugin->deactivate(plugin);
  plugin->destroy(plugin);
  return dlclose(library);
}
