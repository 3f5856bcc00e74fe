/* SPDX-License-Identifier: MIT
 *
 * The Arranger plugin ABI, version 1.0. C11; compiles alone as C11 and later and as C++17 and later.
 *
 * Rules that hold for the whole file
 * - Only fixed-width integers, float, double, pointers and UTF-8 strings cross.
 * - Every struct but `arr_event` begins with `struct_size`, set by whoever fills the struct, and grows only at its end. A
 *   reader treats what lies past the writer's size as zero.
 * - Arrays that cross are arrays of pointers, so that a grown element never changes a stride; a span of events carries its stride.
 * - Strings are NUL-terminated unless a length stands beside them. The caller owns; valid for the call; the callee copies.
 * - Threads: [control] any thread, one call at a time per instance, never during that instance's process; functions of
 *   different instances run at once. [audio] the processing thread, which may change between blocks: no allocation, lock,
 *   I/O, system call or throw.
 * - In the doc comment of an enumerator the quoted word is its name in JSON and TypeScript.
 */
#ifndef ARRANGER_PLUGIN_H
#define ARRANGER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Major ABI version: a library of another major version is refused. */
#define ARR_ABI_MAJOR 1u
/** Minor ABI version: grows when something is added at the end of a struct. */
#define ARR_ABI_MINOR 0u
/** SDK version, packed as major << 16 | minor << 8 | patch. */
#define ARR_SDK_VERSION 0x000100u

/** Before what a library exports. */
#if defined(_WIN32)
#define ARR_EXPORT __declspec(dllexport)
#else
#define ARR_EXPORT __attribute__((visibility("default")))
#endif

/** A static (WASM) build renames the two exported symbols of each library by defining these. */
#ifndef ARR_ENTRY_NAME
#define ARR_ENTRY_NAME register_plugin
#endif
#ifndef ARR_STAMP_NAME
#define ARR_STAMP_NAME arranger_plugin_stamp
#endif

/** Result of every function that can fail. */
typedef int32_t arr_status;
enum {
  ARR_STATUS_OK = 0,           /**< "ok": done. */
  ARR_STATUS_ERROR = 1,        /**< "error": failed for a reason of its own. */
  ARR_STATUS_UNSUPPORTED = 2,  /**< "unsupported": this engine or plugin cannot do it. */
  ARR_STATUS_INVALID = 3,      /**< "invalid": an argument is wrong. */
  ARR_STATUS_OUT_OF_MEMORY = 4,/**< "out_of_memory": memory could not be had. */
  ARR_STATUS_DUPLICATE = 5,    /**< "duplicate": the id is taken. */
  ARR_STATUS_IO = 6            /**< "io": a file could not be read or was not what it should be. */
};

/** What a process call asks for; its return value. */
typedef int32_t arr_process_status;
enum {
  ARR_PROCESS_CONTINUE = 0, /**< "continue": call again. */
  ARR_PROCESS_TAIL = 1,     /**< "tail": the input is over, what still sounds is the tail. */
  ARR_PROCESS_SLEEP = 2,    /**< "sleep": exact zeros and an unchanged state until an input is not silent or an event comes. */
  ARR_PROCESS_ERROR = 3     /**< "error": mute this node and report it. */
};

/** What a plugin is for. */
typedef int32_t arr_category;
enum {
  ARR_CATEGORY_SYNTH = 0,        /**< "Synth": makes sound from events. */
  ARR_CATEGORY_EFFECT = 1,       /**< "Effect": makes sound from sound. */
  ARR_CATEGORY_FILTER = 2,       /**< "Filter": an effect that shapes a spectrum. */
  ARR_CATEGORY_MIXER = 3,        /**< "Mixer": sums channels. */
  ARR_CATEGORY_EVENT_GEN = 4,    /**< "EventGen": makes events or control signals. */
  ARR_CATEGORY_EVENT_EFFECT = 5, /**< "EventEffect": makes events or control signals from events. */
  ARR_CATEGORY_OUTPUT = 6,       /**< "Output": the end of a graph. */
  ARR_CATEGORY_UTILITY = 7       /**< "Utility": anything else. */
};

