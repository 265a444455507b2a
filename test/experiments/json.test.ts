/** JSON files of studies and sweeps, damaged in every way: they are read with the right shape, or refused. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  fields,
  listOf,
  nullable,
  number,
  optional,
  printable,
  readJson,
  text,
  whole,
} from '../../src/experiments/json.js';
import { manifestFile, readManifest, readResult, readResults, resultFile } from '../../src/experiments/layout.js';
import { CheckpointError } from '../../src/index.js';
import { composeReport } from '../../src/report/compose.js';
import { metricsJsonl, reportRecord, resultsCsv } from '../../src/report/dataFiles.js';
import { drawFigure } from '../../src/report/drawFigures.js';
import { htmlOf } from '../../src/report/html.js';
import { markdownOf } from '../../src/report/markdown.js';
import { Results } from '../../src/report/outcome.js';
import { compareTable } from '../../src/report/publishedTables.js';
import { readSweep, type SweepManifest } from '../../src/sweep/runSweep.js';
import { MANIFEST, RESULTS, writeStudy } from '../report/study.js';

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-json-'));
afterAll(() => fs.rmSync(home, { recursive: true }));

describe('readJson', () => {
  const check = fields<{ name: string; sizes: readonly number[]; rate: number | null; note?: string }>({
    name: text,
    sizes: listOf(whole(1, 9), { least: 1 }),
    rate: nullable(number(0)),
    note: optional(text),
  });
  const file = path.join(home, 'some.json');
  const read = (contents: string | Uint8Array) => {
    fs.writeFileSync(file, contents);
    return readJson(file, check, 'repair it');
  };
  const right = { name: 'a', sizes: [1, 2], rate: 0.5 };

  test('returns what fits, with fields that it does not know, and null where there is no file', () => {
    expect(read(JSON.stringify({ ...right, more: 1 }))).toEqual({ ...right, more: 1 });
    expect(read(JSON.stringify({ ...right, rate: null, note: 'n' }))).toMatchObject({ rate: null, note: 'n' });
    expect(readJson(path.join(home, 'none.json'), check, '')).toBe(null);
    expect(readJson(path.join(home, 'none/below.json'), check, '')).toBe(null);
  });

  test.each<[string | Uint8Array, string]>([
    ['', 'is not JSON: '],
    ['{"name": "a"', 'is not JSON: '],
    ['\u001b[31m', String.raw`\u001b[31m`],
    [Uint8Array.of(0x22, 0xff, 0x22), 'is not text in UTF-8'],
    ['null', 'it is null, expected an object'],
    ['[]', 'it is a list, expected an object'],
    ['"a"', 'it is "a", expected an object'],
    ['{}', 'name is missing, expected text'],
    [JSON.stringify({ ...right, name: 7 }), 'name is 7, expected text'],
    [JSON.stringify({ ...right, sizes: {} }), 'sizes is an object, expected a list'],
    [JSON.stringify({ ...right, sizes: [] }), 'sizes has 0 entries, expected ≥ 1'],
    [JSON.stringify({ ...right, sizes: [1, '2'] }), 'sizes[1] is "2", expected a whole number from 1 to 9'],
    [JSON.stringify({ ...right, sizes: [1e300] }), 'sizes[0] is 1e+300'],
    ['{"name":"a","sizes":[1],"rate":1e999}', 'rate is Infinity, expected a finite number'],
    [JSON.stringify({ ...right, rate: -1 }), 'rate is -1, expected a number ≥ 0'],
    [JSON.stringify({ ...right, note: null }), 'note is null, expected text'],
    [JSON.stringify({ ...right, rate: `\u009b${'x'.repeat(100)}` }), String.raw`rate is "\u009bxxx`],
  ])('refuses %j', (contents, problem) => {
    expect(() => read(contents)).toThrow(CheckpointError);
    expect(() => read(contents)).toThrow(problem);
    expect(() => read(contents)).toThrow(new RegExp(`^${file}: [^\\n]*\\n  hint: repair it$`));
  });

  test('refuses what is not a file', () => {
    const link = path.join(home, 'link');
    fs.symlinkSync('/dev/zero', link);
    expect(() => readJson(home, check, 'repair it')).toThrow(/is a directory, expected a file/);
    expect(() => readJson(link, check, 'repair it')).toThrow(/is a device, expected a file/);
    expect(() => readJson(path.join(file, 'below'), check, '')).toThrow(/cannot be read: ENOTDIR/);
    const fifo = path.join(home, 'fifo');
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    expect(() => readJson(fifo, check, '')).toThrow(/is a FIFO, expected a file/);
  });
});

test('control characters and marks of direction are shown, not obeyed', () => {
  expect(printable('a\u001b[2J\u0007\u009b\u202eb\n')).toBe(String.raw`a\u001b[2J\u0007\u009b\u202eb\u000a`);
  expect(printable('größer – 数')).toBe('größer – 数');
});

const WRONG: readonly unknown[] = [null, {}, '<script>', '../x', -1, 1e300, [null]];

/** A value with one of its parts replaced by something else, or removed: every part by everything. */
function* mutations(value: unknown, put: (part: unknown) => unknown = (part) => part): Generator<unknown> {
  for (const wrong of WRONG) yield put(wrong);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    const replaced = (other: unknown): unknown =>
      Array.isArray(value)
        ? value.map((each: unknown, i) => (String(i) === name ? other : each))
        : { ...value, [name]: other };
    yield put(Array.isArray(value) ? value.filter((_, i) => String(i) !== name) : replaced(undefined));
    yield* mutations(part, (other) => put(replaced(other)));
  }
}

