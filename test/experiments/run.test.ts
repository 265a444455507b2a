/** One run in this process: what it comes to, and what it leaves. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/experiments/executor.js';
import { readResult } from '../../src/experiments/layout.js';
import { planRows, requestsOf } from '../../src/experiments/plan.js';
import type { RunRequest } from '../../src/experiments/request.js';
import { failedResult } from '../../src/experiments/result.js';
import { executeRun } from '../../src/experiments/run.js';
import { CheckpointError, decodeSafetensors, MissingDataError, memory, Sha256 } from '../../src/index.js';
import { takeLock } from '../../src/node/index.js';
import type { TrainSettings } from '../../src/recipes/index.js';
import { STUDIES } from '../../src/studies/index.js';
import { makeData, removeWorkspace, workspace } from '../cli/lanewise.js';

let data: string;
beforeAll(() => {
  data = makeData();
});
afterAll(removeWorkspace);

let runs = 0;
function request(settings: Partial<TrainSettings>, change: Partial<RunRequest> = {}): RunRequest {
  const id = `run${runs++}`;
  return {
    id,
    row: id,
    group: 'g',
    label: id,
    directory: path.join(workspace(), 'runs', id),
    validation: 0,
    until: null,
    threads: 1,
    prune: false,
    attempt: 1,
    settings: { data, model: 'mlp-bn', hidden: [8], batchSize: 50, epochs: 3, lr: 0.1, seed: 1, ...settings },
    ...change,
  };
}

/** Aborts after an epoch. */
function until(epoch: number) {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onEvent: (event: RunEvent) => {
      if (event.event === 'epoch' && event.epoch === epoch) controller.abort();
    },
  };
}

describe('a run', () => {
  test('leaves its result, in which everything fits together', async () => {
    const asked = request({});
    const events: RunEvent[] = [];
    const result = (await executeRun(asked, { onEvent: (event) => events.push(event) }))!;
    expect(result).toMatchObject({
      id: asked.id,
      seed: 1,
      status: 'done',
      divergence: null,
      error: null,
      atChance: false,
      parameters: 784 * 8 + 8 + 16 + 90,
      steps: 9,
      attempts: 1,
      settings: { model: 'mlp-bn', optimizer: 'sgd', weightDecay: 0 },
      runtime: { threads: 1 },
    });
    expect(readResult(workspace(), asked.id)).toEqual(result);
    const { history, curve } = result;
    // 120 images in batches of 50, 50 and 20.
    expect(history.map(({ epoch, steps }) => [epoch, steps])).toEqual([
      [1, 3],
      [2, 6],
      [3, 9],
    ]);
    expect(history[2]!.trainSeconds).toBeCloseTo(
      history.reduce((sum, { seconds }) => sum + seconds, 0),
      12,
    );
    expect(curve.every).toBe(1);
    expect((50 * curve.loss[3]! + 50 * curve.loss[4]! + 20 * curve.loss[5]!) / 120).toBeCloseTo(
      history[1]!.trainLoss,
      10,
    );
    expect((50 * curve.accuracy[3]! + 50 * curve.accuracy[4]! + 20 * curve.accuracy[5]!) / 120).toBeCloseTo(
      history[1]!.trainAccuracy!,
      10,
    );
    expect(result.finalTestAccuracy).toBe(history[2]!.testAccuracy);
    expect(result.bestTestAccuracy).toBe(Math.max(...history.map(({ testAccuracy }) => testAccuracy!)));
    expect(result.milestones.map(({ accuracy }) => accuracy)).toEqual([0.98, 0.99]);
    expect(events[0]).toEqual({ event: 'start', pid: process.pid, epoch: 0, epochs: 3, notes: [] });
    expect(events.filter(({ event }) => event === 'epoch')).toEqual(
      history.map((epoch) => ({ event: 'epoch', ...epoch })),
    );
    // The digest is that of the weights left behind.
    const { tensors } = decodeSafetensors(fs.readFileSync(path.join(asked.directory, 'last.safetensors')), 'last');
    const hash = new Sha256();
    for (const name of Object.keys(tensors).sort()) {
      const { dtype, shape, data: values } = tensors[name]!;
      hash
        .update(new TextEncoder().encode(`${name}\0${dtype}[${shape.join()}]\0`))
        .update(new Uint8Array(values.buffer));
    }
    expect(result.digest).toBe(hash.hex());
  });

  test('that was stopped goes on to the same bits and the same curve', async () => {
    const settings = { optimizer: 'adam', scheduler: 'cosine', model: 'mlp', shift: 1 } as const;
    const whole = (await executeRun(request(settings)))!;
    const asked = request(settings);
    expect(await executeRun(asked, until(2))).toBe(null);
    expect(readResult(workspace(), asked.id)).toBe(null);
    const events: RunEvent[] = [];
    const result = (await executeRun(asked, { onEvent: (event) => events.push(event) }))!;
    expect(events[0]).toMatchObject({ event: 'start', epoch: 2 });
    expect(result.digest).toBe(whole.digest);
    expect(result.curve).toEqual(whole.curve);
    const untimed = (history: typeof result.history) =>
      history.map((epoch) => ({ ...epoch, seconds: 0, imagesPerSecond: 0, trainSeconds: 0 }));
    expect(untimed(result.history)).toEqual(untimed(whole.history));
  });

  test('whose metrics are an epoch ahead of its state has each epoch once', async () => {
    const asked = request({});
    await executeRun(asked, until(1));
    const state = fs.readFileSync(path.join(asked.directory, 'state.safetensors'));
    await executeRun(asked, until(2));
    fs.writeFileSync(path.join(asked.directory, 'state.safetensors'), state);
    const result = (await executeRun(asked))!;
    expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });

  test('can end before the epochs that its scheduler is laid out for, and go on later', async () => {
    const settings = { scheduler: 'cosine', epochs: 4 } as const;
    const whole = (await executeRun(request(settings)))!;
    const asked = request(settings, { until: 1 });
    expect((await executeRun(asked))!.history).toHaveLength(1);
    const result = (await executeRun({ ...asked, until: 4 }))!;
    expect(result.digest).toBe(whole.digest);
  });

  test('is judged by images set aside, the same ones for each seed', async () => {
    const [a, b] = [
      await executeRun(request({ limit: 100 }, { validation: 0.2 })),
      await executeRun(request({ limit: 100, seed: 2 }, { validation: 0.2 })),
    ];
    // 80 images are left, in two batches.
    expect([a!.steps, b!.steps]).toEqual([6, 6]);
    for (const { testAccuracy } of [...a!.history, ...b!.history]) expect((testAccuracy! * 20) % 1).toBeCloseTo(0, 9);
    expect(a!.digest).not.toBe(b!.digest);
  });

  test('keeps the last weights alone when it is asked to', async () => {
    const asked = request({}, { prune: true });
    await executeRun(asked);
    expect(fs.readdirSync(asked.directory).sort()).toEqual([
      'config.json',
      'curve.f32',
      'last.safetensors',
      'metrics.jsonl',
      'result.json',
    ]);
  });

  test('leaves no tensor behind in the process', async () => {
    await executeRun(request({}));
    const before = memory().tensors;
    for (const optimizer of ['sgd', 'adam'] as const)
      await executeRun(request({ optimizer, momentum: optimizer === 'sgd' ? 0.9 : 0 }));
    expect(memory().tensors).toBe(before);
  });

  test('waits for a process that had the directory before, and is about to notice that it is alone', async () => {
    const asked = request({ epochs: 1 });
    fs.mkdirSync(asked.directory, { recursive: true });
    const release = takeLock(path.join(asked.directory, 'lock'));
    const since = performance.now();
    setTimeout(release, 300);
    expect((await executeRun(asked))!.status).toBe('done');
    expect(performance.now() - since).toBeGreaterThan(299);
  });

  test('that cannot be begun leaves no lock', async () => {
    const init = path.join(workspace(), 'nothing.safetensors');
    const asked = request({ init });
    await expect(executeRun(asked)).rejects.toThrow(CheckpointError);
    expect(fs.existsSync(path.join(asked.directory, 'lock'))).toBe(false);
  });

  test('refuses a directory with other settings, and data that are not there', async () => {
    const asked = request({});
    await executeRun(asked, until(1));
    await expect(executeRun({ ...asked, settings: { ...asked.settings, lr: 0.2 } })).rejects.toThrow(CheckpointError);
    await expect(executeRun(request({ data: path.join(workspace(), 'nothing') }))).rejects.toThrow(MissingDataError);
  });
});

