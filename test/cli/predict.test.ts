import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/index.js';
import { uniform } from '../support/random.js';
import { CLI, digit, lanewise, makeData, makePng, removeWorkspace, workspace } from './lanewise.js';

let data: string;
let run: string;
let best: string;
beforeAll(async () => {
  data = makeData();
  run = path.join(workspace(), 'run');
  const { code, stderr } = await lanewise([
    'train',
    '--model',
    'mlp-bn',
    '--hidden',
    '16',
    '--data',
    data,
    '--batch-size',
    '10',
    '--epochs',
    '8',
    '--normalize',
    '--out',
    run,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  best = path.join(run, 'best.safetensors');
});
afterAll(removeWorkspace);

/** The picture of a 7 that no training saw, in all the ways a PNG can hold it. */
const pixels = digit(7, uniform(99));

describe('lanewise predict', () => {
  test('tells the class of grey, RGB, RGBA, 16-bit and palette pictures alike', async () => {
    const rgb = Uint8Array.from({ length: 3 * 784 }, (_, i) => pixels[Math.floor(i / 3)]!);
    const files = [
      makePng('grey.png', { width: 28, height: 28, data: pixels, channels: 1 }),
      makePng('rgb.png', { width: 28, height: 28, data: rgb, channels: 3 }),
      makePng('rgba.png', {
        width: 28,
        height: 28,
        data: Uint8Array.from({ length: 4 * 784 }, (_, i) => (i % 4 === 3 ? 255 : pixels[i >> 2]!)),
        channels: 4,
      }),
      makePng('deep.png', {
        width: 28,
        height: 28,
        data: Uint16Array.from(pixels, (value) => 257 * value),
        channels: 1,
        depth: 16,
      }),
      makePng('palette.png', {
        width: 28,
        height: 28,
        data: pixels,
        channels: 1,
        palette: Array.from({ length: 256 }, (_, i): [number, number, number] => [i, i, i]),
      }),
    ];
    const result = await lanewise(['predict', '--checkpoint', best, '--json', ...files]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.events.map(({ file }) => file)).toEqual(files);
    for (const event of result.events) {
      expect(event).toMatchObject({
        event: 'prediction',
        class: 7,
        label: '7',
        probabilities: result.events[0]!.probabilities,
      });
      const probabilities = event.probabilities as number[];
      expect(probabilities.length).toBe(10);
      expect(probabilities.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    }
  });

  test('prints a line per picture for people', async () => {
    const file = makePng('seven.png', { width: 28, height: 28, data: pixels, channels: 1 });
    const { code, stdout, stderr } = await lanewise(['predict', '--checkpoint', best, file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${file}: 7 \\d+\\.\\d\\d %( {2}\\d \\d+\\.\\d\\d %)*\\n$`));
  });

  test.each([
    [['predict', '--checkpoint', 'BEST', 'none.png'], /none\.png: cannot be read/],
    [['predict', '--checkpoint', 'CONFIG', 'GOOD'], /config\.json: it is JSON, but neither/],
    [
      ['predict', '--checkpoint', 'PLAIN', 'GOOD'],
      /say what model it is for[\s\S]*give the model.* \(--model, --hidden, --channels, --dataset, --nor/,
    ],
    [['eval', '--checkpoint', 'STATE'], /state\.safetensors: this is the state of a run[\s\S]*last\.safetensors/],
    [['eval', '--checkpoint', 'nowhere.safetensors'], /nowhere\.safetensors: cannot be read/],
    [['eval', '--checkpoint', 'BEST', '--model', 'cnn'], /the state does not fit/],
    [['eval', '--checkpoint', 'BEST', '--dataset', 'cifar10', '--data', 'DATA'], /cifar10/],
  ])('%j fails with one message, exit code 1 and no half of an output', async (args, message) => {
    const plain = path.join(workspace(), 'plain.safetensors');
    fs.writeFileSync(plain, encodeSafetensors(decodeSafetensors(fs.readFileSync(best)).tensors));
    const names: Record<string, string> = {
      BEST: best,
      CONFIG: path.join(run, 'config.json'),
      STATE: path.join(run, 'state.safetensors'),
      DATA: data,
      PLAIN: plain,
      GOOD: makePng('good.png', { width: 28, height: 28, data: pixels, channels: 1 }),
    };
    const result = await lanewise(args.map((arg) => names[arg] ?? arg));
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/ {4}at /);
  });

  test('a file that cannot be read, or is empty, does not stop the others', async () => {
    const good = makePng('good.png', { width: 28, height: 28, data: pixels, channels: 1 });
    const empty = makePng('empty.png', { width: 40, height: 40, data: new Uint8Array(1600).fill(255), channels: 1 });
    const files = [path.join(run, 'config.json'), good, empty, 'none.png', good];
    const { code, stderr, events } = await lanewise(['predict', '--checkpoint', best, '--json', ...files]);
    expect(code).toBe(1);
    expect(events.map(({ event, file }) => [event, file])).toEqual([
      ['error', files[0]],
      ['prediction', good],
      ['error', empty],
      ['error', 'none.png'],
      ['prediction', good],
    ]);
    expect(events[2]).toMatchObject({
      code: 'LANEWISE_ARGUMENT',
      message: expect.stringContaining('is empty') as string,
    });
    expect(stderr.match(/^error: /gm)).toHaveLength(3);
  });

  test.skipIf(process.platform === 'win32')('what is not a regular file is refused, not waited for', () => {
    const pipe = path.join(workspace(), 'pipe.png');
    execFileSync('mkfifo', [pipe]);
    for (const file of [pipe, '/dev/zero', workspace()]) {
      const args = [CLI, 'predict', '--checkpoint', best, file];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 });
      expect({ file, status, stdout }).toEqual({ file, status: 1, stdout: '' });
      expect(stderr).toMatch(/^error: .*: cannot be read: it is a \w+( pipe)?, not a file\n/);
      expect(stderr).toContain(`${file}: `);
      expect(stderr).toContain('\n  hint: give the names of PNG, JPEG or WebP files\n');
    }
  });

  test('without a checkpoint or a picture it is wrong usage', async () => {
    expect(await lanewise(['predict', 'a.png'])).toMatchObject({ code: 2, stdout: '' });
    expect(await lanewise(['predict', '--checkpoint', best])).toMatchObject({ code: 2, stdout: '' });
    expect(await lanewise(['eval'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('lanewise eval', () => {
  test('tells the accuracy that training told, from the file alone', async () => {
    const lines = fs
      .readFileSync(path.join(run, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
    const highest = lines.reduce((a, b) => (b.testAccuracy! > a.testAccuracy! ? b : a));
    const result = await lanewise(['eval', '--checkpoint', best, '--data', data, '--json', '--confusion']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.events).toMatchObject([
      {
        event: 'eval',
        dataset: 'mnist',
        images: 60,
        testLoss: highest.testLoss,
        testAccuracy: highest.testAccuracy,
      },
    ]);
    const confusion = result.events[0]!.confusion as number[][];
    expect(confusion.map((row) => row.reduce((sum, value) => sum + value))).toEqual(
      Array.from({ length: 10 }, () => 6),
    );
    expect(confusion.reduce((sum, row, i) => sum + row[i]!, 0) / 60).toBe(highest.testAccuracy);
  });

  test('takes the weights of others when it is told what they are', async () => {
    const file = path.join(workspace(), 'others.safetensors');
    fs.writeFileSync(file, encodeSafetensors(decodeSafetensors(fs.readFileSync(best)).tensors));
    const ours = await lanewise(['eval', '--checkpoint', best, '--data', data, '--json']);
    const theirs = await lanewise([
      'eval',
      '--checkpoint',
      file,
      '--model',
      'mlp-bn',
      '--hidden',
      '16',
      '--normalize',
      '--data',
      data,
      '--json',
    ]);
    expect(theirs.events[0]).toEqual({ ...ours.events[0], checkpoint: file });
  });
});

describe('hostile PNGs', async () => {
  const { decodePng } = await import('../../src/images/png.js');
  const { FileFormatError } = await import('../../src/index.js');
  const random = uniform(4);
  const good = encode({
    width: 9,
    height: 5,
    data: Uint8Array.from({ length: 45 }, () => Math.floor(random() * 256)),
    channels: 1,
  });
  const outcome = (bytes: Uint8Array): unknown => {
    try {
      return decodePng(bytes, 'a.png');
    } catch (error) {
      return error;
    }
  };

  test('truncated anywhere give a FileFormatError that names the file', () => {
    for (let length = 0; length < good.length; length++) {
      const error = outcome(good.subarray(0, length));
      expect(error, `${length} bytes`).toBeInstanceOf(FileFormatError);
      expect((error as Error).message).toContain('a.png at byte');
    }
  });

  test('with any bit flipped are refused', () => {
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const bytes = good.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(outcome(bytes), `bit ${bit}`).toBeInstanceOf(FileFormatError);
    }
  });

  test('that say they are huge, or grow beyond their size, are refused at once', () => {
    const patch = (change: (view: DataView) => void) => {
      const bytes = good.slice();
      change(new DataView(bytes.buffer));
      return bytes;
    };
    const withCrc = (bytes: Uint8Array) => {
      let crc = 0xffffffff;
      for (const byte of bytes.subarray(12, 29)) {
        crc ^= byte;
        for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
      }
      new DataView(bytes.buffer).setUint32(29, (crc ^ 0xffffffff) >>> 0);
      return bytes;
    };
    const messages = [
      patch((view) => {
        view.setUint32(8, 0x7fffffff);
      }),
      withCrc(
        patch((view) => {
          view.setUint32(16, 0x7fffffff);
          view.setUint32(20, 0x7fffffff);
        }),
      ),
      withCrc(
        patch((view) => {
          view.setUint32(20, 1);
        }),
      ),
      withCrc(
        patch((view) => {
          view.setUint32(20, 100);
        }),
      ),
      withCrc(
        patch((view) => {
          view.setUint8(24, 3);
        }),
      ),
    ].map((bytes) => (outcome(bytes) as Error).message);
    expect(messages).toEqual([
      expect.stringContaining('goes past the end'),
      expect.stringContaining('is not read'),
      expect.stringContaining('more than the 10 bytes'),
      expect.stringContaining('the picture needs'),
      expect.stringContaining('no colour type 0 of 3 bits'),
    ]);
  });

  test('of 1, 2 and 4 bits, and with a transparent colour, are read as they are meant', () => {
    // fast-png writes packed rows as they are given: 3 pixels of 2 bits in one byte.
    const two = decodePng(
      encode({ width: 3, height: 2, depth: 2, channels: 1, data: Uint8Array.of(0b00_01_10_00, 0b11_00_11_00) }),
      'two.png',
    );
    expect(two).toMatchObject({ width: 3, height: 2, channels: 1, depth: 8 });
    expect(Array.from(two.data)).toEqual([0, 85, 170, 255, 0, 255]);
  });
});
