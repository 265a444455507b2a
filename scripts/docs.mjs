// Writes docs/api, the reference of all that the package exports, from the docstrings: npm run docs
// TypeDoc reads with a TypeScript of its own, older than the project's; both are installed in scripts/typedoc, at first
// use.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'scripts/typedoc');

function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!fs.existsSync(path.join(folder, 'node_modules/typedoc')))
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, shell: process.platform === 'win32' });
// The faces of the package, as package.json has them.
const { exports } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const faces = Object.values(exports).flatMap((face) =>
  face.import?.types === undefined
    ? []
    : [path.join(root, face.import.types.replace('dist/types/', 'src/').replace(/\.d\.ts$/, '.ts'))],
);
run(process.execPath, [
  path.join(folder, 'node_modules/typedoc/bin/typedoc'),
  '--options',
  path.join(folder, 'typedoc.json'),
  ...faces.flatMap((face) => ['--entryPoints', face]),
]);
