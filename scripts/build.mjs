// Builds everything: AssemblyScript -> kernels.wasm + typings -> inlined module -> JS bundles and .d.ts.
//   node scripts/build.mjs            one build into dist/
//   node scripts/build.mjs --watch    rebuild on change
//   node scripts/build.mjs --kernels  the generated sources only (what the tests import)
//   node scripts/build.mjs --debug    these, and build/kernels.debug.wasm, which asserts preconditions

import fs from 'node:fs';
import path from 'node:path';
import { run } from './build/common.mjs';
import { buildDecoders } from './build/decoders.mjs';
import { buildDebugKernels, buildKernels } from './build/kernels.mjs';
import { buildDecodeScript, buildLibrary, buildThreadScript, buildWorkerScript } from './build/library.mjs';
import { writeLicenses } from './build/licenses.mjs';
import { buildDigits } from './build/mnist-subset.mjs';
import { buildPage } from './build/page.mjs';
import { buildPrograms } from './build/programs.mjs';

process.chdir(path.resolve(import.meta.dirname, '..'));

/** What the sources import and git does not keep. */
async function buildGenerated() {
  await buildKernels();
  buildDecoders();
  await buildThreadScript();
  await buildWorkerScript();
  await buildDecodeScript();
}

async function buildTypes() {
  await run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.types.json']);
  fs.cpSync('dist/types', 'dist/cjs/types', { recursive: true });
}

async function buildAll() {
  fs.rmSync('dist', { recursive: true, force: true });
  await buildGenerated();
  await Promise.all([buildLibrary(), buildPrograms()]);
  buildDigits();
  await buildTypes();
  await buildPage();
  writeLicenses();
}

/** Rebuilds after each burst of changes below assembly/ and src/; an error is printed and the watch goes on. */
async function watch() {
  let timer;
  let building = Promise.resolve();
  const rebuild = () => {
    building = building.then(buildAll).then(
      () => console.log(`built at ${new Date().toLocaleTimeString()}; watching assembly/ and src/`),
      (error) => console.error(String(error.message ?? error)),
    );
  };
  for (const folder of ['assembly', 'src']) {
    fs.watch(folder, { recursive: true }, (_event, name) => {
      if (name?.endsWith('.generated.ts')) return;
      clearTimeout(timer);
      timer = setTimeout(rebuild, 100);
    });
  }
  rebuild();
}

const mode = process.argv[2];
if (mode === '--watch') await watch();
else if (mode === '--kernels' || mode === '--debug') {
  await buildGenerated();
  if (mode === '--debug') await buildDebugKernels();
} else if (mode === undefined) await buildAll();
else {
  console.error(`unknown option ${mode}; use --watch, --kernels, --debug or nothing`);
  process.exitCode = 2;
}
