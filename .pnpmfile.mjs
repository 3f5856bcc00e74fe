// What @arranger/engine is packed with: the binaries of every platform, in its own version, as optional dependencies. They do
// not stand in its package.json, because pnpm would look for them in the registry whenever it installs this workspace.
import { packageNameOf, platforms } from './scripts/lib/platforms.mjs'

export const hooks = {
  beforePacking(manifest) {
    if (manifest.name === '@arranger/engine')
      manifest.optionalDependencies = Object.fromEntries(
        platforms.map((platform) => [packageNameOf(platform), manifest.version]),
      )
    return manifest
  },
}