/** What travels through a port. */
typedef int32_t arr_port_type;
enum {
  ARR_PORT_TYPE_AUDIO_MONO = 0,   /**< "audio_mono": one channel. */
  ARR_PORT_TYPE_AUDIO_STEREO = 1, /**< "audio_stereo": two channels, left then right. */
  ARR_PORT_TYPE_AUDIO = 2,        /**< "audio": `channel_count` channels. */
  ARR_PORT_TYPE_EVENT = 3,        /**< "event": notes and controllers. */
  ARR_PORT_TYPE_CONTROL = 4       /**< "control": one value per frame; an input of this type is a parameter. */
};

/** The direction of a port, and what it is for. */
typedef int32_t arr_port_role;
enum {
  ARR_PORT_ROLE_INPUT = 0,     /**< "input" */
  ARR_PORT_ROLE_OUTPUT = 1,    /**< "output" */
  ARR_PORT_ROLE_SIDECHAIN = 2, /**< "sidechain": an input that is listened to, not passed on. */
  ARR_PORT_ROLE_MONITOR = 3    /**< "monitor": a control output that is shown to people: a level, a history, a curve. Never connected. */
};

/** What a parameter's values mean, and the widget that suits it. */
typedef int32_t arr_port_hint;
enum {
  ARR_PORT_HINT_CONTINUOUS = 0,  /**< "continuous" */
  ARR_PORT_HINT_TOGGLE = 1,      /**< "toggle": 0 or 1. */
  ARR_PORT_HINT_INTEGER = 2,     /**< "integer" */
  ARR_PORT_HINT_CATEGORICAL = 3, /**< "categorical": an index into `choices`. */
  ARR_PORT_HINT_RADIO = 4,       /**< "radio": categorical, few choices, all shown. */
  ARR_PORT_HINT_METER = 5,       /**< "meter": a monitor drawn as a level. */
  ARR_PORT_HINT_GRAPH_EDITOR = 6 /**< "graph_editor": a monitor drawn as a curve that is made of parameters, see `graph_type` and `arr_curve`. */
};

/** Unit of a value. Values cross in this unit, never normalised. */
typedef int32_t arr_unit;
enum {
  ARR_UNIT_NONE = 0,         /**< "": a plain number. */
  ARR_UNIT_HERTZ = 1,        /**< "Hz" */
  ARR_UNIT_DECIBELS = 2,     /**< "dB" */
  ARR_UNIT_SECONDS = 3,      /**< "s" */
  ARR_UNIT_MILLISECONDS = 4, /**< "ms" */
  ARR_UNIT_PERCENT = 5,      /**< "%" */
  ARR_UNIT_SEMITONES = 6,    /**< "st" */
  ARR_UNIT_CENTS = 7,        /**< "ct" */
  ARR_UNIT_BEATS = 8,        /**< "beats": quarter notes. */
  ARR_UNIT_BPM = 9,          /**< "BPM" */
  ARR_UNIT_FRAMES = 10,      /**< "frames" */
  ARR_UNIT_DEGREES = 11      /**< "deg" */
};

/** The curve between a knob's travel and the value; smoothing moves in a straight line in its domain. */
typedef int32_t arr_taper;
enum {
  ARR_TAPER_LINEAR = 0, /**< "linear" */
  ARR_TAPER_LOG = 1,    /**< "log": equal ratios for equal travel; min > 0. */
  ARR_TAPER_EXP = 2,    /**< "exp": value = min + (max - min) * travel^2. */
  ARR_TAPER_DB = 3      /**< "db": a linear gain whose travel is even in decibels. */
};

/** The curve that a graph_editor port shows. */
typedef int32_t arr_graph_type;
enum {
  ARR_GRAPH_TYPE_NONE = 0,          /**< "none" */
  ARR_GRAPH_TYPE_EQ_CURVE = 1,      /**< "eq_curve": x in Hz, y in dB. */
  ARR_GRAPH_TYPE_ADSR_ENVELOPE = 2, /**< "adsr_envelope": x in s from the beginning of a note, y 0..1. */
  ARR_GRAPH_TYPE_BREAKPOINT = 3     /**< "breakpoint": x and y in the units of the parameters of its points. */
};

