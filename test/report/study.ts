/** A small study in which runs end in every way that they can, made by hand. */
import fs from 'node:fs';
import path from 'node:path';
import { manifestFile, resultFile, runId } from '../../src/experiments/layout.js';
import type { RunResult } from '../../src/experiments/result.js';
import type { Manifest, PlannedRow } from '../../src/experiments/study.js';
import { resolveTrainSettings } from '../../src/recipes/index.js';

export const SEEDS = [1, 2, 3];

export const ROWS: readonly PlannedRow[] = [
  {
    id: 'plain',
    group: 'mlp',
    label: 'plain',
    seeds: SEEDS,
    validation: 0,
    settings: { model: 'mlp', lr: 0.1, epochs: 2 },
  },
  {
    id: 'bn',
    group: 'mlp',
    label: 'with <b>BN</b> & "more"',
    seeds: SEEDS,
    validation: 0,
    settings: { model: 'mlp-bn', lr: 0.1, epochs: 2 },
  },
  {
    id: 'wild',
    group: 'mlp',
    label: 'wild',
    seeds: SEEDS,
    validation: 0,
    settings: { model: 'mlp', lr: 50, epochs: 2 },
    extra: true,
  },
  {
    id: 'late',
    group: 'mlp',
    label: 'late',
    seeds: SEEDS,
    validation: 0,
    settings: { model: 'mlp', lr: 1, epochs: 2 },
  },
  ...[0.01, 0.1].flatMap((lr) =>
    [2e-8, 2e-6].map(
      (weightDecay): PlannedRow => ({
        id: `c-${lr}-${weightDecay}`,
        group: 'coarse',
        label: `η ${lr}`,
        seeds: SEEDS,
        validation: 0.1,
        settings: { model: 'mlp-bn', lr, weightDecay },
      }),
    ),
  ),
];

export const MANIFEST: Manifest = {
  version: 1,
  study: {
    name: 'made-up',
    title: 'Made up: <i>norm</i> | or not',
    dataset: 'mnist',
    question: ['Is `a < b`? And what of </script><script>alert(1)</script>?'],
    groups: [
      { id: 'mlp', title: 'MLP' },
      { id: 'coarse', title: 'Coarse search' },
      { id: 'fine', title: 'Fine search' },
    ],
    tables: [
      {
        id: 'accuracy',
        caption: 'Test accuracy',
        columns: ['without', 'with'],
        rows: [
          {
            label: 'lr 0.1',
            cells: [
              { published: 0.97, row: 'plain', measure: { of: 'testAccuracy', at: 'last' } },
              { published: 0.91, row: 'bn', measure: { of: 'testAccuracy', at: 'last' } },
            ],
          },
          {
            label: 'lr 50',
            cells: [
              { published: 0.1136, row: 'wild', measure: { of: 'testAccuracy', at: 'last' }, diverges: true },
              null,
            ],
          },
          {
            label: 'lr 1',
            cells: [
              { published: 0.95, row: 'late', measure: { of: 'testAccuracy', at: 'last' } },
              { published: null, row: 'unknown', measure: { of: 'secondsPerEpoch' } },
            ],
          },
          {
            label: 'epochs to 95 %',
            cells: [
              { published: 9, row: 'plain', measure: { of: 'epochsTo', accuracy: 0.95 } },
              { published: 3, row: 'bn', measure: { of: 'epochsTo', accuracy: 0.99 } },
            ],
          },
        ],
      },
    ],
    rankings: [
      {
        id: 'top',
        caption: 'The best two',
        group: 'coarse',
        top: 2,
        measure: { of: 'testAccuracy', at: 'last' },
        settings: [
          { setting: 'lr', label: 'η' },
          { setting: 'weightDecay', label: 'λ', per: 2 },
        ],
        published: [{ settings: [0.02785, 2.0309e-8], value: 0.418 }],
      },
    ],
    figures: [
      { kind: 'curves', id: 'loss', title: 'Training loss', x: 'step', y: 'stepLoss', rows: ['plain', 'bn', 'wild'] },
      {
        kind: 'curves',
        id: 'accuracy',
        title: 'Test accuracy',
        x: 'seconds',
        y: 'testAccuracy',
        rows: ['plain', 'bn', 'late'],
      },
      {
        kind: 'search',
        id: 'coarse',
        title: 'Coarse search',
        group: 'coarse',
        x: { setting: 'lr', label: 'η' },
        y: { setting: 'weightDecay', label: 'λ', per: 2 },
        measure: { of: 'testAccuracy', at: 'last' },
      },
      {
        kind: 'search',
        id: 'rates',
        title: 'Rates',
        group: 'mlp',
        x: { setting: 'lr', label: 'lr' },
        measure: { of: 'trainAccuracy', at: 'last' },
      },
      {
        kind: 'curves',
        id: 'nothing',
        title: 'Nothing yet',
        x: 'epoch',
        y: 'testLoss',
        rows: ['c-0.1-0.000002', 'unknown'],
      },
    ],
    choices: ['Momentum: none is named, so 0.5 | 0.9.'],
    remarks: ['Ours begins elsewhere (`--seed_of 1`).'],
    quick: {},
  },
  quick: false,
  rows: ROWS,
  seeds: 3,
  jobs: 2,
  threads: 1,
  machine: { cpu: 'Some CPU', cores: 2, memory: 24 * 2 ** 30, system: 'Linux x64', engine: 'Node 20.0.0' },
  command: 'lanewise experiment made-up --seeds 3',
  lanewise: '0.1.0',
  began: '2026-01-02T03:04:05.678Z',
  ended: null,
};

