/** Two copies of the library in one program: a tensor of one has no address in the memory of the other. */
import { beforeAll, expect, test, vi } from 'vitest';
import * as lw from '../../src/index.js';

let other: typeof lw;

beforeAll(async () => {
  await lw.init({ threads: 1 });
  vi.resetModules();
  other = await import('../../src/index.js');
  await other.init({ threads: 1 });
});

const MESSAGE = /this tensor belongs to another copy of lanewise/;

test('the copies are two', () => {
  expect(other.Tensor).not.toBe(lw.Tensor);
});

test('an operation refuses a tensor of the other copy', () => {
  const [mine, theirs] = [lw.ones([2, 2]), other.full([2, 2], 5)];
  for (const operation of [
    () => lw.matmul(theirs, mine),
    () => lw.matmul(mine, theirs),
    () => lw.add(mine, theirs),
    () => lw.relu(theirs),
    () => lw.sum(theirs),
    () => lw.softmax(theirs),
    () => lw.eq(theirs, 1),
    () => lw.argmax(theirs),
    () => lw.concat([mine, theirs]),
    () => lw.where(mine.gt(0), theirs, 0),
    () => lw.linear(mine, theirs),
    () => new lw.nn.Linear(2, 2).forward(theirs),
    () => mine.mul(theirs),
    () => mine.assign(theirs),
    () => {
      mine.grad = theirs;
    },
    () => new lw.optim.SGD([theirs], { lr: 1 }),
    () => lw.tensor(theirs as never),
    () => new lw.nn.Parameter(theirs),
    () => lw.permute(theirs, [1, 0]),
    () => new lw.TensorDataset(theirs, mine).batch(new Int32Array([0])),
    () => new lw.nn.Linear(2, 2, { bias: false }).loadStateDict({ weight: theirs }),
  ])
    expect(operation, String(operation)).toThrow(lw.LanewiseError);
  expect(() => lw.scope(() => lw.matmul(theirs, mine))).toThrow(MESSAGE);
  expect(() => lw.scope(() => lw.add(mine, theirs))).toThrow(MESSAGE);
  expect(() => new lw.optim.SGD([theirs], { lr: 1 })).toThrow(MESSAGE);
});
