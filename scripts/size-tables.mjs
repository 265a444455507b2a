// Writes the tables "How large it is" of docs/architecture.md.
//   node scripts/size-tables.mjs            prints them
//   node scripts/size-tables.mjs | node scripts/into-page.mjs docs/architecture.md sizes
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/** What git keeps of the code, without what is generated: by name, its lines. */
function sources() {
  const rooms = ['src', 'assembly', 'bench', 'examples', 'scripts', 'test'];
  const names = execFileSync('git', ['ls-files', '--', ...rooms], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n');
  return names
    .filter((name) => /\.(ts|mjs)$/.test(name) && fs.existsSync(path.join(root, name)))
    .map((name) => [name, fs.readFileSync(path.join(root, name), 'utf8').replace(/\n$/, '').split('\n')]);
}

/** Lines by room: a folder of `src/`, or another folder at the top. */
export function linesByRoom() {
  const rooms = new Map();
  for (const [name, lines] of sources()) {
    const [top, second, third] = name.split('/');
    const room = top !== 'src' ? `${top}/` : third === undefined ? 'src/' : `src/${second}/`;
    rooms.set(room, (rooms.get(room) ?? 0) + lines.length);
  }
  return rooms;
}

/** The file with the most lines, and the longest line. */
export function longest() {
  const files = sources();
  const [file, lines] = files.reduce((most, each) => (each[1].length > most[1].length ? each : most));
  const columns = Math.max(...files.flatMap(([, each]) => each.map((line) => [...line].length)));
  return { file, lines: lines.length, columns };
}

/** The names of the kernels by their number of arguments, from what the build wrote. */
export function kernelsByArguments() {
  const { functions } = JSON.parse(fs.readFileSync(path.join(root, 'build/kernels.json'), 'utf8'));
  const found = new Map();
  for (const [name, { parameters }] of Object.entries(functions))
    found.set(parameters.length, [...(found.get(parameters.length) ?? []), name]);
  return found;
}

const hundreds = (lines) => Math.max(100, Math.round(lines / 100) * 100).toLocaleString('en');

export function sizeTables() {
  const { file, lines, columns } = longest();
  const kernels = [...kernelsByArguments()];
  const between = (least, most) =>
    kernels.filter(([count]) => count >= least && count <= most).reduce((sum, [, names]) => sum + names.length, 0);
  const more = kernels
    .filter(([count]) => count > 12)
    .flatMap(([count, names]) => names.map((name) => `\`${name}\` (${count})`));
  return [
    '| folder | lines |',
    '| --- | ---: |',
    ...[...linesByRoom()].map(([room, count]) => `| \`${room}\` | ${hundreds(count)} |`),
    '',
    '| | |',
    '| --- | --- |',
    `| longest file | ${lines} lines, \`${file}\` (the limit is 399) |`,
    `| longest line | ${columns} characters (the limit is 120) |`,
    `| kernels of at most 8 arguments | ${between(0, 8)} |`,
    `| of 9 to 12 | ${between(9, 12)} |`,
    `| of more: an optimizer's scalars | ${more.join(', ')} |`,
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) console.log(sizeTables());
