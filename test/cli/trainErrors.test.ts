/** What `lanewise train` answers where it cannot do what it is asked for. */

import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

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

describe('wrong usage exits with 2', () => {
  test.concurrent.each([
    [['--batchsize', '10'], /unknown option '--batchsize'[\s\S]*Did you mean --batch-size/],
    [['--lr', 'fast'], /--lr <X>' argument 'fast' is invalid\. "fast" is not allowed: it must be a number from 0/],
    [['--model', 'resnet'], /one of mlp, mlp-bn, cnn, cnn-bn, fast-cnn, fast-cnn-bn, lenet5, mini-resnet/],
    [['--hidden', '10,x'], /whole numbers from 1 to 65536, separated by commas/],
    [['--epochs', '-1'], /whole number from 0/],
    [['--nesterov'], /--nesterov: Nesterov momentum needs a momentum/],
    [['--resume', 'nowhere', '--lr', '1'], /--resume takes its settings from nowhere: --lr cannot be given/],
    [['extra'], /too many arguments/],
    [['--lr'], /argument missing/],
  ])('train %j', async (args, message) => {
    const result = await lanewise(['train', ...args]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/ {4}at /);
  });

  test('no command, or another', async () => {
    expect(await lanewise([])).toMatchObject({ code: 2, stdout: '' });
    expect((await lanewise(['trian'])).stderr).toMatch(/unknown command 'trian'[\s\S]*Did you mean train/);
  });
});

describe('what cannot be done exits with 1, and nothing is half-written', () => {
  const failing = async (args: string[], message: RegExp) => {
    const result = await lanewise(args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/ {4}at /);
  };

  test('missing data', async () => {
    const out = fresh();
    await failing(tiny('--out', out, '--data', path.join(workspace(), 'nowhere')), /nowhere/);
    expect(fs.existsSync(out)).toBe(false);
  });

  test('weights that do not fit, are none, or are missing', async () => {
    const out = fresh();
    const made = fresh();
    await lanewise(tiny('--out', made, '--steps', '0'));
    await failing(
      [...tiny('--out', out, '--init', path.join(made, 'last.safetensors')), '--hidden', '9'],
      /1\.weight is \[9, 784\] in the model, \[8, 784\] in the state/,
    );
    await failing(
      tiny('--out', out, '--init', path.join(made, 'state.safetensors')),
      /this is the state of a run, not weights alone[\s\S]*last\.safetensors/,
    );
    await failing(
      tiny('--out', out, '--init', path.join(made, 'config.json')),
      /config\.json: it is JSON, but neither/,
    );
    await failing(tiny('--out', out, '--init', path.join(made, 'none.safetensors')), /cannot be read/);
    expect(fs.existsSync(out)).toBe(false);
  });

  test('output that cannot be written', async () => {
    const file = path.join(workspace(), 'a-file');
    fs.writeFileSync(file, '');
    await failing(
      tiny('--out', path.join(file, 'run')),
      /cannot be made or written to[\s\S]*hint: choose another directory.* \(--out\)\n/,
    );
  });

  test('a directory that holds a run, or none', async () => {
    const out = fresh();
    await lanewise(tiny('--out', out, '--steps', '0'));
    const before = fs.readdirSync(out).map((name) => fs.readFileSync(path.join(out, name), 'utf8'));
    await failing(tiny('--out', out), /holds a run already[\s\S]*\(--resume, --out\)/);
    expect(fs.readdirSync(out).map((name) => fs.readFileSync(path.join(out, name), 'utf8'))).toEqual(before);
    await failing(['train', '--resume', path.join(workspace(), 'nowhere')], /there is no run here/);
  });

  test('a directory in which another process trains', async () => {
    const out = fresh();
    let second: ReturnType<typeof lanewise> | undefined;
    await lanewise(tiny('--out', out, '--log-every', '1', '--epochs', '100000'), (line, child) => {
      if (line.includes('"step":5,')) {
        second = lanewise(['train', '--resume', out, '--json']);
        void second.then(() => child.kill('SIGINT'));
      }
    });
    const result = await second!;
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/process \d+ works in this directory/);
  });

  test('a state that was damaged', async () => {
    const out = fresh();
    await lanewise(tiny('--out', out, '--steps', '3'));
    const state = path.join(out, 'state.safetensors');
    fs.truncateSync(state, 5000);
    const result = await lanewise(['train', '--resume', out]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/error: .*state\.safetensors/);
    expect(result.stderr).not.toMatch(/ {4}at /);
    expect(fs.statSync(state).size, 'nothing was touched').toBe(5000);
  });

  test('a loss that is not a number', async () => {
    const out = fresh();
    const result = await lanewise([
      'train',
      '--model',
      'mlp',
      '--hidden',
      '8',
      '--data',
      data,
      '--lr',
      '1e6',
      '--weight-decay',
      '1',
      '--batch-size',
      '10',
      '--json',
      '--out',
      out,
    ]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /^error: fit: the loss is \S+ at step \d+ \(epoch 1\): [\s\S]*\(in layer \d\)\n {2}hint: lower the learning rate/,
    );
    expect(result.stderr).toContain('lower the learning rate (now 1000000)');
    expect(fs.readdirSync(out), 'the checkpoint before stays').toContain('state.safetensors');
  });
});

describe('help', () => {
  test('of every command has its options, defaults and examples', async () => {
    const { code, stdout } = await lanewise(['train', '--help']);
    expect(code).toBe(0);
    for (const text of [
      '--model <NAME>',
      'mini-resnet',
      '--batch-size <N>',
      '(default: 100)',
      '--no-shuffle',
      '--resume <DIR>',
      '--json',
      'Examples:',
      '(default: sgd 0.1, adam',
    ])
      expect(stdout.replace(/\s+/g, ' ')).toContain(text);
    for (const command of ['eval', 'predict'])
      expect((await lanewise([command, '--help'])).stdout).toContain('Examples:');
    expect((await lanewise(['--help'])).stdout).toMatch(/train[\s\S]*eval[\s\S]*predict[\s\S]*Exit codes/);
    expect((await lanewise(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