/** Bits of `arr_port.flags`. */
enum {
  ARR_PORT_FLAG_AUTOMATABLE = 1, /**< "automatable": a schedule may move it. */
  ARR_PORT_FLAG_MODULATABLE = 2, /**< "modulatable": a control connection may move it. */
  ARR_PORT_FLAG_BYPASS = 4,      /**< "bypass": this is the plugin's bypass switch. */
  ARR_PORT_FLAG_EXPENSIVE = 8,   /**< "expensive": moving it costs much; do not sweep it. */
  ARR_PORT_FLAG_HIDDEN = 16      /**< "hidden": not shown to people. */
};

/** The type of a config parameter's value. */
typedef int32_t arr_config_type;
enum {
  ARR_CONFIG_TYPE_STRING = 0,     /**< "string" */
  ARR_CONFIG_TYPE_FILEPATH = 1,   /**< "filepath": a path on the engine's machine. */
  ARR_CONFIG_TYPE_INTEGER = 2,    /**< "integer" */
  ARR_CONFIG_TYPE_FLOAT = 3,      /**< "float" */
  ARR_CONFIG_TYPE_BOOL = 4,       /**< "bool": 0 or 1 in `number`. */
  ARR_CONFIG_TYPE_CATEGORICAL = 5 /**< "categorical": one of `choices`, as text. */
};

/** The type of an event. A reader skips types it does not know. */
typedef uint16_t arr_event_type;
enum {
  ARR_EVENT_NOTE_ON = 1,       /**< "note_on": key 0..127, value = velocity 0..1 (MIDI velocity / 127), note_id. */
  ARR_EVENT_NOTE_OFF = 2,      /**< "note_off": key, value = release velocity 0..1, note_id of the note it ends. */
  ARR_EVENT_NOTE_CHOKE = 3,    /**< "note_choke": key, note_id; the note stops at once. */
  ARR_EVENT_NOTE_END = 4,      /**< "note_end": plugin to engine: the voice of note_id has faded out. */
  ARR_EVENT_BEND = 5,          /**< "bend": value -1..1 = (14-bit value - 8192) / 8192. */
  ARR_EVENT_CC = 6,            /**< "cc": key = controller 0..127, value 0..1 (MIDI value / 127). */
  ARR_EVENT_PROGRAM = 7,       /**< "program": key = program 0..127, value = bank 0..16383. */
  ARR_EVENT_VOLUME = 8,        /**< "volume": channel volume, value 0..1 (MIDI value / 127). */
  ARR_EVENT_PRESSURE = 9,      /**< "pressure": channel pressure, value 0..1. */
  ARR_EVENT_POLY_PRESSURE = 10,/**< "poly_pressure": key, value 0..1. */
  ARR_EVENT_EXPRESSION = 11,   /**< "expression": key = expression number, note_id, value. */
  ARR_EVENT_MIDI = 12,         /**< "midi": up to 3 bytes, byte n in bits 8n.. of `data`. */
  ARR_EVENT_SYSEX = 13,        /**< "sysex": `data` is a pointer to an `arr_bytes`, valid for the call. */
  ARR_EVENT_CONTROL = 14,      /**< "control": a plain value 0..1 for a node that takes one. */
  ARR_EVENT_USER = 32768       /**< "user": from here on plugins agree among themselves. */
};

/** Bits of the words that `arr_process.hints` points to. A hint says something true about samples that are there. */
enum {
  ARR_HINT_SILENT = 1,   /**< "silent": every sample of the port is exactly zero. */
  ARR_HINT_CONSTANT = 2, /**< "constant": every frame of a channel is equal; of a control input only frame 0 may be read. */
  ARR_HINT_UNCONNECTED = 4 /**< "unconnected": nothing is connected; an input reads zeros and must not be written. */
};

