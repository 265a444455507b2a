import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const debugKernels = fileURLToPath(new URL('test/support/debugKernels.ts', import.meta.url));

export default defineConfig(({ mode }) => ({
  resolve: { alias: mode === 'debug' ? [{ find: /^.*\/unpack\.js$/, replacement: debugKernels }] : [] },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One a core; left out, one core stays idle.
    maxWorkers: '100%',
  },
}));
