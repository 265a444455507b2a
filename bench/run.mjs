// Builds the bench (TypeScript with esbuild, the ceilings with asc) and runs one of its programs:
//   node bench/run.mjs [options]            the benchmarks, see --help
//   node bench/run.mjs history A.json B.json
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { buildCeilings } from './buildCeilings.mjs';

const root = path.resolve(import.meta.dirname, '..');
const output = path.join(root, 'build/bench');
const packages = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
  outExtension: { '.js': '.mjs' },
};

buildCeilings();
const source = (name) => path.join(root, 'bench', `${name}.ts`);
await esbuild.build({
  ...packages,
  entryPoints: ['main', 'history', 'lanewise', 'ceilings'].map(source),
  outdir: output,
});
// Beside their packages, where Node finds them.
const peers = fs.readdirSync(path.join(root, 'bench/peers')).filter((name) => name.endsWith('.ts'));
await esbuild.build({
  ...packages,
  entryPoints: peers.map((name) => path.join(root, 'bench/peers', name)),
  outdir: path.join(root, 'bench/peers/build'),
});

const program = process.argv[2] === 'history' ? process.argv.splice(2, 1)[0] : 'main';
await import(pathToFileURL(path.join(output, `${program}.mjs`)).href);
