/** Compiles the machine's ceilings (bench/ceilings/) into build/bench/, unless what is there is made of the same. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const output = path.join(root, 'build/bench');

export function buildCeilings() {
  const folder = path.join(root, 'bench/ceilings');
  const hash = createHash('sha256').update(
    fs.readFileSync(path.join(root, 'node_modules/assemblyscript/package.json')),
  );
  for (const name of [
    'asconfig.json',
    ...fs.readdirSync(path.join(folder, 'assembly')).map((file) => `assembly/${file}`),
  ])
    hash.update(fs.readFileSync(path.join(folder, name)));
  const digest = hash.digest('hex');
  const stamp = path.join(output, 'ceilings.digest');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === digest) return;
  fs.mkdirSync(output, { recursive: true });
  const compiler = path.join(root, 'node_modules/assemblyscript/bin/asc.js');
  for (const [entry, target] of [
    ['index', 'baseline'],
    ['fused', 'relaxed'],
  ]) {
    execFileSync(
      process.execPath,
      [compiler, `assembly/${entry}.ts`, '--config', 'asconfig.json', '--target', target],
      { cwd: folder, stdio: 'inherit' },
    );
  }
  fs.writeFileSync(stamp, digest);
}
