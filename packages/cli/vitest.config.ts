import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // On two processors vitest would use one.
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: '100%',
    // What the user has set is not read, and what the tests find out about libraries is kept apart from what the user has.
    env: {
      ARRANGER_CACHE_DIR: fileURLToPath(new URL('../../build/test-cache', import.meta.url)),
      ARRANGER_SETTINGS: 'none',
    },
  },
})