describe('divergence', () => {
  test('to NaN is a result', async () => {
    const asked = request({ model: 'mlp', lr: 1e6, weightDecay: 1000, epochs: 30 });
    const result = (await executeRun(asked))!;
    expect(result).toMatchObject({ status: 'diverged', divergence: { kind: 'nonFinite' }, digest: null, error: null });
    expect(result.divergence!.reason).toMatch(/the loss is|has NaN or infinite values/);
    expect(result.curve.loss).toHaveLength(Math.ceil(result.steps / result.curve.every));
    expect(readResult(workspace(), asked.id)).toEqual(result);
  });

  test('to weights that are finite but have run away is a result', async () => {
    const result = (await executeRun(request({ model: 'mlp', lr: 1e3, epochs: 1 })))!;
    expect(result).toMatchObject({ status: 'diverged', divergence: { kind: 'exploded', step: 3 }, error: null });
    expect(result.divergence!.reason).toMatch(/^its loss in the end is [\d.e+]+, where guessing has 2\.30$/);
    expect(result.digest).not.toBe(null);
  });

  const row = (study: string, id: string) => {
    const found = STUDIES.find(({ name }) => name === study)!;
    const rows = found.groups
      .flatMap((group) => planRows(found, group, [], { quick: true, seeds: 1 }))
      .filter((each) => each.id === id);
    return requestsOf(rows, { directory: path.join(workspace(), study), threads: 1, data: null })[0]!;
  };

  // On real digits: the settings that the reports found to diverge.
  test.each([
    ['bn-cnn', 'lr0.5'],
    ['lenet-optimizers', 'adam-b64-lr0.05'],
    ['lenet-optimizers', 'adam-b256-lr0.05'],
  ])(
    '%s %s diverges in the small version too',
    async (study, id) => {
      const result = (await executeRun(row(study, id)))!;
      expect(result).toMatchObject({
        status: 'diverged',
        divergence: { kind: 'collapsed', reason: 'its outputs are the same for all test images' },
      });
      expect(result.finalTestAccuracy).toBeLessThan(0.15);
      expect(result.digest).toMatch(/^[0-9a-f]{64}$/);
    },
    300_000,
  );

  test('a rate too small to learn anything is not a divergence, but at chance', async () => {
    const result = (await executeRun(row('lenet-optimizers', 'sgd-b64-lr5e-7')))!;
    expect(result).toMatchObject({ status: 'done', atChance: true, divergence: null });
  }, 300_000);
});

test('a run that failed has a result of the same form', () => {
  const result = failedResult(request({}, { attempt: 2 }), new Error('out of luck'));
  expect(result).toMatchObject({
    status: 'failed',
    error: 'out of luck',
    attempts: 2,
    history: [],
    digest: null,
    finalTestAccuracy: null,
  });
});
