/**
 * npm run test:package: the packed tarball, installed in scratch projects that know nothing of this repository, trains
 * two steps to the same digest in every runtime, bundler and kind of page; and keeps to its budgets.
 *
 *     node test/package/run.mjs                   everything that is installed
 *     node test/package/run.mjs --only 'Vite'     the rows whose name has this
 *     node test/package/run.mjs --page            write the table into docs/platforms.md
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { engines, ISOLATION, openPage, runProgram, serve } from '../engines/engines.mjs';
import { budgets } from './budgets.mjs';
import { helpers, places } from './places.mjs';
import { targets } from './targets.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const scratch = path.join(root, 'build/package');

function npm(...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}

/** Packs what is built, and installs it below the scratch directory, without the network. */
function install() {
  fs.rmSync(scratch, { recursive: true, force: true });
  fs.mkdirSync(scratch, { recursive: true });
  fs.writeFileSync(path.join(scratch, 'package.json'), '{ "private": true }\n');
  const [{ filename }] = JSON.parse(npm('pack', '--ignore-scripts', '--json', '--pack-destination', scratch));
  const tarball = path.join(scratch, filename);
  npm('install', '--prefix', scratch, '--offline', '--no-audit', '--no-fund', '--no-package-lock', tarball);
  return tarball;
}

const { values: options } = parseArgs({ options: { only: { type: 'string' }, page: { type: 'boolean' } } });
/** Places that the tests cannot have: the page says so. */
const NOT_RUN = ['Electron', '`deno compile`', 'Windows', 'macOS'];
/** What the column of the places is called. */
const PLACE = 'runs';
const counts = { passed: 0, failed: 0, skipped: 0 };
/** By target: what each engine came to. */
const table = new Map();
// Each engine once: the suite of the engines has them with wide kernels, and emulated ones.
const found = engines
  .filter(({ wide, places }) => !wide && places === undefined)
  .map((engine) => ({ ...engine, file: engine.find() }));

function note(target, engine, outcome, text) {
  counts[outcome]++;
  if (!table.has(target)) table.set(target, new Map());
  table.get(target).set(engine, outcome);
  console.log(`${outcome.padEnd(8)} ${target}, ${engine}: ${text}`);
}

const tarball = install();
const { train } = await import('./fixtures/train.mjs');
const wanted = (await train(await import(path.join(scratch, 'node_modules/lanewise/dist/index.js')))).digest;

/** Every answer has the digest, and the number of threads that the place can have. */
function judge({ threads = 2 }, answer) {
  if (answer.error !== undefined) throw new Error(answer.error);
  if (answer.digest !== wanted) throw new Error(`the digest is ${answer.digest}, not ${wanted}`);
  if (answer.threads !== threads)
    throw new Error(`${answer.threads} threads instead of ${threads}: ${answer.threadsReason}`);
  const reason = answer.threadsReason === undefined ? '' : ` (${answer.threadsReason})`;
  return `${answer.digest.slice(0, 8)}, ${answer.threads} threads${reason}`;
}

const server = await serve(scratch, (file) => ({
  ...ISOLATION,
  ...targets.find(({ folder, headers }) => headers !== undefined && file.startsWith(`/${folder}/`))?.headers,
}));
const elsewhere = await serve(scratch, () => ({
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
}));
for (const target of targets) {
  if (options.only !== undefined && !target.name.includes(options.only)) continue;
  const folder = path.join(scratch, target.folder);
  fs.mkdirSync(folder, { recursive: true });
  let site;
  try {
    site = await target.make({ folder, server, elsewhere, root, modules: path.join(scratch, 'node_modules') });
  } catch (error) {
    const missing = error.code === 'ERR_MODULE_NOT_FOUND';
    note(
      target.name,
      target.kind,
      missing ? 'skipped' : 'failed',
      missing ? 'not installed: npm ci --prefix test/package' : error.message,
    );
    continue;
  }
  for (const engine of found.filter(({ name, kind }) => kind === target.kind && (target.engines?.test(name) ?? true))) {
    if (engine.file === null) {
      note(target.name, engine.name, 'skipped', 'not installed');
      continue;
    }
    try {
      const answer =
        engine.kind === 'runtime'
          ? await runProgram(
              [engine.file, ...(engine.name === 'Deno' ? ['run'] : []), path.join(folder, target.file)],
              { cwd: folder },
            )
          : await openPage(
              { ...engine, env: { ...engine.env, ...target.env } },
              engine.file,
              site.url,
              server.answer(),
              { seconds: 60 },
            );
      note(target.name, engine.name, 'passed', judge(target, JSON.parse(answer)));
    } catch (error) {
      note(target.name, engine.name, 'failed', error.message);
    }
  }
  await site?.close?.();
}

const given = { server, root, modules: path.join(scratch, 'node_modules'), ...helpers(found, server) };
for (const [i, place] of places.entries()) {
  if (options.only !== undefined && !place.name.includes(options.only)) continue;
  const folder = path.join(scratch, `place-${i}`);
  fs.mkdirSync(folder, { recursive: true });
  try {
    note(place.name, PLACE, 'passed', judge(place, JSON.parse(await place.check({ ...given, folder }))));
  } catch (error) {
    const missing = /^(ERR_)?MODULE_NOT_FOUND$/.test(error.code);
    note(
      place.name,
      PLACE,
      missing ? 'skipped' : 'failed',
      missing ? 'not installed: npm ci --prefix test/package' : error.message,
    );
  }
}
server.close();
elsewhere.close();

for (const { name, check } of budgets) {
  if (options.only !== undefined && !name.includes(options.only)) continue;
  try {
    note(name, 'this Node', 'passed', await check({ root, scratch, tarball }));
  } catch (error) {
    const missing = error.code === 'MODULE_NOT_FOUND';
    note(
      name,
      'this Node',
      missing ? 'skipped' : 'failed',
      missing ? 'not installed: npm ci --prefix test/package' : error.message,
    );
  }
}

if (options.page) {
  const mark = { passed: 'yes', failed: '**no**', skipped: 'not run' };
  const rows = (kind) => {
    const columns = found.filter((engine) => engine.kind === kind).map(({ name }) => name);
    return [
      `| | ${columns.join(' | ')} |`,
      `| --- |${' --- |'.repeat(columns.length)}`,
      ...targets
        .filter((target) => target.kind === kind)
        .map(
          ({ name }) =>
            `| ${name} | ${columns.map((column) => mark[table.get(name)?.get(column)] ?? '').join(' | ')} |`,
        ),
    ].join('\n');
  };
  const others = () =>
    [
      '| other places | |',
      '| --- | --- |',
      ...places.map(({ name }) => `| ${name} | ${mark[table.get(name)?.get(PLACE)] ?? ''} |`),
      ...NOT_RUN.map((name) => `| ${name} | not run |`),
    ].join('\n');
  const page = path.join(root, 'docs/platforms.md');
  const text = fs.readFileSync(page, 'utf8');
  fs.writeFileSync(
    page,
    text.replace(
      /(<!-- made by npm run test:package -- --page -->\n)[\s\S]*?(<!-- end -->)/,
      (_, begin, end) => `${begin}${rows('runtime')}\n\n${rows('browser')}\n\n${others()}\n${end}`,
    ),
  );
}
console.log(
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`}`,
);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
