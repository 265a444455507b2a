import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/index.js';
import { lanewise, makeData, removeWorkspace, workspace } from './lanewise.js';

let data: string;
beforeAll(() => {
  data = makeData();
});
afterAll(removeWorkspace);

let count = 0;
const fresh = () => path.join(workspace(), `run${count++}`);
const tiny = (...more: string[]) => [
  'train',
  '--model',
  'mlp-bn',
  '--hidden',
  '8',
  '--data',
  data,
  '--batch-size',
  '10',
  '--epochs',
  '3',
  '--json',
  ...more,
];
const digestOf = ({ events }: { events: Record<string, unknown>[] }) => events.at(-1)!.digest;
const weights = (file: string) => decodeSafetensors(fs.readFileSync(file), file);
const metrics = (run: string) =>
  fs
    .readFileSync(path.join(run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The digest as its documentation says, computed with other code. */
function digestOfFile(file: string): string {
  const hash = createHash('sha256');
  const { tensors } = weights(file);
  for (const name of Object.keys(tensors).sort()) {
    const { dtype, shape, data: values } = tensors[name]!;
    hash.update(`${name}\0${dtype}[${shape.join()}]\0`).update(new Uint8Array(values.buffer));
  }
  return hash.digest('hex');
}

describe('lanewise train --json', () => {
  test('prints one object per line, and leaves a run that holds together', async () => {
    const out = fresh();
    const result = await lanewise(tiny('--out', out, '--log-every', '5', '--threads', '1'));
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const { events } = result;
    expect(events.map(({ event }) => event)).toEqual([
      'start',
      'step',
      'step',
      'epoch',
      'step',
      'step',
      'epoch',
      'step',
      'step',
      'step',
      'epoch',
      'done',
    ]);
    const [start] = events;
    expect(Object.keys(start!)).toEqual(['event', 'config', 'parameters', 'runtime']);
    expect(start).toMatchObject({
      config: { model: 'mlp-bn', hidden: [8], batchSize: 10, optimizer: 'sgd', lr: 0.1, seed: 0 },
      parameters: 784 * 8 + 8 + 16 + 8 * 10 + 10,
      runtime: { threads: 1 },
    });
    const steps = events.filter(({ event }) => event === 'step');
    expect(steps.map(({ step }) => step)).toEqual([5, 10, 15, 20, 25, 30, 35]);
    for (const step of steps)
      expect(step).toEqual({ event: 'step', step: step.step, loss: expect.any(Number) as number });
    const epochs = events.filter(({ event }) => event === 'epoch');
    for (const epoch of epochs)
      expect(Object.keys(epoch)).toEqual([
        'event',
        'epoch',
        'trainLoss',
        'trainAccuracy',
        'testLoss',
        'testAccuracy',
        'seconds',
        'imagesPerSecond',
      ]);
    expect(epochs.at(-1)!.testAccuracy).toBeGreaterThan(0.8);
    const last = path.join(out, 'last.safetensors');
    expect(events.at(-1)).toEqual({
      event: 'done',
      digest: digestOfFile(last),
      steps: 36,
      seconds: expect.any(Number) as number,
      bestTestAccuracy: Math.max(...epochs.map(({ testAccuracy }) => testAccuracy as number)),
      checkpoint: last,
      ended: 'epochs',
    });

    expect(fs.readdirSync(out).sort()).toEqual([
      'best.safetensors',
      'config.json',
      'last.safetensors',
      'metrics.jsonl',
      'report.html',
      'state.safetensors',
    ]);
    expect(JSON.parse(fs.readFileSync(path.join(out, 'config.json'), 'utf8'))).toEqual(start!.config);
    expect(metrics(out)).toEqual(epochs.map(({ event: _, ...rest }) => rest));
    expect(Object.keys(weights(last).tensors)).toEqual([
      '1.weight',
      '1.bias',
      '2.weight',
      '2.bias',
      '2.running_mean',
      '2.running_var',
      '2.num_batches_tracked',
      '4.weight',
      '4.bias',
    ]);
    expect(weights(last).tensors['2.num_batches_tracked']!.data).toEqual(Int32Array.of(36));
  });

  test('gives the same digest from the same seed, and another from another', async () => {
    const [a, b, c, d] = await Promise.all(
      [
        tiny('--out', fresh()),
        tiny('--out', fresh()),
        tiny('--out', fresh(), '--seed', '1'),
        tiny('--out', fresh(), '--no-shuffle'),
      ].map((args) => lanewise(args)),
    );
    expect(digestOf(b!)).toBe(digestOf(a!));
    expect(new Set([digestOf(a!), digestOf(c!), digestOf(d!)]).size).toBe(3);
  });

  test.each(['mlp-bn', 'mini-resnet'])('gives the same digest on one thread and on two: %s', async (model) => {
    const args = (threads: string) => [
      'train',
      '--model',
      model,
      '--hidden',
      '256',
      '--data',
      data,
      '--steps',
      '3',
      '--batch-size',
      '40',
      '--json',
      '--out',
      fresh(),
      '--threads',
      threads,
    ];
    const [one, two] = await Promise.all([lanewise(args('1')), lanewise(args('2'))]);
    expect(two.events[0]).toMatchObject({ runtime: { threads: 2 } });
    expect(digestOf(two)).toBe(digestOf(one));
  });

  test('--limit, --steps 0 and --init: begins with the weights given, on the first images', async () => {
    const [out, again] = [fresh(), fresh()];
    const first = await lanewise(tiny('--out', out, '--steps', '0'));
    expect(first).toMatchObject({ code: 0 });
    expect(first.events.at(-1)).toMatchObject({ event: 'done', steps: 0, bestTestAccuracy: null });
    expect(first.events.map(({ event }) => event)).toEqual(['start', 'done']);
    expect(fs.readdirSync(out).sort()).toEqual([
      'config.json',
      'last.safetensors',
      'metrics.jsonl',
      'report.html',
      'state.safetensors',
    ]);
    const init = path.join(out, 'last.safetensors');
    const second = await lanewise(tiny('--out', again, '--init', init, '--seed', '9', '--steps', '0'));
    expect(digestOf(second)).toBe(digestOf(first));
    const few = await lanewise([
      ...tiny('--out', fresh(), '--init', init, '--no-shuffle', '--limit', '25', '--log-every', '1'),
      '--epochs',
      '2',
    ]);
    expect(few.events.filter(({ event }) => event === 'step').length).toBe(6);
  });

  test.concurrent.each([
    ['mlp', []],
    ['cnn', []],
    ['cnn-bn', ['--optimizer', 'adam', '--scheduler', 'onecycle']],
    ['lenet5', ['--optimizer', 'adagrad', '--scheduler', 'plateau']],
    ['mini-resnet', ['--optimizer', 'rmsprop', '--momentum', '0.5', '--scheduler', 'cosine', '--normalize']],
    ['mlp-bn', ['--optimizer', 'adamw', '--scheduler', 'step', '--step-size', '1', '--gamma', '0.5']],
    ['mlp-bn', ['--momentum', '0.9', '--nesterov', '--weight-decay', '0.001']],
  ])('trains %s %j', async (model, more) => {
    const result = await lanewise([
      'train',
      '--model',
      model,
      ...(model.startsWith('mlp') ? ['--hidden', '8'] : []),
      '--data',
      data,
      '--limit',
      '20',
      '--batch-size',
      '10',
      '--epochs',
      '2',
      '--json',
      '--out',
      fresh(),
      ...more,
    ]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.events.at(-1)).toMatchObject({ event: 'done', steps: 4 });
  });
});

describe('a run that was killed', () => {
  test('goes on with --resume to the digest and the metrics of one that was not', async () => {
    const whole = fresh();
    const want = digestOf(await lanewise(tiny('--out', whole, '--optimizer', 'adam', '--scheduler', 'cosine')));
    const untimed = (run: string) => metrics(run).map((line) => ({ ...line, seconds: 0, imagesPerSecond: 0 }));
    for (const at of [1, 12, 20]) {
      const run = fresh();
      const killed = await lanewise(
        tiny(
          '--out',
          run,
          '--optimizer',
          'adam',
          '--scheduler',
          'cosine',
          '--log-every',
          '1',
          '--checkpoint-every',
          '3',
        ),
        (line, child) => {
          if (line.includes(`"step":${at},`)) child.kill('SIGKILL');
        },
      );
      expect(killed.code).toBe(null);
      expect(fs.existsSync(path.join(run, 'lock')), 'a lock is left behind').toBe(true);
      const resumed = await lanewise(['train', '--resume', run, '--json']);
      expect(resumed).toMatchObject({ code: 0, stderr: '' });
      expect(digestOf(resumed), `killed at step ${at}`).toBe(want);
      expect(untimed(run)).toEqual(untimed(whole));
      expect(digestOfFile(path.join(run, 'last.safetensors'))).toBe(want);
      expect(fs.readFileSync(path.join(run, 'best.safetensors'))).toEqual(
        fs.readFileSync(path.join(whole, 'best.safetensors')),
      );
    }
  });

  test('keeps the end that its scheduler was laid out for', async () => {
    const run = fresh();
    await lanewise(tiny('--out', run, '--scheduler', 'onecycle', '--steps', '5'));
    const result = await lanewise(['train', '--resume', run, '--steps', '9', '--json']);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/onecycle, which is laid out over the whole run/);
    expect(await lanewise(['train', '--resume', run])).toMatchObject({ code: 0 });
  });

  test('may end later than it was to end at first', async () => {
    const [long, short] = [fresh(), fresh()];
    const want = digestOf(await lanewise(tiny('--out', long)));
    await lanewise(tiny('--out', short, '--steps', '5'));
    const resumed = await lanewise(['train', '--resume', short, '--epochs', '3', '--json']);
    expect(digestOf(resumed)).toBe(want);
    const over = await lanewise(['train', '--resume', short, '--epochs', '3', '--json']);
    expect(over.events.at(-1)).toMatchObject({ digest: want, steps: 36 });
  });
});

describe('Ctrl-C', () => {
  test('finishes the batch, writes the checkpoint and exits with 130; the run can go on', async () => {
    const whole = await lanewise(tiny('--out', fresh()));
    const run = fresh();
    const result = await lanewise(tiny('--out', run, '--log-every', '1', '--epochs', '100000'), (line, child) => {
      if (line.includes('"step":20,')) child.kill('SIGINT');
    });
    expect(result.code).toBe(130);
    expect(result.stderr).toMatch(/finishing this batch[\s\S]*to go on: lanewise train --resume/);
    expect(result.events.some(({ event }) => event === 'done')).toBe(false);
    expect(fs.readdirSync(run)).not.toContain('lock');
    const stopped = Number(/after step (\d+)/.exec(result.stderr)![1]);
    expect(weights(path.join(run, 'last.safetensors')).metadata.step).toBe(String(stopped));
    if (stopped < 36)
      expect(digestOf(await lanewise(['train', '--resume', run, '--epochs', '3', '--json']))).toBe(digestOf(whole));
  });
});

test('when its output is no longer read, a run ends in good order', async () => {
  const run = fresh();
  const result = await lanewise(tiny('--out', run, '--log-every', '1', '--epochs', '100000'), (line, child) => {
    if (line.includes('"step":5,')) child.stdout!.destroy();
  });
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/^stopped after step \d+; to go on: /);
  expect(fs.readdirSync(run)).not.toContain('lock');
});