/** Bits of `arr_transport.flags`. */
enum {
  ARR_TRANSPORT_PLAYING = 1, /**< "playing" */
  ARR_TRANSPORT_LOOPING = 2, /**< "looping" */
  ARR_TRANSPORT_OFFLINE = 4  /**< "offline": faster or slower than real time, nobody waits. */
};

/** Bytes that the caller owns. */
typedef struct arr_bytes {
  uint32_t struct_size;
  uint32_t length;     /**< Number of bytes. */
  const uint8_t *data; /**< The first of them. */
} arr_bytes;

/** A port. A control input is a parameter; there is no second kind. */
typedef struct arr_port {
  uint32_t struct_size;
  arr_port_type type;
  const char *id;           /**< Unique among the plugin's ports: letters, digits and `_`. */
  const char *display_name; /**< For people. */
  const char *doc;          /**< One or two sentences, or NULL. */
  arr_port_role role;
  int32_t channel_count;    /**< Of type audio: 1..64; otherwise 0. */
  arr_port_hint hint;
  arr_unit unit;
  arr_taper taper;
  arr_graph_type graph_type;
  double default_value;     /**< In unit, min..max. */
  double min;               /**< Smallest value, inclusive. */
  double max;               /**< Greatest value, inclusive. */
  double step;              /**< Grid of the values from min on; 0 = none. */
  double smoothing_ms;      /**< Length of the straight line that a change becomes; 0 = at once. */
  const char *const *choices; /**< Names of min, min + 1, …, or NULL. */
  uint32_t choice_count; /**< How many `choices` there are. */
  uint32_t flags;           /**< ARR_PORT_FLAG_… */
  const char *group;        /**< Ports of one group are shown together; NULL = none. */
  int32_t show_port_default;/**< 1: a parameter that is drawn as a port from the start. */
  int32_t since_version;    /**< The plugin version that brought it. */
  int32_t delay_frames;     /**< At least this many frames pass between the plugin's inputs and this output; 64 or more may close a cycle. */
  int32_t value_count;      /**< Of a monitor: the most values it shows at a time, 1..65536; 0 = 1. */
} arr_port;

/** A value that decides ports or resources. Given between create and activate only. */
typedef struct arr_config_param {
  uint32_t struct_size;
  arr_config_type type;
  const char *id; /**< Unique among the plugin's config parameters: letters, digits and `_`. */
  const char *display_name; /**< For people. */
  const char *doc; /**< One or two sentences, or NULL. */
  const char *default_text;   /**< Of a text type; NULL = "". */
  double default_number;      /**< Of a number type. */
  double min;                 /**< Of a number type; min = max means no limit. */
  double max; /**< Of a number type, inclusive as min. */
  const char *file_filter;    /**< Of type filepath: "*.sf2;*.sf3", or NULL. */
  const char *const *choices; /**< Of type categorical: what the text may be, or NULL. */
  uint32_t choice_count; /**< How many `choices` there are. */
  uint32_t reserved;
} arr_config_param;

/** A value for a config parameter: text or a number, as its type says. */
typedef struct arr_config_value {
  uint32_t struct_size;
  uint32_t length;  /**< Of text, in bytes. */
  const char *text; /**< Not NUL-terminated. NULL for a number. */
  double number; /**< Of a number type. */
} arr_config_value;

/** A parameter that was renamed or rescaled: new = offset + scale * old. */
typedef struct arr_migration {
  uint32_t struct_size;
  int32_t before_version; /**< Applies to state of versions smaller than this. */
  const char *old_id; /**< As it was called. */
  const char *new_id; /**< As it is called now; may be the same. */
  double scale; /**< See above. */
  double offset; /**< In the new unit. */
} arr_migration;

