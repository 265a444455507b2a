// Keeps the report of a study in docs/studies and renews the tables of docs/studies/README.md:
//   node scripts/keep-study.mjs runs/bn-mlp      copies the report of that study, then renews the tables
//   node scripts/keep-study.mjs                  renews the tables
// --into DIR takes another directory with a README.md that has the marks.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const source = fs.readFileSync(path.join(root, 'src/text/numbers.ts'), 'utf8');
const { code } = await esbuild.transform(source, { loader: 'ts', format: 'esm' });
const { duration, percent } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const {
  values: { into: kept },
  positionals: [directory],
} = parseArgs({
  allowPositionals: true,
  options: { into: { type: 'string', default: path.join(root, 'docs/studies') } },
});
const page = path.join(kept, 'README.md');
const [BEGIN, END] = ['<!-- studies -->\n', '<!-- end -->'];

/** What is kept of a report: report.html is made anew from the study by `lanewise experiment`. */
const FILES = ['report.md', 'report.json', 'results.csv'];
/** The order of the table; studies that are not in it follow. */
const ORDER = ['bn-mlp', 'bn-cnn', 'bn-race', 'resnet', 'lenet-optimizers', 'cifar-search'];

const readRecord = (folder) => JSON.parse(fs.readFileSync(path.join(folder, 'report.json'), 'utf8'));

function keep(from) {
  const missing = FILES.filter((name) => !fs.existsSync(path.join(from, name)));
  if (missing.length > 0) throw new Error(`${from} has no ${missing.join(', ')}: \`lanewise experiment\` writes them`);
  const { name, quick } = readRecord(from);
  if (quick) throw new Error(`${from} holds the small version of ${name}: only full runs are kept`);
  if (!/^[\w-]+$/.test(name)) throw new Error(`${JSON.stringify(name)} is not the name of a folder`);
  const to = path.join(kept, name);
  fs.rmSync(to, { recursive: true, force: true });
  fs.mkdirSync(to, { recursive: true });
  for (const file of FILES) fs.copyFileSync(path.join(from, file), path.join(to, file));
  fs.cpSync(path.join(from, 'figures'), path.join(to, 'figures'), { recursive: true });
  console.log(`${path.relative(process.cwd(), to)}: report of ${from}`);
}

const text = (value) => String(value).replace(/[\\|*_`[\]<>]/g, (sign) => `\\${sign}`);
/** Text in which `code` stays code. */
const prose = (value) =>
  value
    .split('`')
    .map((part, i) => (i % 2 === 1 ? `\`${part}\`` : text(part)))
    .join('');
const table = (head, rows) =>
  [head.map(([name]) => name), head.map(([, numeric]) => (numeric ? '---:' : '---')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
/** A goal: `98 %`, `99.5 %`. */
const goalOf = (accuracy) => percent(accuracy, Number((100 * accuracy).toFixed(2)) % 1 === 0 ? 0 : 1);

/** `3`, or `1 to 3` where some rows have fewer. */
function seedsText(rows) {
  const counts = rows.map(({ seeds }) => seeds.length);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return low === high ? `${high}` : `${low} to ${high}`;
}

function overview(records) {
  return table(
    [
      ['study', false],
      ['runs', true],
      ['seeds', true],
      ['diverged', true],
      ['failed', true],
      ['not run', true],
      ['time of all runs', true],
      ['figures off by more than their seeds', true],
    ],
    records.map(({ name, title, runs, rows, seconds, tables }) => {
      const told = tables
        .flatMap((each) => each.rows.flatMap(({ cells }) => cells))
        .filter((cell) => cell !== null && cell.differs !== null);
      return [
        `[${text(title)}](${name}/report.md)`,
        runs.done + runs.diverged + runs.failed,
        seedsText(rows),
        runs.diverged,
        runs.failed,
        runs.missing,
        duration(seconds),
        `${told.filter(({ differs }) => differs).length} of ${told.length}`,
      ];
    }),
  );
}

/** Our figure, whether it differs from the published one, and what went wrong. */
function oursText({ text: { ours }, differs, trouble }) {
  const more = trouble === '' || trouble === ours ? '' : `, ${text(trouble)}`;
  return `${text(ours)}${differs ? ' ≠' : ''}${more}`;
}

/** Each published figure beside ours. */
function comparisons({ name, title, tables, remarks, rows: settings, machine, lanewise, began }) {
  const parts = tables.flatMap(({ caption, columns, rows }) => {
    const lines = rows.flatMap(({ label, cells }) =>
      cells.flatMap((cell, i) =>
        cell === null || cell.published === null
          ? []
          : [[text([label, columns[i]].filter(Boolean).join(', ')), text(cell.text.published), oursText(cell)]],
      ),
    );
    return lines.length === 0
      ? []
      : [
          `**${text(caption)}**\n\n${table(
            [
              ['', false],
              ['published', true],
              ['ours', true],
            ],
            lines,
          )}`,
        ];
  });
  const seeds = seedsText(settings);
  return [
    `### ${text(title)}`,
    ...parts,
    ...times(settings),
    ...remarks.map(prose),
    `${seeds} ${seeds === '1' ? 'seed' : 'seeds'} each, ${text(machine)}, ` +
      `lanewise ${text(lanewise)}, ${began.slice(0, 10)}. [All of it](${name}/report.md)`,
  ].join('\n\n');
}

/** Seconds of training to the accuracies that the study counts. */
function times(all) {
  const rows = all.filter(({ goals }) => goals.some(({ reached }) => reached > 0));
  const accuracies = [...new Set(rows.flatMap(({ goals }) => goals.map(({ accuracy }) => accuracy)))].sort(
    (a, b) => a - b,
  );
  if (rows.length === 0) return [];
  const cell = (goals, runs, accuracy) => {
    const goal = goals.find((each) => each.accuracy === accuracy);
    if (goal === undefined || goal.seconds === null) return 'not reached';
    const seeds = goal.reached < runs ? `, ${goal.reached} of ${runs} seeds` : '';
    return `${duration(goal.seconds)} (epoch ${goal.epoch}${seeds})`;
  };
  return [
    `**Time of training (median of the seeds)**\n\n${table(
      [['', false], ['an epoch', true], ...accuracies.map((accuracy) => [`to ${goalOf(accuracy)}`, true])],
      rows.map(({ label, runs, secondsPerEpoch, goals }) => [
        text(label),
        secondsPerEpoch === null ? '–' : duration(secondsPerEpoch.mean),
        ...accuracies.map((accuracy) => cell(goals, runs, accuracy)),
      ]),
    )}`,
  ];
}

function renew() {
  const place = ({ name }) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const records = fs
    .readdirSync(kept, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readRecord(path.join(kept, name)))
    .sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
  const before = fs.readFileSync(page, 'utf8');
  const [from, to] = [before.indexOf(BEGIN) + BEGIN.length, before.indexOf(END)];
  if (from < BEGIN.length || to < from) throw new Error(`${page} has no marks ${BEGIN.trim()} and ${END}`);
  const made =
    records.length === 0 ? 'No report is kept yet.' : [overview(records), ...records.map(comparisons)].join('\n\n');
  fs.writeFileSync(page, `${before.slice(0, from)}${made}\n${before.slice(to)}`);
  console.log(`${path.relative(process.cwd(), page)}: ${records.length} studies`);
}

try {
  if (directory !== undefined) keep(directory);
  renew();
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
