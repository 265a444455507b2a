/**
 * npm run test:guide: does what docs/adding-an-op.md says. Copies the repository, applies every block of the guide that
 * has a mark, runs its commands, checks types and style, and runs the tests that the guide names.
 *
 *     <!-- new FILE -->               the block is the file
 *     <!-- in FILE, at the end -->    it comes after all lines
 *     <!-- in FILE, after "TEXT" -->  it comes after the first line that has the text, or before it
 *     <!-- run -->                    its lines are commands
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const root = path.resolve(import.meta.dirname, '../..');
const scratch = path.join(root, 'build/guide');
const GUIDE = 'docs/adding-an-op.md';

/** The marked blocks of a page, in order. */
export function blocksOf(text) {
  return [...text.matchAll(/^<!-- (new|in|run)\b ?(.*?) -->\n+```\w+\n([\s\S]*?)^```$/gm)].map(
    ([, kind, place, code]) => ({ kind, place, code }),
  );
}

/** Applies a block to the files of a folder. */
export function apply({ kind, place, code }, folder) {
  const [, name, how, anchor] = /^(\S+?)(?:, (after|before|at the end)(?: "(.*)")?)?$/.exec(place);
  const file = path.join(folder, name);
  if (kind === 'new') {
    if (fs.existsSync(file)) throw new Error(`${name} is there already`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, code);
    return;
  }
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const at = how === 'at the end' ? lines.length - 2 : lines.findIndex((line) => line.includes(anchor));
  if (at < 0) throw new Error(`${name} has no line with ${JSON.stringify(anchor)}`);
  lines.splice(how === 'before' ? at : at + 1, 0, ...code.trimEnd().split('\n'));
  fs.writeFileSync(file, lines.join('\n'));
}

/** What git keeps, as it stands in the working tree, and what is built. */
function copyRepository() {
  fs.rmSync(scratch, { recursive: true, force: true });
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  for (const name of stdout.split('\0').filter((each) => each !== '' && fs.existsSync(path.join(root, each)))) {
    fs.mkdirSync(path.dirname(path.join(scratch, name)), { recursive: true });
    fs.copyFileSync(path.join(root, name), path.join(scratch, name));
  }
  // The examples import what the package exports.
  fs.cpSync(path.join(root, 'dist'), path.join(scratch, 'dist'), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(scratch, 'node_modules'));
  // Biome asks git which files count.
  run('git', ['init', '--quiet']);
}

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: scratch, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return { status, output: `${stdout}${stderr}` };
}

const hasPyTorch = spawnSync('/usr/bin/python3', ['-c', 'import torch']).status === 0;
const counts = { passed: 0, failed: 0 };

/** Runs a command of the guide; its tests, all of them, count. */
function check(line) {
  if (line.includes('make.py') && !hasPyTorch) return console.log(`left out: ${line} (PyTorch is not installed)`);
  const { status, output } = run('bash', ['-c', line]);
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
  const [, passed = '1'] = /^ +Tests +.*?(\d+) passed/m.exec(plain) ?? [];
  if (status === 0) counts.passed += Number(passed);
  else counts.failed++;
  console.log(`${status === 0 ? 'passed' : 'FAILED'}: ${line}`);
  if (status !== 0) console.log(plain.split('\n').slice(-80).join('\n'));
}

copyRepository();
const blocks = blocksOf(fs.readFileSync(path.join(root, GUIDE), 'utf8'));
try {
  for (const block of blocks.filter(({ kind }) => kind !== 'run')) {
    apply(block, scratch);
    counts.passed++;
  }
  const commands = blocks.filter(({ kind }) => kind === 'run').flatMap(({ code }) => code.trim().split('\n'));
  const tests = commands
    .filter((line) => line.startsWith('npx vitest run '))
    .flatMap((line) => line.split(' ').slice(3));
  check('node scripts/build.mjs --kernels');
  check('npx biome check --write --error-on-warnings');
  check('npx tsc -p tsconfig.json --noEmit');
  for (const line of new Set(commands.filter((each) => each.includes('make.py')))) check(line);
  check(`npx vitest run ${[...new Set(tests)].join(' ')}`);
} catch (error) {
  counts.failed++;
  console.log(`FAILED: ${error.message}`);
}
// The marks may have been lost.
if (blocks.length < 20) {
  counts.failed++;
  console.log(`FAILED: ${GUIDE} has only ${blocks.length} marked blocks`);
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