/** All that is known of a plugin before one is made. The engine copies it during `arr_registry.add`. */
typedef struct arr_descriptor {
  uint32_t struct_size;
  arr_category category;
  const char *id;           /**< Reverse DNS: "com.acme.chorus". "builtin." is the engine's own. */
  const char *display_name; /**< For people. */
  const char *doc; /**< One or two sentences, or NULL. */
  const char *author; /**< Who made it, or NULL. */
  const char *url; /**< Where more is said of it, or NULL. */
  const char *license;      /**< SPDX expression. */
  int32_t version;          /**< 1 or more; counts up whenever parameters or state change. */
  int32_t event_grid;       /**< Events take effect on multiples of this many frames since reset; 1 = on every frame. */
  double block_tolerance;   /**< Greatest relative difference between two ways of cutting blocks; 0 = none. */
  int32_t preserves_finite; /**< 1: finite inputs give finite outputs, so the engine need not look. */
  int32_t in_place;         /**< 1: the n-th audio output may share its buffer with the n-th audio input. */
  const arr_port *const *ports; /**< All ports, in the order in which process gets them. */
  const arr_config_param *const *config_params; /**< All config parameters. */
  const arr_migration *const *migrations; /**< What was renamed or rescaled, in the order of the versions. */
  uint32_t port_count; /**< How many `ports` there are. */
  uint32_t config_param_count; /**< How many `config_params` there are. */
  uint32_t migration_count; /**< How many `migrations` there are. */
  int32_t is_gain; /**< 1: the three ports are audio in, audio out and a parameter, and out is in times it, one product per sample kept within finite numbers. The engine may compute that itself and not call process. */
} arr_descriptor;

/** One event: 32 bytes, without struct_size; a span carries its stride. */
typedef struct arr_event {
  int32_t frame;       /**< 0 .. frames - 1, counted from the start of the call. */
  arr_event_type type;
  uint16_t channel;    /**< 0..15. */
  int32_t key;         /**< Pitch, controller or program, see the type. */
  uint32_t note_id;    /**< Given by the engine to every note_on; 0 = none. */
  double value;        /**< See the type. */
  uint64_t data;       /**< See the type. */
} arr_event;

/** The events of one event port for one call, sorted by frame. At most 4096 in, 1024 out. */
typedef struct arr_event_list {
  uint32_t struct_size;
  uint32_t stride;         /**< Bytes from one event to the next. */
  const arr_event *events; /**< The first; the next ones lie `stride` bytes apart. */
  uint32_t count; /**< How many there are. */
  uint32_t reserved;
  /** [audio] Of an output: adds an event. Frames must not decrease. Returns 0 when the list is full; the loss is counted. */
  int32_t (*append)(struct arr_event_list *list, const arr_event *event);
} arr_event_list;

/** Where the song is at frame 0 of a call. The engine cuts calls where this would jump. */
typedef struct arr_transport {
  uint32_t struct_size;
  uint32_t flags;      /**< ARR_TRANSPORT_… */
  double beat;         /**< In quarter notes from the start of the song. */
  double bpm;          /**< At frame 0. */
  int64_t song_frame;  /**< Frame of the song; differs from the steady frame after a seek or in a loop. */
  int32_t bar;         /**< From 0. */
  int32_t time_signature_numerator; /**< Beats in a bar. */
  int32_t time_signature_denominator; /**< Which note is a beat: 4 = a quarter. */
  int32_t reserved;
  double bar_beat;     /**< The beat on which this bar began. */
  double loop_start;   /**< In beats; valid while looping. */
  double loop_end;     /**< In beats, exclusive; valid while looping. */
  /** [audio] The song frame of a beat, by the function that places scheduled events. Never convert beats yourself. */
  int64_t (*frame_of_beat)(const struct arr_transport *transport, double beat);
} arr_transport;