describe('without --json', () => {
  test('there is a line per epoch, the best accuracy and the digest', async () => {
    const out = fresh();
    const { code, stdout, stderr } = await lanewise(tiny('--out', out).filter((arg) => arg !== '--json'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('mlp-bn on mnist: 120 training and 60 test images');
    expect(lines[1]).toMatch(/^6,386 parameters, \d+ threads?, in /);
    for (const n of [1, 2, 3])
      expect(lines[n + 1]).toMatch(
        new RegExp(
          `^epoch ${n}/3  train loss \\d\\.\\d{4}, \\d+\\.\\d\\d %  ` +
            `test loss \\d\\.\\d{4}, \\d+\\.\\d\\d %  \\d+\\.\\d+ s$`,
        ),
      );
    expect(lines[5]).toMatch(/^best test accuracy \d+\.\d\d %$/);
    expect(lines[7]).toBe(`digest ${digestOfFile(path.join(out, 'last.safetensors'))}`);
    expect(lines[8]).toBe(`report in ${path.join(out, 'report.html')}`);
  });

  test('runs get directories of their own', async () => {
    const cwd = fs.mkdtempSync(path.join(workspace(), 'cwd-'));
    await lanewise(tiny('--steps', '0'), undefined, cwd);
    await lanewise(tiny('--steps', '0'), undefined, cwd);
    expect(fs.readdirSync(path.join(cwd, 'runs'))).toEqual(['mlp-bn-mnist', 'mlp-bn-mnist-2']);
  });
});
