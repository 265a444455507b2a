import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** By mode: the file of test/support/ that replaces the module that gives the kernels. */
const replacements: Readonly<Record<string, string>> = { debug: 'debugKernels', wide: 'wideKernels' };

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig(({ mode }) => ({
  resolve: {
    alias: Object.keys(replacements).includes(mode)
      ? [{ find: /^.*\/unpack\.js$/, replacement: path(`test/support/${replacements[mode]}.ts`) }]
      : [],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One a core; left out, one core stays idle.
    maxWorkers: '100%',
  },
}));