/** One call of process. The engine resolved all pointers when the graph was compiled. */
typedef struct arr_process {
  uint32_t struct_size;
  int32_t frames;           /**< 1 .. `arr_activation.max_frames`; any number, and the result must not depend on it. */
  int64_t steady_frame;     /**< Frames processed since the engine started; never jumps. */
  const arr_transport *transport; /**< Never NULL. */
  /** One pointer per channel of all audio and control ports in declaration order (mono 1, stereo 2, audio channel_count,
   *  control 1, event none), planar float32, 64-byte aligned at frame 0. Memory runs to the next multiple of 16 frames;
   *  that padding may be read and overwritten. A control input is finished: base value, connections, ramps and smoothing
   *  are in it, clamped to its range; with ARR_HINT_CONSTANT only frame 0 is there. A monitor's pointer is to `arr_port.value_count` floats that are the
   *  instance's own: they last from call to call and over sleep, and are zero after activate and reset. */
  float *const *channels;
  /** One word per port, in declaration order: ARR_HINT_…. The engine clears those of outputs before the call. */
  uint32_t *const *hints;
  /** One list per event port, in declaration order. */
  arr_event_list *const *events;
  /** One word per monitor, in declaration order: how many of its values are there, from the first on. It lasts as the values
   *  do and is 0 after activate and reset; a monitor of one value need not touch it. */
  uint32_t *const *value_counts;
} arr_process;

/** What an instance is told when it gets its memory, and what it answers. */
typedef struct arr_activation {
  uint32_t struct_size;
  int32_t max_frames;     /**< Greatest `arr_process.frames` that will come, 1..8192. */
  double sample_rate;     /**< 8000 .. 384000 Hz. */
  uint64_t seed;          /**< Of the instance's random numbers; equal for equal session and node id. */
  int32_t offline;        /**< 1: an offline render. */
  int32_t latency_frames; /**< Answer: frames by which the output lags the input; 0 unless set. */
  int64_t tail_frames;    /**< Answer: frames that sound after the input ends; -1 = without end; 0 unless set. */
  /** All inputs reach this instance so many frames late, because it closes a cycle: take them off your own delay. 0 unless
   *  an output declares `delay_frames` >= 64; never more than the least of those. */
  int32_t input_delay_frames;
  int32_t reserved;
} arr_activation;

/** The engine, as a plugin sees it. Lives as long as the library is open. */
typedef struct arr_host {
  uint32_t struct_size;
  uint32_t abi_major; /**< ARR_ABI_MAJOR of the engine. */
  uint32_t abi_minor; /**< ARR_ABI_MINOR of the engine. */
  uint32_t reserved;
  const char *engine_name; /**< For people. */
  const char *engine_version; /**< As major.minor.patch. */
  /** [control] An extension by its name and revision, "arranger.log/1", or NULL. */
  const void *(*get_extension)(const struct arr_host *host, const char *id);
  /** [control] Says why the call in progress fails; the text is copied. Call it, then return the status. */
  void (*report_error)(const struct arr_host *host, const char *message);
} arr_host;

/** An instance of a plugin. The plugin owns the struct; its own data stand behind it or in `self`. */
typedef struct arr_plugin {
  uint32_t struct_size;
  uint32_t reserved;
  void *self; /**< The plugin's own; the engine does not look at it. */
  /** [control] Frees the instance. Called once, deactivated. */
  void (*destroy)(struct arr_plugin *plugin);
  /** [control] Sets a config value, between create and activate. */
  arr_status (*configure)(struct arr_plugin *plugin, const char *id, const arr_config_value *value);
  /** [control] The instance's ports, after the last configure and until destroy; NULL function = those of the descriptor. */
  const arr_port *const *(*ports)(struct arr_plugin *plugin, uint32_t *count);
  /** [control] Takes all memory that processing needs, and answers latency and tail. */
  arr_status (*activate)(struct arr_plugin *plugin, arr_activation *activation);
  /** [control] Gives that memory back. */
  void (*deactivate)(struct arr_plugin *plugin);
  /** [audio] Silence: voices, tails and phases as after activate. */
  void (*reset)(struct arr_plugin *plugin);
  /** [audio] Fills every output for `frames` frames. */
  arr_process_status (*process)(struct arr_plugin *plugin, const arr_process *process);
  /** [control] An extension by its name and revision, or NULL. May be a NULL function. */
  const void *(*get_extension)(struct arr_plugin *plugin, const char *id);
} arr_plugin;

/** Name of the plugin extension `arr_curve`. */
#define ARR_EXTENSION_CURVE "arranger.curve/1"

