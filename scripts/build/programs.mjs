/** Bundles what is made on top of the library: the command line, and the program that reports carry. */
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { buildCeilings } from '../../bench/buildCeilings.mjs';
import { shared } from './common.mjs';
import { ENTRIES } from './library.mjs';
import { appendLicenses, LICENSES_BANNER, recordBundle } from './licenses.mjs';

/**
 * The command line: a face on the built library, with the packages that it shows itself through bundled in. Beside it
 * what the processes of `lanewise experiment` run: our part, and the pool's, which tinypool looks for in entry/.
 */
const commandLine = {
  ...shared,
  entryPoints: {
    cli: 'src/cli/main.ts',
    'experiment-worker': 'src/experiments/worker.ts',
    'entry/process': 'node_modules/tinypool/dist/entry/process.js',
  },
  format: 'esm',
  platform: 'node',
  outdir: 'dist',
  // Optional, and found where lanewise is installed.
  external: ['bullmq', 'ioredis'],
  // The loops that `lanewise bench` measures a machine with.
  loader: { '.wasm': 'binary' },
  banner: {
    js:
      `#!/usr/bin/env node\n${LICENSES_BANNER}\nimport { createRequire as __createRequire } from 'node:module';\n` +
      'const require = __createRequire(import.meta.url);',
  },
  plugins: [
    {
      name: 'library-from-dist',
      setup(build) {
        build.onResolve({ filter: /\/index\.js$/ }, ({ path: request, resolveDir }) => {
          const source = path
            .relative('.', path.resolve(resolveDir, request))
            .replaceAll(path.sep, '/')
            .replace(/\.js$/, '.ts');
          const entry = ENTRIES.find(([, file]) => file === source);
          return entry === undefined ? undefined : { path: `./${entry[0]}.js`, external: true };
        });
      },
    },
  ],
};

/** What every report of a study carries to draw its figures, and what draws their SVG files: one module, no imports. */
const reportProgram = {
  ...shared,
  entryPoints: { report: 'src/report/page/main.ts' },
  format: 'esm',
  minify: true,
  charset: 'utf8',
  outdir: 'dist',
  banner: {
    js:
      '/*! Draws with Apache ECharts (Apache-2.0, https://echarts.apache.org) and zrender (BSD-3-Clause): ' +
      'see the licences at the end. */',
  },
};

/** Builds them into dist/. */
export async function buildPrograms() {
  buildCeilings();
  const bundles = Object.entries({ commandLine, reportProgram });
  await Promise.all(bundles.map(async ([name, options]) => recordBundle(name, await esbuild.build(options))));
  appendLicenses('dist/report.js', 'reportProgram');
  fs.chmodSync('dist/cli.js', 0o755);
}
