/** What the tables of a report say, against values reckoned by hand. */
import { describe, expect, test } from 'vitest';
import type { TableCell } from '../../src/report/document.js';
import { outcome, Results, trouble } from '../../src/report/outcome.js';
import { compareTable, differences, shownRanking, shownTable } from '../../src/report/publishedTables.js';
import { groupTable, runsTable, troubles } from '../../src/report/runTables.js';
import { MANIFEST, RESULTS, result } from './study.js';

const results = new Results(MANIFEST, RESULTS);
const plainSpaces = (text: string): string => text.replaceAll('\u00a0', ' ');
/** The lines of a cell. */
const lines = ({ text, about, under = [] }: TableCell): string[] =>
  [text, ...(about === undefined ? [] : [about]), ...under].map(plainSpaces);

describe('published beside ours', () => {
  const compared = compareTable(MANIFEST.study.tables[0]!, results);
  const shown = shownTable(compared);

  test('mean ± standard deviation over the seeds, and what was published', () => {
    // 95, 96, 98: mean 96.333, Σ(x − mean)² / 2 = 2.3333, whose root is 1.5275.
    expect(lines(shown.rows[0]![1]!)).toEqual(['96.33 ± 1.53 %', 'published 97 %']);
    expect(compared.rows[0]!.cells[0]!.ours).toEqual({
      count: 3,
      mean: expect.closeTo(0.963333, 6),
      deviation: expect.closeTo(0.0152753, 6),
      low: 0.95,
      high: 0.98,
    });
  });

  test('seeds that diverged are told beside the mean of the others', () => {
    // 97.0 and 97.2: mean 97.1, deviation 0.2 / √2 = 0.1414.
    expect(lines(shown.rows[0]![2]!)).toEqual(['97.10 ± 0.14 %', '1 of 3 diverged', 'published 91 %']);
    expect(shown.rows[0]![2]!.tone).toBe('diverged');
  });

  test('where a seed that diverged ended is told, but not averaged', () => {
    const wild = RESULTS.find(({ id }) => id === 'wild-s1')!;
    const mixed = [
      ...RESULTS.filter(({ row }) => row !== 'plain'),
      ...RESULTS.filter(({ row }) => row === 'plain').slice(0, 2),
      { ...wild, id: 'plain-s3', row: 'plain', seed: 3 },
    ];
    const [first] = shownTable(compareTable(MANIFEST.study.tables[0]!, new Results(MANIFEST, mixed))).rows;
    // 95 and 96: mean 95.5, deviation 1 / √2 = 0.7071.
    expect(lines(first![1]!)).toEqual(['95.50 ± 0.71 %', '1 of 3 diverged, 10.1 %', 'published 97 %']);
  });

  test('a row that diverged as it was published to do', () => {
    expect(lines(shown.rows[1]![1]!)).toEqual(['10.20 ± 0.10 %', 'all 3 diverged', 'published 11.36 %, diverges']);
    expect(shown.rows[1]![2]!.text).toBe('');
  });

  test('failed and missing runs', () => {
    expect(lines(shown.rows[2]![1]!)).toEqual(['50.00 %', '1 of 3 failed, 2 of 3 not at their end', 'published 95 %']);
    expect(shown.rows[2]![1]!.tone).toBe('failed');
    expect(lines(shown.rows[2]![2]!)).toEqual(['not run yet', 'none published']);
  });

  test('goals that some seeds reach, or none', () => {
    expect(lines(shown.rows[3]![1]!)).toEqual(['1 (2 of 3 seeds)', 'published 9']);
    expect(lines(shown.rows[3]![2]!)).toEqual(['not reached', '1 of 3 diverged', 'published 3']);
  });

  test('off by more than the seeds are apart, or not', () => {
    // 96.33 − 97 = −0.67 within 98 − 95; 97.1 − 91 = 6.1 and 97.2 − 97.0 = 0.2; `wild` diverges as published; one seed
    // of `late` tells nothing; no seed of `bn` gets to 99 %.
    expect(compared.rows.map(({ cells }) => cells.map((cell) => cell?.differs ?? null))).toEqual([
      [false, true],
      [false, null],
      [null, null],
      [true, true],
    ]);
    expect(differences([compared]).map(plainSpaces)).toEqual([
      'Test accuracy: lr 0.1, with: 97.10 ± 0.14 % beside 91 %, 6.10 points above',
      'Test accuracy: epochs to 95 %, without: 1 beside 9, 8 below',
      'Test accuracy: epochs to 95 %, with: not reached beside 3',
    ]);
  });

  test('a row published to diverge differs when a seed of it learns, and times are not held against each other', () => {
    const learned = { ...RESULTS.find(({ id }) => id === 'plain-s3')!, id: 'wild-s3', row: 'wild' };
    const mixed = new Results(MANIFEST, [...RESULTS.filter(({ id }) => id !== 'wild-s3'), learned]);
    const cells = [
      { published: 0.1136, row: 'wild', measure: { of: 'testAccuracy', at: 'last' }, diverges: true },
      { published: 14, row: 'plain', measure: { of: 'secondsPerEpoch' } },
    ] as const;
    // One seed is no spread; two are.
    const [wild, seconds] = compareTable({ id: 't', caption: '', columns: [], rows: [{ label: '', cells }] }, mixed)
      .rows[0]!.cells;
    expect([wild!.ours!.mean, wild!.trouble, wild!.differs]).toEqual([
      0.98,
      '2 of 3 diverged, 10.1\u00a0%, 10.2\u00a0%',
      null,
    ]);
    expect(seconds!.differs).toBe(null);
    const more = new Results(MANIFEST, [
      ...RESULTS.filter(({ row }) => row !== 'wild'),
      RESULTS.find(({ id }) => id === 'wild-s1')!,
      {
        ...learned,
        id: 'wild-s2',
        seed: 2,
        history: learned.history.map((epoch) => ({ ...epoch, testAccuracy: 0.97 })),
      },
      learned,
    ]);
    expect(
      compareTable({ id: 't', caption: '', columns: [], rows: [{ label: '', cells }] }, more).rows[0]!.cells[0]!
        .differs,
    ).toBe(true);
  });

  test('the small version is not held against the published figures', () => {
    const small = compareTable(MANIFEST.study.tables[0]!, new Results({ ...MANIFEST, quick: true }, RESULTS));
    expect(
      small.rows
        .flatMap(({ cells }) => cells.map((cell) => cell?.differs ?? null))
        .every((differs) => differs === null),
    ).toBe(true);
  });
});