/** A run of two epochs of ten steps; `test` are its accuracies after them. */
export function result(row: string, seed: number, test: readonly number[], more: Partial<RunResult> = {}): RunResult {
  const planned = ROWS.find(({ id }) => id === row)!;
  return {
    id: runId(row, seed),
    row,
    group: planned.group,
    label: planned.label,
    seed,
    validation: planned.validation,
    settings: { ...resolveTrainSettings({ ...planned.settings, seed }) } as RunResult['settings'],
    status: 'done',
    divergence: null,
    error: null,
    atChance: false,
    parameters: 1234,
    notes: [],
    history: test.map((testAccuracy, i) => ({
      epoch: i + 1,
      trainLoss: 1 / (i + 1),
      trainAccuracy: testAccuracy - 0.01,
      testLoss: 1.5 / (i + 1),
      testAccuracy,
      seconds: 2,
      imagesPerSecond: 500,
      steps: 10 * (i + 1),
      trainSeconds: (2 + seed / 10) * (i + 1),
    })),
    curve: { every: 5, loss: [2, 1, 0.5, 0.25].map((loss) => loss + seed / 100), accuracy: [0.5, 0.6, 0.7, 0.8] },
    finalTrainAccuracy: test.length === 0 ? null : test.at(-1)! - 0.01,
    finalTestAccuracy: test.at(-1) ?? null,
    bestTestAccuracy: test.length === 0 ? null : Math.max(...test),
    secondsPerEpoch: test.length === 0 ? null : 2 + seed / 10,
    milestones:
      planned.validation > 0
        ? []
        : [0.95, 0.99].map((accuracy) => {
            const i = test.findIndex((value) => value > accuracy);
            return { accuracy, epoch: i < 0 ? null : i + 1, seconds: i < 0 ? null : (2 + seed / 10) * (i + 1) };
          }),
    stepsTo90: null,
    digest: `${seed}`.repeat(64),
    steps: 10 * test.length,
    seconds: 5,
    runtime: null,
    attempts: 1,
    ended: '2026-01-02T03:05:00.000Z',
    ...more,
  };
}

/** In the order of rows and seeds. */
export const RESULTS: readonly RunResult[] = [
  result('plain', 1, [0.94, 0.95]),
  result('plain', 2, [0.955, 0.96]),
  result('plain', 3, [0.97, 0.98]),
  result('bn', 1, [0.96, 0.97]),
  result('bn', 2, [0.96, 0.972]),
  result('bn', 3, [], {
    status: 'diverged',
    divergence: { kind: 'nonFinite', reason: 'the loss is NaN at step 7', step: 6 },
    digest: null,
    steps: 6,
    curve: { every: 5, loss: [3e15, null], accuracy: [0.1, null] },
  }),
  ...SEEDS.map((seed) =>
    result('wild', seed, [0.1, 0.1 + seed / 1000], {
      status: 'diverged',
      atChance: true,
      divergence: { kind: 'collapsed', reason: 'all test images are taken for class 1', step: 20 },
      curve: { every: 5, loss: [3e15, 40, 2.303, 2.303], accuracy: [] },
    }),
  ),
  result('late', 1, [0.5], {
    status: 'failed',
    attempts: 2,
    error: 'the worker was lost: <img src=x onerror=alert(1)> | "quoted",\nsecond line',
  }),
  ...SEEDS.map((seed) => result('c-0.01-2e-8', seed, [0.3, 0.4 + seed / 100])),
  result('c-0.01-0.000002', 1, [0.2, 0.25]),
  ...SEEDS.map((seed) => result('c-0.1-2e-8', seed, [0.2, 0.3])),
];

/** Writes a study as `lanewise experiment` leaves it. */
export function writeStudy(
  directory: string,
  manifest: Manifest = MANIFEST,
  results: readonly RunResult[] = RESULTS,
): string {
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(manifestFile(directory), JSON.stringify(manifest));
  for (const each of results) {
    const file = resultFile(directory, each.id);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(each));
  }
  return directory;
}
