import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** These start what they test by themselves, whatever the back end: to run them with each would test the same again. */
const withoutEngine = ['test/{server,switch,wasm}-*.test.ts', 'test/{backends,framing,settings,validate}.test.ts']

/** The back end under test; named for the suites that come after the first. */
const { ARRANGER_BACKEND: backend } = process.env

export default defineConfig({
  test: {
    maxWorkers: '100%', // on two processors vitest would use one
    include: ['test/**/*.test.ts'],
    exclude: backend ? withoutEngine : [],
    globalSetup: ['test/support/features.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The suites play by the clock, whatever the machine has; those on devices say so themselves.
    // What the user has set is not read, and what the tests find out about libraries is kept apart from what the user has.
    env: {
      ARRANGER_BACKEND: backend || 'binding',
      ARRANGER_OUTPUT_DEVICE: 'none',
      ARRANGER_SETTINGS: 'none',
      ARRANGER_CACHE_DIR: fileURLToPath(new URL('../../build/test-cache', import.meta.url)),
    },
  },
})
