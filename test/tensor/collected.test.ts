/** The net below scopes: what nothing refers to any more is freed once the engine collects its object. */
import v8 from 'node:v8';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { memory, scope, type Tensor, tensor } from '../../src/index.js';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** The number of tensors alive once everything that can be collected is. */
async function settled(): Promise<number> {
  for (let turn = 0; turn < 5; turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return memory().tensors;
}

/** A leaf outside of all scopes, with a gradient. */
function leafWithGradient(): Tensor {
  const leaf = tensor([1, 2, 3], { requiresGrad: true });
  scope(() => leaf.square().sum().backward());
  return leaf;
}

test('a leaf, and its gradient with it', async () => {
  const before = await settled();
  expect(leafWithGradient().grad!.toArray()).toEqual([2, 4, 6]);
  expect(await settled()).toBe(before);
});

test('a gradient that a leaf was made to forget', async () => {
  const leaf = leafWithGradient();
  const before = memory().tensors;
  leaf.grad = null;
  expect(await settled()).toBe(before - 1);
  expect(leaf.toArray()).toEqual([1, 2, 3]);
  leaf.dispose();
});

test('a gradient of a leaf that was freed', async () => {
  const before = await settled();
  leafWithGradient().dispose();
  expect(await settled()).toBe(before);
});

test('not a gradient that somebody holds, whatever became of its leaf', async () => {
  const gradients = [leafWithGradient(), leafWithGradient(), leafWithGradient()].map((leaf, i) => {
    const { grad } = leaf;
    if (i === 1) leaf.grad = null;
    if (i === 2) leaf.dispose();
    return grad!;
  });
  await settled();
  for (const gradient of gradients) {
    expect(gradient.toArray()).toEqual([2, 4, 6]);
    gradient.dispose();
  }
});
