/** The recipes hold together: what tables and figures name is there, and every setting is one. */
import { describe, expect, test } from 'vitest';
import { isShare, type Measure, measure } from '../../src/experiments/measure.js';
import { planRows, requestsOf, stagesOf } from '../../src/experiments/plan.js';
import type { RunResult } from '../../src/experiments/result.js';
import type { Group, PlannedRow, Study } from '../../src/experiments/study.js';
import { idleSettings, resolveTrainSettings } from '../../src/recipes/index.js';
import { STUDIES } from '../../src/studies/index.js';

const study = (name: string): Study => STUDIES.find((candidate) => candidate.name === name)!;

const FULL = { quick: false, seeds: null };

/** A result of a row, as far as later groups look at it. */
const resultOf = (row: PlannedRow, testAccuracy: number): RunResult =>
  ({
    row: row.id,
    group: row.group,
    label: row.label,
    settings: resolveTrainSettings(row.settings),
    history: [{ testAccuracy }],
  }) as unknown as RunResult;

/** All rows of a study, those that follow from others included. */
function rowsOf(of: Study, quick = false, seeds: number | null = null): PlannedRow[] {
  const rows: PlannedRow[] = [];
  const results: RunResult[] = [];
  for (const group of of.groups) {
    const more = planRows(of, group, results, { quick, seeds });
    rows.push(...more);
    results.push(...more.map((row, i) => resultOf(row, 0.3 + 0.001 * i)));
  }
  return rows;
}

test('those after published reports are there', () => {
  expect(STUDIES.slice(0, 6).map(({ name }) => name)).toEqual([
    'bn-mlp',
    'bn-cnn',
    'bn-race',
    'resnet',
    'lenet-optimizers',
    'cifar-search',
  ]);
});

describe.each(STUDIES.map((each) => [each.name, each] as const))('%s', (_name, each) => {
  const rows = rowsOf(each);
  const ids = new Set(rows.map(({ id }) => id));

  test('each row has a name of its own and settings that all do something', () => {
    expect(ids.size).toBe(rows.length);
    for (const { id, settings } of rows) expect(idleSettings(settings, resolveTrainSettings(settings)), id).toEqual([]);
  });

  test('tables and figures name rows and groups that are there, and as many cells as columns', () => {
    const groups = new Set(each.groups.map(({ id }) => id));
    for (const { id, columns, rows: lines } of each.tables) {
      for (const { cells } of lines) {
        expect(cells.length, id).toBe(columns.length);
        for (const cell of cells) {
          if (cell === null) continue;
          expect(ids, id).toContain(cell.row);
          if (isShare(cell.measure) && cell.published !== null)
            expect(cell.published > 0 && cell.published <= 1, `${id}: ${cell.published}`).toBe(true);
        }
      }
    }
    for (const figure of each.figures) {
      if (figure.kind === 'curves') for (const row of figure.rows) expect(ids, figure.id).toContain(row);
      else expect(groups).toContain(figure.group);
    }
    for (const { group, published, settings } of each.rankings) {
      expect(groups).toContain(group);
      for (const line of published) expect(line.settings).toHaveLength(settings.length);
    }
    const names = [...each.tables, ...each.rankings, ...each.figures].map(({ id }) => id);
    expect(each.figures.length + each.tables.length).toBeGreaterThan(1);
    expect(new Set(each.figures.map(({ id }) => id)).size, String(names)).toBe(each.figures.length);
  });

  test('the small version has fewer images and epochs, and rows of the same names', () => {
    for (const { id, settings } of rowsOf(each, true)) {
      expect(ids).toContain(id);
      expect(settings.epochs).toBeLessThanOrEqual(2);
      expect(settings.limit).toBeLessThanOrEqual(6000);
    }
  });
});