test('the best rows of a search beside the published ones', () => {
  const table = shownRanking(MANIFEST.study.rankings[0]!, results);
  expect(table.rows.map((row) => row.map(({ text }) => plainSpaces(text)))).toEqual([
    ['1.', '0.01', '1e-8', '42.00 ± 1.00 %', '0.02785', '2.0309e-8', '41.8 %'],
    ['2.', '0.1', '1e-8', '30.00 ± 0.00 %', '', '', ''],
  ]);
});

test('a row for each setting of a group', () => {
  const table = groupTable(MANIFEST.study.groups[0]!, results)!;
  expect(table.note).toBe('All with epochs 2.');
  expect(table.columns.map(({ name }) => plainSpaces(name))).toEqual([
    '',
    'test accuracy, %',
    'best, %',
    'training, %',
    'seconds per epoch',
    'to 95 %',
    'to 99 %',
    'runs',
  ]);
  // Seeds 2 and 3 reach 95 % after one epoch of 2.2 and 2.3 s: median 2.25.
  expect(table.rows[0]!.map(lines)).toEqual([
    ['plain', 'model mlp, lr 0.1'],
    ['96.33 ± 1.53'],
    ['96.33 ± 1.53'],
    ['95.33 ± 1.53'],
    ['2.2 ± 0.10'],
    ['2.3 s', 'epoch 1', '2 of 3 seeds'],
    ['not reached'],
    ['3 seeds'],
  ]);
  expect(lines(table.rows[2]![0]!)).toEqual(['wild', 'not in the published report', 'model mlp, lr 50']);
  expect(table.rows.map((row) => row.at(-1)!.text)).toEqual([
    '3 seeds',
    '1 of 3 diverged',
    'all 3 diverged',
    '1 of 3 failed, 2 of 3 not at their end',
  ]);
});

test('a group that is judged by images set aside says so', () => {
  const table = groupTable(MANIFEST.study.groups[1]!, results)!;
  expect(table.note).toContain('Judged by the 10 % of the training images that were set aside');
  expect(plainSpaces(table.columns[1]!.name)).toBe('validation accuracy, %');
});

test('a group whose rows are not known yet has no table', () =>
  expect(groupTable(MANIFEST.study.groups[2]!, results)).toBeNull());

test('all runs, with their digests', () => {
  const table = runsTable(results);
  expect(table.rows.length).toBe(RESULTS.length);
  expect(table.rows[0]!.map(({ text }) => text)).toEqual([
    'plain-s1',
    'done',
    '20',
    '5.0 s',
    '95.00',
    '1',
    `\`${'1'.repeat(16)}\``,
  ]);
  expect(table.rows[0]!.at(-1)!.title).toBe('1'.repeat(64));
});

test('each run that diverged or failed, and why', () => {
  expect(troubles(results)).toEqual([
    '`bn-s3` diverged, after 6 steps: the loss is NaN at step 7',
    ...[1, 2, 3].map((seed) => `\`wild-s${seed}\` diverged, after 20 steps: all test images are taken for class 1`),
    '`late-s1` failed after 2 attempts: the worker was lost: <img src=x onerror=alert(1)> | "quoted",\nsecond line',
  ]);
});

test('words for what went wrong', () => {
  const done = result('plain', 1, [0.9]);
  expect(trouble([done, done, done], 0)).toBe('');
  expect(trouble([{ ...done, atChance: true }], 0)).toBe('at chance');
  expect(trouble([{ ...done, status: 'diverged' }, done], 1)).toBe('1 of 3 diverged, 1 of 3 not at its end');
  expect(outcome({ ...done, atChance: true })).toBe('done, at chance');
});
