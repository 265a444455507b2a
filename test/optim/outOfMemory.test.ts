/** In a file, and so a process, of its own: it runs with little memory, and fills it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { init, memory, OutOfMemoryError, ones, optim, type Tensor, zeros } from '../../src/index.js';
import { make, optimizers } from '../cases/optimizers.js';
import { contentOf } from './content.js';

/** Elements of the second parameter: its state fills blocks of this size, which nothing else takes. */
const LARGE = 5000;
const SMALL = 10;

beforeAll(async () => {
  await init({ threads: 1, maximumMemory: 16 * 2 ** 20 });
});

/** Takes all memory: many blocks of the large size, and those of 64 bytes that are left. */
function fillMemory(): { large: Tensor[]; others: Tensor[] } {
  const blocks = (length: number) => {
    const taken: Tensor[] = [];
    try {
      for (;;) taken.push(zeros([length]).keep());
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      return taken;
    }
  };
  return { large: blocks(LARGE), others: [4096, 512, 16].flatMap(blocks) };
}

/** Two parameters with gradients that change from step to step. */
function begin(kind: (typeof optimizers)[number][0], options: object) {
  const params = [SMALL, LARGE].map((length) => ones([length], { requiresGrad: true }).keep());
  const optimizer = make(kind, params as never, options);
  const setGradients = (step: number) => {
    for (const param of params) param.grad ??= ones([param.size]).keep();
    for (const param of params) param.grad!.assign(new Float32Array(param.size).fill(0.1 + 0.2 * step));
  };
  const end = () => {
    optimizer.zeroGrad();
    optimizer.dispose();
    for (const param of params) param.dispose();
  };
  return { params, optimizer, setGradients, end };
}

const shown = (options: object) => JSON.stringify(options).replace(/["{}]/g, '');

describe('when memory runs out in a step, nothing has moved, and the same step comes to the same bits later', () => {
  test.each(optimizers.map(([kind, options]) => [kind, shown(options), options] as const))(
    '%s %s',
    (kind, _shown, options) => {
      const undisturbed = begin(kind, options);
      for (let step = 0; step < 3; step++) {
        undisturbed.setGradients(step);
        undisturbed.optimizer.step();
      }
      const wanted = contentOf(undisturbed.optimizer);
      const tensors = Object.values(undisturbed.optimizer.stateDict().state[1] ?? {}).filter(
        (entry) => typeof entry !== 'number',
      ).length;
      undisturbed.end();

      const disturbed = begin(kind, options);
      disturbed.setGradients(0);
      const before = contentOf(disturbed.optimizer);
      const { large, others } = fillMemory();
      for (let count = 0; count < 2 * tensors; count++) others.pop()!.dispose();
      const { bytes } = memory();
      for (let room = 0; room < tensors; room++) {
        expect(() => disturbed.optimizer.step()).toThrow(OutOfMemoryError);
        expect(contentOf(disturbed.optimizer)).toEqual(before);
        large.pop()!.dispose();
      }
      expect(memory().bytes, 'what an attempt took is free again').toBeLessThanOrEqual(bytes);
      disturbed.optimizer.step();
      for (const block of [...large, ...others]) block.dispose();
      for (let step = 1; step < 3; step++) {
        disturbed.setGradients(step);
        disturbed.optimizer.step();
      }
      expect(contentOf(disturbed.optimizer)).toEqual(wanted);
      disturbed.end();
      expect(memory().tensors).toBe(0);
    },
  );
});

test('when memory runs out while a state is loaded, the optimizer is as it was, and can load it later', () => {
  const [from, to] = [begin('Adam', { lr: 0.3 }), begin('Adam', { lr: 0.1 })];
  for (const [i, each] of [from, to].entries()) {
    each.setGradients(i);
    each.optimizer.step();
  }
  const state = from.optimizer.stateDict();
  const before = contentOf(to.optimizer);
  const { large, others } = fillMemory();
  for (let count = 0; count < 4; count++) others.pop()!.dispose();
  for (let room = 0; room < 2; room++) {
    const { bytes } = memory();
    expect(() => to.optimizer.loadStateDict(state)).toThrow(OutOfMemoryError);
    expect(contentOf(to.optimizer)).toEqual(before);
    expect(memory().bytes).toBe(bytes);
    large.pop()!.dispose();
  }
  to.optimizer.loadStateDict(state);
  for (const block of [...large, ...others]) block.dispose();
  expect(contentOf(to.optimizer).state).toEqual(contentOf(from.optimizer).state);
  expect(to.optimizer.paramGroups[0]!.lr).toBe(0.3);
  for (const each of [from, to]) each.end();
  expect(memory().tensors).toBe(0);
});

test('an optimizer that has made its state needs no memory to step, to clip and to free gradients', () => {
  const { params, optimizer, setGradients, end } = begin('Adam', {});
  setGradients(0);
  optimizer.step();
  const { large, others } = fillMemory();
  optim.clipGradNorm(params, 0.1);
  optim.clipGradValue(params, 0.01);
  optimizer.step();
  optimizer.zeroGrad();
  expect(params.map(({ grad }) => grad)).toEqual([null, null]);
  for (const block of [...large, ...others]) block.dispose();
  end();
  expect(memory().tensors).toBe(0);
});