/** Reads each mutation of a value; returns how many were refused and how many read. */
function readMutations(value: unknown, file: string, use: () => void): { refused: number; used: number } {
  const count = { refused: 0, used: 0 };
  for (const contents of [...mutations(value)]
    .map((mutation) => JSON.stringify(mutation))
    .concat(JSON.stringify(value))) {
    fs.writeFileSync(file, contents);
    try {
      use();
      count.used++;
    } catch (error) {
      const isTyped = error instanceof CheckpointError && error.message.includes(file) && error.hint !== undefined;
      if (!isTyped) throw new Error(`with ${contents}`, { cause: error });
      count.refused++;
    }
  }
  return count;
}

describe('whatever is changed in a file, it is read or refused', () => {
  const rows = [0, 3, 4].map((i) => MANIFEST.rows[i]!);
  const small = { ...MANIFEST, rows: rows.map((row) => ({ ...row, seeds: [1] })) };
  const directory = writeStudy(
    path.join(home, 'study'),
    small,
    RESULTS.filter(({ seed }) => seed === 1),
  );

  const report = (): string[] => {
    const manifest = readManifest(directory)!;
    const results = new Results(manifest, readResults(directory, manifest));
    const compared = manifest.study.tables.map((table) => compareTable(table, results));
    const charts = manifest.study.figures.flatMap((figure) => drawFigure(figure, results) ?? []);
    const composed = composeReport(results, compared, charts);
    const pictures = new Map(charts.map(({ id }) => [id, `figures/${id}.svg`]));
    return [
      htmlOf(composed, ''),
      markdownOf(composed, pictures),
      resultsCsv(results),
      metricsJsonl(results),
      JSON.stringify(reportRecord(results, compared)),
    ];
  };
  const checked = () => {
    const [html, markdown] = report();
    expect(html).not.toContain('<script>');
    // Within `code`, and after a backslash, it is text.
    expect(markdown!.replace(/`[^`\n]+`|\\</g, '')).not.toContain('<script');
  };

  test('study.json', () => {
    const { refused, used } = readMutations(small, manifestFile(directory), checked);
    expect(refused).toBeGreaterThan(1000);
    expect(used).toBeGreaterThan(200);
  });

  test('result.json', () => {
    const [id, file] = ['plain-s1', resultFile(directory, 'plain-s1')];
    const result = RESULTS.find((each) => each.id === id)!;
    const { refused, used } = readMutations(result, file, () => {
      readResult(directory, id);
      checked();
    });
    expect(refused).toBeGreaterThan(500);
    expect(used).toBeGreaterThan(100);
  });

  test('a report has a result.json that cannot be read as a run that failed', () => {
    fs.writeFileSync(resultFile(directory, 'plain-s1'), '"<script>\u001b[2J"');
    const [failed] = readResults(directory, small);
    expect(failed).toMatchObject({ id: 'plain-s1', row: 'plain', status: 'failed', settings: { lr: 0.1 } });
    const [html, markdown] = report();
    expect(markdown).toMatch(/`plain-s1` failed after 1 attempt: .*result\.json: is not JSON: .*; the same command/);
    expect(html! + markdown!).not.toMatch(/<script>|\u001b/);
  });

  test('sweep.json', () => {
    const sweep: SweepManifest = {
      version: 1,
      strategy: 'halving',
      base: { model: 'mlp', hidden: [8], epochs: 4 },
      trials: [{ lr: 0.1 }, { lr: 0.2, momentum: 0.9 }],
      rungs: [
        { epochs: 1, trials: 2 },
        { epochs: 4, trials: 1 },
      ],
      validation: 0.1,
      jobs: 1,
      threads: 1,
      machine: MANIFEST.machine,
      command: 'lanewise sweep',
      lanewise: '0.1.0',
      began: MANIFEST.began,
      ended: null,
      test: { id: 't0002', loss: 1, accuracy: 0.5 },
    };
    const { refused, used } = readMutations(sweep, path.join(home, 'sweep.json'), () => {
      readSweep(home);
    });
    expect(refused).toBeGreaterThan(200);
    expect(used).toBeGreaterThan(20);
    // The last one that was read is the right one.
    expect(readSweep(home)).toEqual(sweep);
  });
});