/** A handle of a curve: ids of the parameters that it moves, each NULL where it has none. */
typedef struct arr_curve_point {
  uint32_t struct_size;
  uint32_t reserved;
  const char *enabled_param; /**< A toggle: off, the point adds nothing to the curve. */
  const char *kind_param;    /**< A choice: what the point is, such as the type of a filter. */
  const char *x_param; /**< Moved sideways. */
  const char *y_param; /**< Moved up and down. */
  const char *width_param;   /**< How far it reaches: the quality of a filter, the bend of a segment. */
} arr_curve_point;

/**
 * What a plugin with graph_editor monitors has for `arr_plugin.get_extension`: the curve behind each of them.
 * [control], from activate to deactivate, and unlike other [control] functions also while process runs: they read their
 * arguments and what activate computed, and change nothing that process sees.
 */
typedef struct arr_curve {
  uint32_t struct_size;
  uint32_t reserved;
  /** The number of points of a port's curve; 0 of a port that is no curve. */
  uint32_t (*point_count)(arr_plugin *plugin, const char *port_id);
  /** A point, valid until the next call of this function or destroy, or NULL. `index` is less than the count. */
  const arr_curve_point *(*point)(arr_plugin *plugin, const char *port_id, uint32_t index);
  /** Fills y[0..count) with the curve at x[0..count), in the units of `arr_port.graph_type`. `values` holds one number per
   *  port of the instance in declaration order, a parameter's value in its unit and 0 elsewhere; `sample_rate` is in Hz.
   *  ARR_STATUS_INVALID: no such curve, or fewer values than ports. */
  arr_status (*evaluate)(arr_plugin *plugin, const char *port_id, const double *values, uint32_t value_count,
                         double sample_rate, const double *x, double *y, uint32_t count);
} arr_curve;

/** Name of the plugin extension `arr_state`. */
#define ARR_EXTENSION_STATE "arranger.state/1"

/** Takes the keys of a plugin's state, in any order, each once. Keys are letters, digits, `_`, `.` and `-`. */
typedef struct arr_state_writer {
  uint32_t struct_size;
  uint32_t reserved;
  /** A key with a number. */
  void (*write_number)(struct arr_state_writer *writer, const char *key, double value);
  /** `text` is UTF-8 of `length` bytes; it is copied. */
  void (*write_text)(struct arr_state_writer *writer, const char *key, const char *text, uint32_t length);
  /** The same for bytes. */
  void (*write_bytes)(struct arr_state_writer *writer, const char *key, const uint8_t *data, uint32_t length);
} arr_state_writer;

/** Gives the keys of a state, which an older or a newer version of the plugin may have written. */
typedef struct arr_state_reader {
  uint32_t struct_size;
  int32_t version; /**< `arr_descriptor.version` of the plugin that wrote it. */
  /** 1, and *value, when the key is there and a number; else 0, and *value is left alone. */
  int32_t (*read_number)(const struct arr_state_reader *reader, const char *key, double *value);
  /** The same for text of *length bytes, valid during `load`, not NUL-terminated. */
  int32_t (*read_text)(const struct arr_state_reader *reader, const char *key, const char **text, uint32_t *length);
  /** The same for bytes. */
  int32_t (*read_bytes)(const struct arr_state_reader *reader, const char *key, const uint8_t **data, uint32_t *length);
} arr_state_reader;

/**
 * What a plugin has for `arr_plugin.get_extension` that remembers more than its parameters and config values; those are the
 * engine's, and state holds neither. The engine keeps what a newer version wrote and this one did not read.
 */
typedef struct arr_state {
  uint32_t struct_size;
  uint32_t reserved;
  /** [control], from activate to deactivate, and unlike other [control] functions also while process runs. */
  arr_status (*save)(arr_plugin *plugin, arr_state_writer *writer);
  /** [control] After activate and before the first process. What is not there is as after activate. A status but
   *  ARR_STATUS_OK refuses the state, and with it what was asked of the engine. */
  arr_status (*load)(arr_plugin *plugin, const arr_state_reader *reader);
} arr_state;