describe('what was published', () => {
  const cells = (of: string, table: string) =>
    study(of)
      .tables.find(({ id }) => id === table)!
      .rows.map((row) => row.cells.map((cell) => cell?.published ?? null));

  test('stands in the tables', () => {
    expect(cells('bn-mlp', 'accuracy')).toEqual([
      [0.957, 0.964],
      [0.971, 0.978],
      [0.962, 0.934],
    ]);
    expect(cells('bn-cnn', 'accuracy')).toEqual([
      [0.9177, 0.9487],
      [0.9467, 0.9656],
      [0.1136, 0.9754],
    ]);
    expect(cells('bn-race', 'race')[0]).toEqual([9, 10, 3, 5]);
    expect(cells('resnet', 'resnet').map(([published]) => published)).toEqual([0.9906, 0.9946, null]);
    expect(cells('lenet-optimizers', 'batch-64')).toEqual([
      [0.997, 0.9882, 0.9999, 0.9896, 0.107, 0.1135],
      [0.9847, 0.9849, 0.9392, 0.943, 0.99735, 0.9907],
      [0.0974, 0.0982, 0.1022, 0.1026, 0.6235, 0.6351],
    ]);
    expect(cells('lenet-optimizers', 'batch-256')).toEqual([
      [0.9975, 0.9903, 0.9975, 0.99, 0.1072, 0.1028],
      [0.9555, 0.9595, 0.9175, 0.923, 0.9954, 0.9893],
      [0.0748, 0.0737, 0.0978, 0.0984, 0.3613, 0.3753],
    ]);
    expect(
      study('cifar-search')
        .rankings.find(({ id }) => id === 'fine-top')!
        .published.map(({ value }) => value),
    ).toEqual([0.418, 0.4157, 0.412]);
  });

  test('is what the rows are trained with', () => {
    const settings = (of: string, row: string) =>
      resolveTrainSettings(rowsOf(study(of)).find(({ id }) => id === row)!.settings);
    expect(settings('bn-mlp', 'lr0.7-bn')).toMatchObject({
      model: 'mlp-bn',
      hidden: [1024, 512],
      lr: 0.7,
      weightDecay: 0.001,
      batchSize: 100,
      epochs: 5,
    });
    expect(settings('bn-cnn', 'lr0.5')).toMatchObject({
      model: 'cnn',
      lr: 0.5,
      momentum: 0.01,
      weightDecay: 0.001,
      epochs: 5,
    });
    expect(settings('bn-race', 'mlp')).toMatchObject({
      model: 'mlp',
      lr: 0.01,
      momentum: 0.9,
      weightDecay: 0,
      batchSize: 100,
      epochs: 50,
    });
    expect(settings('resnet', 'resnet')).toMatchObject({
      model: 'mini-resnet',
      lr: 0.1,
      momentum: 0.9,
      weightDecay: 0.0001,
      batchSize: 100,
      epochs: 60,
      shift: 0,
      scheduler: 'none',
    });
    expect(settings('lenet-optimizers', 'adam-b256-lr5e-7')).toMatchObject({
      model: 'lenet5',
      optimizer: 'adam',
      batchSize: 256,
      lr: 5e-7,
      epochs: 20,
    });
    expect(settings('lenet-optimizers', 'sgd-b64-lr0.0005')).toMatchObject({ optimizer: 'sgd', momentum: 0.9 });
  });
});

describe('cifar-search', () => {
  const search = study('cifar-search');
  const group = (id: string) => search.groups.find((each) => each.id === id)!;
  const coarse = planRows(search, group('coarse'), [], FULL);

  test('has a grid of 14 by 14 whose penalty λ‖W‖² is a weight decay of 2λ', () => {
    expect(coarse).toHaveLength(196);
    const rates = [...new Set(coarse.map(({ settings }) => settings.lr!))];
    const lambdas = [...new Set(coarse.map(({ settings }) => settings.weightDecay! / 2))];
    expect([rates.length, rates[0], rates.at(-1)]).toEqual([14, 1e-6, 1e-2]);
    expect([lambdas.length, lambdas[0], lambdas[1], lambdas.at(-1)]).toEqual([14, 1e-8, 2.0309e-8, 1e-4]);
    expect(coarse.every(({ validation }) => validation === 0.1)).toBe(true);
  });

  test('searches on around the λ that did best, by the mean over seeds', () => {
    const good = coarse.find(({ id }) => id === 'coarse-eta09-lambda05')!;
    const lucky = coarse.find(({ id }) => id === 'coarse-eta02-lambda11')!;
    const before = [
      ...coarse.map((row) => resultOf(row, 0.2)),
      resultOf(good, 0.5),
      resultOf(lucky, 0.52),
      resultOf(lucky, 0.1),
      resultOf(good, 0.5),
    ];
    const fine = planRows(search, group('fine'), before, FULL);
    expect(fine).toHaveLength(20);
    expect([fine[0]!.settings.lr, fine.at(-1)!.settings.lr]).toEqual([0.02, 0.1]);
    expect(new Set(fine.map(({ settings }) => settings.weightDecay))).toEqual(new Set([good.settings.weightDecay]));
    const best = resultOf(fine[7]!, 0.6);
    const [winner] = planRows(search, group('winner'), [...before, best], FULL);
    expect(winner).toMatchObject({
      validation: 0,
      settings: { lr: fine[7]!.settings.lr, weightDecay: good.settings.weightDecay },
    });
  });

  test('searches nowhere when nothing is known', () => {
    expect(planRows(search, group('fine'), [], FULL)).toEqual([]);
    expect(planRows(search, group('winner'), [], FULL)).toEqual([]);
  });

  test('is run in stages: what follows from results comes after them', () => {
    expect(stagesOf(search).map((stage) => stage.map(({ id }) => id))).toEqual([
      ['depth3', 'depth2', 'published', 'coarse'],
      ['fine'],
      ['winner'],
    ]);
  });
});

