import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    maxWorkers: '100%', // on two processors vitest would use one
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/features.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The suites play by the clock, whatever the machine has; those on devices say so themselves.
    // What the user has set is not read, and what the tests find out about libraries is kept apart from what the user has.
    env: {
      // The back end under test.
      ARRANGER_BACKEND: process.env.ARRANGER_BACKEND || 'binding',
      ARRANGER_OUTPUT_DEVICE: 'none',
      ARRANGER_SETTINGS: 'none',
      ARRANGER_CACHE_DIR: fileURLToPath(new URL('../../build/test-cache', import.meta.url)),
    },
  },
})
