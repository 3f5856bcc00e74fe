import { defineConfig } from 'vitest/config'

// The templates have tests of their own, which belong to the projects that are made of them.
export default defineConfig({ test: { include: ['test/**/*.test.ts'], testTimeout: 60_000 } })