test('runs are every row with the first seed, then with the next', () => {
  const rows = rowsOf(study('bn-race'), false, 2);
  const requests = requestsOf(rows, { directory: '/tmp/x', threads: 1, data: null });
  expect(requests.map(({ id }) => id)).toEqual([
    ...rows.map(({ id }) => `${id}-s1`),
    ...rows.map(({ id }) => `${id}-s2`),
  ]);
  expect(requests.map(({ settings }) => settings.seed)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  expect(requests[0]!.directory).toBe('/tmp/x/runs/cnn-bn-s1');
});

describe('seeds', () => {
  const group = (more: Partial<Group>): Group => ({
    id: 'g',
    title: 'G',
    settings: {},
    rows: [{ id: 'row', label: 'row', settings: {} }],
    ...more,
  });
  const seedsOf = (more: Partial<Group>, options: Parameters<typeof planRows>[3]) =>
    planRows(study('bn-mlp'), group(more), [], options)[0]!.seeds;

  test('are three, or as many as the group says, or as many as are asked for', () => {
    expect(seedsOf({}, FULL)).toEqual([1, 2, 3]);
    expect(seedsOf({ seeds: 1 }, FULL)).toEqual([1]);
    expect(seedsOf({ seeds: 1 }, { quick: false, seeds: 2 })).toEqual([1, 2]);
  });

  test('is one in the small version, unless more are asked for', () => {
    expect(seedsOf({}, { quick: true, seeds: null })).toEqual([1]);
    expect(seedsOf({}, { quick: true, seeds: 2 })).toEqual([1, 2]);
  });

  test('of each group alone: a row has no more runs than its own', () => {
    const rows = [
      group({ id: 'long', seeds: 1, rows: [{ id: 'long', label: 'long', settings: {} }] }),
      group({}),
    ].flatMap((each) => planRows(study('bn-mlp'), each, [], { quick: false, seeds: null }));
    expect(requestsOf(rows, { directory: '/tmp/x', threads: 1, data: null }).map(({ id }) => id)).toEqual([
      'long-s1',
      'row-s1',
      'row-s2',
      'row-s3',
    ]);
  });
});

describe('measures', () => {
  const epochs = [0.5, 0.99, 0.97].map((testAccuracy, i) => ({
    epoch: i + 1,
    trainLoss: 2.3 - i,
    trainAccuracy: 0.4 + 0.1 * i,
    testAccuracy,
  }));
  const result = { history: epochs, secondsPerEpoch: 3, stepsTo90: null, parameters: 7 } as unknown as RunResult;

  test.each<[Measure, number | null]>([
    [{ of: 'testAccuracy', at: 'last' }, 0.97],
    [{ of: 'testAccuracy', at: 'best' }, 0.99],
    [{ of: 'testAccuracy', at: 1 }, 0.5],
    [{ of: 'testAccuracy', at: 9 }, null],
    [{ of: 'testAccuracy', within: 1 }, 0.5],
    [{ of: 'trainAccuracy', at: 1 }, 0.4],
    [{ of: 'epochsTo', accuracy: 0.98 }, 2],
    [{ of: 'epochsTo', accuracy: 0.99 }, null],
    [{ of: 'epochsToLoss', loss: 2 }, 2],
    [{ of: 'secondsPerEpoch' }, 3],
    [{ of: 'stepsTo90' }, null],
    [{ of: 'parameters' }, 7],
  ])('%o', (wanted, value) => expect(measure(result, wanted)).toBe(value));

  test('of a run without an epoch are null', () => {
    expect(measure({ ...result, history: [] }, { of: 'testAccuracy', at: 'best' })).toBe(null);
  });
});