/** Name of the plugin extension `arr_snapshot`. */
#define ARR_EXTENSION_SNAPSHOT "arranger.snapshot/1"

/**
 * What sounds at this moment (voices, delay lines, phases) as bytes, so that an instance of a rebuilt library goes on where the
 * old one is. Never stored: it goes from one instance to the next between two frames, in one process or between two on one
 * machine, and only where both have the same layout and size.
 */
typedef struct arr_snapshot {
  uint32_t struct_size;
  uint32_t reserved;
  /** [control] After activate and before the first process: a number that is another one when the bytes mean something else. */
  uint64_t (*layout)(arr_plugin *plugin);
  /** [control] The same for the number of bytes, constant until deactivate; 0 = nothing to take over. */
  uint64_t (*size)(arr_plugin *plugin);
  /** [audio] Between two calls of process: fills `size` bytes. */
  void (*save)(arr_plugin *plugin, uint8_t *data);
  /** [audio] After reset and before the first process: takes what another instance saved. */
  void (*load)(arr_plugin *plugin, const uint8_t *data);
} arr_snapshot;

/** Makes instances of one descriptor. Lives as long as the library is open. */
typedef struct arr_factory {
  uint32_t struct_size;
  uint32_t reserved;
  void *self; /**< The plugin's own; the engine does not look at it. */
  /** [control] A new instance with the default configuration, or NULL after `report_error`. */
  arr_plugin *(*create)(const struct arr_factory *factory, const arr_host *host);
} arr_factory;

/** What a library fills when it is registered. */
typedef struct arr_registry {
  uint32_t struct_size;
  uint32_t reserved;
  const arr_host *host; /**< The engine that asks. */
  /** [control] Adds one plugin. The descriptor is copied during the call. */
  arr_status (*add)(struct arr_registry *registry, const arr_descriptor *descriptor, const arr_factory *factory);
} arr_registry;

/** What is read from a library's file before any of its code runs. Plain data: no pointers. */
typedef struct arr_plugin_stamp {
  uint32_t struct_size;
  uint32_t abi_major; /**< ARR_ABI_MAJOR of the SDK that it was built with. */
  uint32_t abi_minor; /**< ARR_ABI_MINOR of that. */
  uint32_t sdk_version; /**< ARR_SDK_VERSION of that. */
  char magic[16];    /**< ARR_STAMP_MAGIC */
  char compiler[48]; /**< ARR_COMPILER */
  char build_id[32]; /**< Free text that tells two builds apart; may be empty. */
} arr_plugin_stamp;

/** How every stamp begins after its numbers, by which it is found in a file. */
#define ARR_STAMP_MAGIC "ARRANGER-PLUGIN"

/** What the compiler says of itself. */
#if defined(__clang__)
#define ARR_COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define ARR_COMPILER "gcc " __VERSION__
#elif defined(_MSC_VER)
#define ARR_COMPILER "msvc"
#else
#define ARR_COMPILER "unknown"
#endif
/** Define it to tell two builds apart. */
#ifndef ARR_BUILD_ID
#define ARR_BUILD_ID ""
#endif

/** Before a declaration with C linkage, in either language. */
#ifdef __cplusplus
#define ARR_EXTERN_C extern "C"
#else
#define ARR_EXTERN_C extern
#endif

/** Defines the stamp; once per library, at file scope. */
#define ARR_DEFINE_STAMP()                                                                       \
  ARR_EXTERN_C ARR_EXPORT const arr_plugin_stamp ARR_STAMP_NAME;                                 \
  const arr_plugin_stamp ARR_STAMP_NAME = {                                                      \
      sizeof(arr_plugin_stamp), ARR_ABI_MAJOR, ARR_ABI_MINOR, ARR_SDK_VERSION, ARR_STAMP_MAGIC, \
      ARR_COMPILER, ARR_BUILD_ID}

/** [control] The entry point that every library exports: adds its plugins. Pure: no threads, no files, safe to call twice. */
ARR_EXPORT arr_status ARR_ENTRY_NAME(arr_registry *registry);

#ifdef __cplusplus
}
#endif
#endif
