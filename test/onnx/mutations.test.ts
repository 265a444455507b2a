/**
 * Damaged ONNX files: each is read, and then runs or is refused, or is refused at once, by an error of ours, within a
 * second and 200 MB.
 *
 *     npm run test:long       10,000 of them; otherwise 200
 */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { init, LanewiseError, memory, noGrad, scope, type Tensor, zeros } from '../../src/index.js';
import { importOnnx } from '../../src/onnx/index.js';
import { uniform } from '../support/random.js';

const { MODE } = (import.meta as unknown as { env: { MODE: string } }).env;
const COUNT = MODE === 'long' ? 10_000 : 200;
const MOST_SECONDS = 1;
const MOST_BYTES = 200 * 2 ** 20;

const folder = path.join(import.meta.dirname, 'fixtures');
const names = fs.readdirSync(folder).filter((name) => name.endsWith('.onnx'));
const files = names.map((name) => new Uint8Array(fs.readFileSync(path.join(folder, name))));

beforeAll(() => init({ threads: 1 }));

/** A copy with turned bits, extreme numbers, and parts that are cut out or moved. */
function damaged(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  const copy = bytes.slice();
  for (let times = 1 + below(3); times > 0; times--) {
    const at = below(copy.length);
    const extreme = [0, 0xff, 0x7f, 0x80, 1, 2, 8, 0x0a, 0x12, 0x22, 0x3a][below(11)]!;
    switch (below(6)) {
      case 0:
        copy[at]! ^= 1 << below(8);
        break;
      case 1:
        copy[at] = extreme;
        break;
      case 2:
        copy.fill(extreme, at, at + 1 + below(8));
        break;
      case 3:
        copy.copyWithin(at, below(copy.length), below(copy.length));
        break;
      case 4:
        return copy.slice(0, at);
      default:
        return Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(at + below(16))]);
    }
  }
  return copy;
}

const bytesUsed = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers + memory().bytes;
};

/** Runs a model on zeros, with two samples where its first axis is open; larger inputs than these say nothing more. */
function run(bytes: Uint8Array): void {
  scope(() =>
    noGrad(() => {
      const model = importOnnx<Tensor[]>(bytes);
      const shapes = model.inputs.map(({ shape = [] }) => shape.map((size) => (typeof size === 'number' ? size : 2)));
      if (shapes.some((shape) => shape.reduce((size, length) => size * length, 1) > 100_000)) return;
      model.forward(...shapes.map((shape, i) => zeros(shape, { dtype: model.inputs[i]!.dtype })));
    }),
  );
}

test(`${COUNT} damaged files run or are refused`, { timeout: 3_600_000 }, () => {
  const random = uniform(11);
  const count = { ran: 0, refused: 0 };
  for (const file of files) run(file);
  for (let i = 0; i < COUNT; i++) {
    const which = Math.floor(random() * files.length);
    const file = damaged(files[which]!, random);
    const [before, since] = [bytesUsed(), process.cpuUsage()];
    try {
      run(file);
      count.ran++;
    } catch (error) {
      if (!(error instanceof LanewiseError))
        expect.fail(`${names[which]}, damage ${i}: ${String((error as Error).stack)}`);
      count.refused++;
    }
    const { user } = process.cpuUsage(since);
    if (user > MOST_SECONDS * 1e6) expect.fail(`${names[which]}, damage ${i}: it took ${user / 1e6} s`);
    const bytes = bytesUsed() - before;
    if (bytes > MOST_BYTES) expect.fail(`${names[which]}, damage ${i}: it took ${bytes} bytes`);
  }
  // Both occur: the damage is neither everywhere fatal nor without effect.
  expect(count.ran).toBeGreaterThan(COUNT / 20);
  expect(count.refused).toBeGreaterThan(COUNT / 3);
});
