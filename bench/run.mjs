// Builds the bench (TypeScript with esbuild, the ceilings with asc) and runs one of its programs:
//   node bench/run.mjs [options]            the benchmarks, see --help
//   node bench/run.mjs history A.json B.json
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const output = path.join(root, 'build/bench');
const packages = { bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', logLevel: 'warning', outExtension: { '.js': '.mjs' } };

function buildCeilings() {
  const folder = path.join(root, 'bench/ceilings');
  const hash = createHash('sha256').update(fs.readFileSync(path.join(root, 'node_modules/assemblyscript/package.json')));
  for (const name of ['asconfig.json', ...fs.readdirSync(path.join(folder, 'assembly')).map((file) => `assembly/${file}`)]) hash.update(fs.readFileSync(path.join(folder, name)));
  const digest = hash.digest('hex');
  const stamp = path.join(output, 'ceilings.digest');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === digest) return;
  const compiler = path.join(root, 'node_modules/assemblyscript/bin/asc.js');
  for (const [entry, target] of [['index', 'baseline'], ['fused', 'relaxed']]) {
    execFileSync(process.execPath, [compiler, `assembly/${entry}.ts`, '--config', 'asconfig.json', '--target', target], { cwd: folder, stdio: 'inherit' });
  }
  fs.writeFileSync(stamp, digest);
}

fs.mkdirSync(output, { recursive: true });
buildCeilings();
const source = (name) => path.join(root, 'bench', `${name}.ts`);
await esbuild.build({ ...packages, entryPoints: ['main', 'history', 'lanewise', 'ceilings'].map(source), outdir: output });
// Beside their packages, where Node finds them.
const peers = fs.readdirSync(path.join(root, 'bench/peers')).filter((name) => name.endsWith('.ts'));
await esbuild.build({ ...packages, entryPoints: peers.map((name) => path.join(root, 'bench/peers', name)), outdir: path.join(root, 'bench/peers/build') });

const program = process.argv[2] === 'history' ? process.argv.splice(2, 1)[0] : 'main';
await import(pathToFileURL(path.join(output, `${program}.mjs`)).href);
