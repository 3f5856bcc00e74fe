// What requests need of a back end, beside what every one has.

const signs: [feature: string, sign: RegExp][] = [
  ['plugin_libraries', /"cmd":"(load_plugins?|reload_plugin|unload_plugin|watch_library)"/],
  ['fluidsynth', /"type":"(builtin\.)?fluidsynth"|"cmd":"load_sf2"/],
  ['isolation', /"isolated":true/],
  ['loudness', /"normalise_lufs"|"measure":true/],
  ['files', /"path":|_path":/],
  ['flac', /flac/],
  ['ogg', /ogg/],
  ['mp3', /mp3/],
]

export function featuresFor(requests: readonly unknown[]): string[] {
  const text = requests.map((request) => JSON.stringify(request)).join()
  return signs.flatMap(([feature, sign]) => (sign.test(text) ? [feature] : []))
}
