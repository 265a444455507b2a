import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../../src/index.js';
import { allocate, kernels, release, setGuards, viewF32, withScratch } from '../../src/runtime/runtime.js';
import { uniform } from '../support/random.js';

beforeAll(async () => {
  await init({ threads: 1 });
  setGuards(true);
});

// Three images of 2 channels → 11 channels in one group, stride 2 across: panels of 4, 4, 2 and 1 channels.
const [images, channels, height, width, outChannels, outHeight, outWidth, groups] = [3, 2, 6, 9, 11, 6, 5, 1] as const;
const kernel = [3, 3] as const;
const stride = [1, 2] as const;
const before = [1, 1] as const;
const dilation = [1, 1] as const;
const geometry = [channels, height, width, outChannels, outHeight, outWidth, ...kernel, ...stride, ...before, ...dilation, groups] as const;
const taps = channels * 9;

/** Runs `body` on addresses of an output of `size` floats and of inputs of the given sizes; returns the output. */
function withBuffers(size: number, inputs: readonly number[], body: (out: number, inputs: number[]) => void): Float32Array {
  const random = uniform(7);
  const addresses = inputs.map((length) => {
    const address = allocate(4 * length);
    viewF32(address, length).set(Float32Array.from({ length }, () => random() * 2 - 1));
    return address;
  });
  const out = allocate(4 * size);
  viewF32(out, size).fill(NaN);
  body(out, addresses);
  const result = viewF32(out, size).slice();
  release(out, 4 * size);
  inputs.forEach((length, i) => release(addresses[i]!, 4 * length));
  return result;
}

/** Calls `kernel` for each of the ranges between the cuts. */
function inRanges(cuts: readonly number[], floats: number, call: (scratch: number, begin: number, end: number) => void): void {
  for (let i = 0; i + 1 < cuts.length; i++) withScratch(4 * floats, (scratch) => call(scratch, cuts[i]!, cuts[i + 1]!));
}

const sizes = { x: images * channels * height * width, y: images * outChannels * outHeight * outWidth, weight: outChannels * taps };

const forward = (cuts: readonly number[]) => withBuffers(sizes.y, [sizes.x, sizes.weight, outChannels], (y, [x, weight, bias]) =>
  inRanges(cuts, kernels.f32_conv2d_forward_scratch(channels, outChannels, outHeight, outWidth, ...kernel, ...stride, ...dilation, groups), (scratch, begin, end) =>
    kernels.f32_conv2d_forward(y, x!, weight!, bias!, scratch, ...geometry, begin, end)));

const backwardInput = (cuts: readonly number[]) => withBuffers(sizes.x, [sizes.y, sizes.weight], (dx, [dy, weight]) =>
  inRanges(cuts, kernels.f32_conv2d_backward_input_scratch(channels, height, width, outChannels, ...kernel, ...stride, ...before, ...dilation, groups), (scratch, begin, end) =>
    kernels.f32_conv2d_backward_input(dx, dy!, weight!, 0, scratch, ...geometry, begin, end)));

const backwardWeight = (cuts: readonly number[]) => withBuffers(images * sizes.weight, [sizes.y, sizes.x], (partial, [dy, x]) =>
  inRanges(cuts, kernels.f32_conv2d_backward_weight_scratch(channels, outHeight, outWidth, ...kernel, ...stride, ...dilation, groups), (scratch, begin, end) =>
    kernels.f32_conv2d_backward_weight(partial, dy!, x!, scratch, images, 1, ...geometry, begin, end)));

describe('convolution kernels: the bits do not depend on how the work is shared out', () => {
  test('forward, by images', () => {
    const whole = forward([0, images]);
    expect(whole.every(Number.isFinite)).toBe(true);
    expect(forward([0, 1, 3])).toEqual(whole);
  });

  test('input gradient, by images', () => {
    const whole = backwardInput([0, images]);
    expect(whole.every(Number.isFinite)).toBe(true);
    expect(backwardInput([0, 2, 3])).toEqual(whole);
  });

  test('weight gradient, by chunks of images', () => {
    const whole = backwardWeight([0, images]);
    expect(whole.every(Number.isFinite)).toBe(true);
    expect(backwardWeight([0, 1, 3])).toEqual(whole);
  });
});
