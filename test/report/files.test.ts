/** The files that a report consists of. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CheckpointError } from '../../src/index.js';
import type { ReportRecord } from '../../src/report/dataFiles.js';
import { writeReport } from '../../src/report/index.js';
import { loadReportProgram } from '../../src/report/program.js';
import { MANIFEST, RESULTS, ROWS, result, writeStudy } from './study.js';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-report-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

const directory = path.join(scratch, 'study');
const read = (name: string, from = directory): string => fs.readFileSync(path.join(from, name), 'utf8');

/** CSV after RFC 4180, read sign by sign. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (quoted && sign === '"' && text[i + 1] === '"') {
      field += '"';
      i++;
    } else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === ',') {
      rows.at(-1)!.push(field);
      field = '';
    } else if (!quoted && sign === '\r' && text[i + 1] === '\n') {
      rows.at(-1)!.push(field);
      field = '';
      rows.push([]);
      i++;
    } else field += sign;
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

beforeAll(async () => {
  await writeReport(writeStudy(directory));
});

describe('results.csv', () => {
  test('has a line for each run, with what it came to and its settings', () => {
    const [head, ...rows] = parseCsv(read('results.csv')) as [string[], ...string[][]];
    expect(rows.map((row) => row.length)).toEqual(rows.map(() => head.length));
    expect(head).not.toContain('settings.data');
    const records = rows.map((row) => Object.fromEntries(row.map((value, i) => [head[i]!, value])));
    expect(records.map(({ id }) => id)).toEqual(RESULTS.map(({ id }) => id));
    expect(records[1]).toMatchObject({
      status: 'done',
      diverged: '',
      finalTestAccuracy: '0.96',
      'to95.epoch': '1',
      'to95.seconds': '2.2',
      'to99.epoch': '',
      digest: '2'.repeat(64),
      'settings.lr': '0.1',
      'settings.model': 'mlp',
      seed: '2',
    });
    expect(records[5]).toMatchObject({
      label: 'with <b>BN</b> & "more"',
      status: 'diverged',
      diverged: 'nonFinite',
      divergedAfter: '6',
      digest: '',
    });
    expect(records.find(({ id }) => id === 'late-s1')!.error).toBe(RESULTS.find(({ id }) => id === 'late-s1')!.error);
  });
});

test('metrics.jsonl has a line for each epoch of each run', () => {
  const lines = read('metrics.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.length).toBe(RESULTS.reduce((sum, { history }) => sum + history.length, 0));
  expect(lines[1]).toMatchObject({ run: 'plain-s1', row: 'plain', seed: 1, epoch: 2, testAccuracy: 0.95, steps: 20 });
});

test('report.json has the comparisons in numbers', () => {
  const record = JSON.parse(read('report.json')) as ReportRecord;
  expect(record).toMatchObject({
    name: 'made-up',
    complete: false,
    quick: false,
    runs: { done: 12, diverged: 4, failed: 1, missing: ROWS.length * 3 - RESULTS.length },
  });
  expect(record.tables[0]!.rows[0]!.cells[0]).toMatchObject({
    published: 0.97,
    differs: false,
    ours: { count: 3, low: 0.95, high: 0.98 },
  });
});

describe('figures', () => {
  test('are those that there is something to draw of', () => {
    expect(fs.readdirSync(path.join(directory, 'figures')).sort()).toEqual([
      'accuracy.svg',
      'coarse.svg',
      'loss.svg',
      'rates.svg',
    ]);
  });

  test('are SVG that names its curves, as text', () => {
    const text = read('figures/loss.svg');
    expect(text).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(text).toContain('Training loss');
    expect(text).toContain('with &lt;b&gt;BN&lt;/b&gt;');
    expect(text).not.toContain('<b>');
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    // A pair in one colour, the one without dashed, and a third row; behind each the band of its seeds.
    const lines = [...text.matchAll(/<path [^>]*fill="none"[^>]*>/g)]
      .map(([path]) => path)
      .filter((path) => /stroke-width="1.8"/.test(path));
    const strokes = lines.map(
      (path) => `${/stroke="([^"]*)"/.exec(path)![1]}${path.includes('stroke-dasharray') ? ' dashed' : ''}`,
    );
    expect(new Set(strokes)).toEqual(new Set(['#0072b2 dashed', '#0072b2', '#d55e00']));
    expect(text.match(/opacity="0.16"/g)?.length).toBe(3);
  });
});

test('a figure is high enough for its bands', async () => {
  const { pictureOf } = await loadReportProgram();
  const x = { name: 'x' };
  const curve = {
    name: 'c',
    color: 0,
    dash: 'solid',
    points: [
      [1, 46],
      [2, 46.5],
      [3, 46],
    ],
    band: [
      [1, 45.8, 46.2],
      [2, 44.2, 48.3],
      [3, 45.8, 46.2],
    ],
  } as const;
  const svg = pictureOf({ kind: 'lines', id: 'c', title: 'C', caption: '', x, y: { name: 'y' }, curves: [curve] });
  const labels = [...svg.matchAll(/<text [^>]*text-anchor="end"[^>]*>([\d.]+)<\/text>/g)].map(([, label]) =>
    Number(label),
  );
  expect(Math.min(...labels)).toBeLessThanOrEqual(44.2);
  expect(Math.max(...labels)).toBeGreaterThanOrEqual(48.3);
});

describe('report.md', () => {
  test('says first that it is not complete', () =>
    expect(read('report.md')).toMatch(
      /^# .*\n\n> \*\*Not complete: 17 of 24 runs are at their end\. The same command goes on\.\*\*/,
    ));
  test('shows pictures that are there', () => {
    const pictures = [...read('report.md').matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, file]) => file!);
    expect(pictures.length).toBe(4);
    expect(pictures.filter((file) => !fs.existsSync(path.join(directory, file)))).toEqual([]);
  });
  test('has tables whose rows have as many cells as their heads', () => {
    const tables = read('report.md')
      .split('\n\n')
      .filter((part) => part.startsWith('|'));
    expect(tables.length).toBe(5);
    for (const table of tables)
      expect(
        new Set(table.split('\n').map((line) => line.replace(/\\\\|\\\|/g, '').split('|').length)).size,
        table,
      ).toBe(1);
  });
  test('takes no text for markup', () => {
    const text = read('report.md')
      .replace(/`[^`\n]*`/g, '')
      .replace(/<br>|<\/?details>|<\/?summary>/g, '');
    expect(text).not.toMatch(/(?<!\\)</);
    expect(text).toContain('1 of 3 diverged');
  });
});

describe('report.html', () => {
  /** All but the program. */
  const markup = (): string => read('report.html').replace(/<script type="module">[\s\S]*?<\/script>/, '');

  test('is one file that names no other and stays small', () => {
    expect(markup()).toContain("default-src 'none'");
    expect([...markup().matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toEqual(['data:,']);
    expect(Buffer.byteLength(read('report.html'))).toBeLessThan(1_500_000);
  });

  test('takes no text for markup', () => {
    expect(markup()).not.toMatch(/<(?:i|b|img)\b(?! title="off by)/);
    expect(markup().match(/<script\b/g)?.length).toBe(1);
    expect(markup()).toContain('&#60;img src=x onerror=alert(1)&#62;');
    expect(markup()).toContain('<title>Made up: &#60;i&#62;norm&#60;/i&#62; | or not</title>');
  });

  test('carries its charts as JSON', () => {
    const json = /<script type="application\/json" id="charts">([^<]*)<\/script>/.exec(read('report.html'))![1]!;
    expect((JSON.parse(json) as { id: string }[]).map(({ id }) => id)).toEqual(['loss', 'accuracy', 'coarse', 'rates']);
  });
});

describe('other states of a study', () => {
  test('rows with fewer seeds: which, and none of them is missing', async () => {
    const fewer = path.join(scratch, 'fewer');
    const rows = ROWS.filter(({ id }) => id === 'plain' || id === 'c-0.01-0.000002').map((row) =>
      row.group === 'coarse' ? { ...row, seeds: [1] } : row,
    );
    const results = RESULTS.filter(({ row }) => rows.some(({ id }) => id === row));
    await writeReport(writeStudy(fewer, { ...MANIFEST, rows, ended: '2026-01-02T04:00:00.000Z' }, results));
    expect(read('report.md', fewer)).not.toContain('> **');
    expect(read('report.md', fewer)).toContain('2 settings, 1 to 3 seeds each: 4 done.');
    expect(read('report.md', fewer)).toContain('1, 2, 3; Coarse search: 1');
    expect((JSON.parse(read('report.json', fewer)) as ReportRecord).rows.map(({ seeds }) => seeds)).toEqual([
      [1, 2, 3],
      [1],
    ]);
  });

  test('complete: no notice', async () => {
    const complete = path.join(scratch, 'complete');
    const rows = ROWS.slice(0, 1);
    await writeReport(
      writeStudy(complete, { ...MANIFEST, rows, ended: '2026-01-02T04:00:00.000Z' }, RESULTS.slice(0, 3)),
    );
    expect(read('report.md', complete)).not.toContain('> **');
    expect(read('report.md', complete)).toContain('1 setting, 3 seeds each: 3 done.');
    expect((JSON.parse(read('report.json', complete)) as ReportRecord).complete).toBe(true);
  });

  test('of data that are not all there: says so once', async () => {
    const partial = path.join(scratch, 'partial');
    await writeReport(
      writeStudy(
        partial,
        MANIFEST,
        RESULTS.map((each) => ({ ...each, notes: ['20000 <images> instead of 50000'] })),
      ),
    );
    expect(read('report.html', partial).match(/Of the data: 20000 &#60;images&#62; instead of 50000\./g)).toHaveLength(
      1,
    );
  });

  test('small version: says so', async () => {
    const quick = path.join(scratch, 'quick');
    await writeReport(writeStudy(quick, { ...MANIFEST, quick: true }));
    expect(read('report.html', quick)).toContain('This is the small version of the study');
    expect(read('report.md', quick)).not.toContain('Where ours differ');
  });

  test('nothing run yet: a report without figures', async () => {
    const empty = path.join(scratch, 'empty');
    await writeReport(writeStudy(empty, MANIFEST, []));
    expect(read('report.html', empty)).toContain('Not complete: 0 of 24 runs are at their end.');
    expect(read('report.html', empty)).not.toContain('<script type="module">');
    expect(read('results.csv', empty).split('\r\n').length).toBe(2);
  });

  test('a report is made anew from what has been added', async () => {
    const growing = writeStudy(path.join(scratch, 'growing'), MANIFEST, RESULTS.slice(0, 2));
    await writeReport(growing);
    expect(read('report.md', growing)).toContain('95.50 ± 0.71');
    writeStudy(growing, MANIFEST, [result('plain', 3, [0.5, 0.94])]);
    await writeReport(growing);
    // 95, 96, 94: mean 95, deviation 1.
    expect(read('report.md', growing)).toContain('95.00 ± 1.00');
  });

  test('no study there', async () => {
    await expect(writeReport(scratch)).rejects.toThrow(CheckpointError);
    await expect(writeReport(scratch)).rejects.toThrow(/study\.json is missing/);
  });
});
