import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../../src/index.js';
import type { Address } from '../../src/runtime/address.js';
import { setGuards } from '../../src/runtime/guards.js';
import { allocate, release, viewF32 } from '../../src/runtime/memory.js';
import { type RecordAddress, type RecordOf, withRecord } from '../../src/runtime/records.js';
import { kernels } from '../../src/runtime/runtime.js';
import { withMemory, withScratch } from '../../src/runtime/scratch.js';
import { uniform } from '../support/random.js';

beforeAll(async () => {
  await init({ threads: 1 });
  setGuards(true);
});

type Shape = readonly [
  images: number,
  channels: number,
  height: number,
  width: number,
  outChannels: number,
  side: number,
  stride: number,
  padding: number,
];

interface Sizes {
  readonly images: number;
  readonly x: number;
  readonly y: number;
  readonly weight: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly shape: RecordOf<'ConvShape'>;
}

type ShapeAddress = RecordAddress<'ConvShape'>;

function convolution(
  images: number,
  channels: number,
  height: number,
  width: number,
  outChannels: number,
  side: number,
  stride: number,
  padding: number,
): Sizes {
  const outHeight = Math.floor((height + 2 * padding - side) / stride) + 1;
  const outWidth = Math.floor((width + 2 * padding - side) / stride) + 1;
  return {
    images,
    channels,
    outChannels,
    x: images * channels * height * width,
    y: images * outChannels * outHeight * outWidth,
    weight: outChannels * channels * side * side,
    shape: {
      images,
      channels,
      height,
      width,
      outChannels,
      outHeight,
      outWidth,
      kernelHeight: side,
      kernelWidth: side,
      strideY: stride,
      strideX: stride,
      top: padding,
      left: padding,
      dilationY: 1,
      dilationX: 1,
      groups: 1,
    },
  };
}

/** Runs `body` on addresses of an output of `size` floats and of inputs of the given sizes; returns the output. */
function withBuffers(
  size: number,
  inputs: readonly number[],
  body: (out: Address, inputs: Address[]) => void,
): Float32Array {
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

/** Calls a kernel for each of the ranges between the cuts. */
function inRanges(
  { shape }: Sizes,
  cuts: readonly number[],
  scratchOf: (shape: ShapeAddress) => number,
  call: (shape: ShapeAddress, scratch: Address, begin: number, end: number) => void,
): void {
  withRecord('ConvShape', shape, (record) => {
    for (let i = 0; i + 1 < cuts.length; i++)
      withScratch(4 * scratchOf(record), (scratch) => call(record, scratch, cuts[i]!, cuts[i + 1]!));
  });
}

const forward = (s: Sizes, cuts: readonly number[], relu = false) =>
  withBuffers(s.y, [s.x, s.weight, s.outChannels], (y, [x, weight, bias]) =>
    inRanges(s, cuts, kernels.f32_conv2d_direct_forward_scratch, (shape, scratch, begin, end) =>
      kernels.f32_conv2d_direct_forward(y, x!, weight!, bias!, shape, scratch, relu, begin, end),
    ),
  );

const lanesForward = (s: Sizes, cuts: readonly number[], relu = false) =>
  withBuffers(s.y, [s.x, s.weight, s.outChannels], (y, [x, weight, bias]) =>
    inRanges(s, cuts, kernels.f32_conv2d_lanes_forward_scratch, (shape, scratch, begin, end) =>
      kernels.f32_conv2d_lanes_forward(y, x!, weight!, bias!, shape, scratch, relu, begin, end),
    ),
  );

const backwardInput = (s: Sizes, cuts: readonly number[]) =>
  withBuffers(s.x, [s.y, s.weight, s.channels], (dx, [dy, weight, bias]) =>
    inRanges(s, cuts, kernels.f32_conv2d_direct_backward_input_scratch, (shape, scratch, begin, end) =>
      kernels.f32_conv2d_direct_backward_input(dx, dy!, weight!, bias!, shape, scratch, begin, end),
    ),
  );

const lanesBackwardInput = (s: Sizes, cuts: readonly number[]) =>
  withBuffers(s.x, [s.y, s.weight, s.channels], (dx, [dy, weight, bias]) =>
    inRanges(s, cuts, kernels.f32_conv2d_lanes_backward_input_scratch, (shape, scratch, begin, end) =>
      kernels.f32_conv2d_lanes_backward_input(dx, dy!, weight!, bias!, shape, scratch, begin, end),
    ),
  );

const backwardWeight = (s: Sizes, cuts: readonly number[]) =>
  withBuffers(Math.ceil(s.images / 4) * s.weight, [s.y, s.x], (partial, [dy, x]) =>
    inRanges(s, cuts, kernels.f32_conv2d_lanes_backward_weight_scratch, (shape, scratch, begin, end) =>
      kernels.f32_conv2d_lanes_backward_weight(partial, dy!, x!, shape, scratch, 1, begin, end),
    ),
  );

describe('convolution kernels: the bits do not depend on how the work is shared out', () => {
  // 2 → 11 channels: panels of 4, 4, 2 and 1.
  const sizes = () => convolution(11, 2, 6, 9, 11, 3, 2, 1);

  test('forward, by images', () => {
    const whole = forward(sizes(), [0, 11]);
    expect(whole.every(Number.isFinite)).toBe(true);
    expect(forward(sizes(), [0, 1, 3, 11])).toEqual(whole);
  });

  test('input gradient, by images', () => {
    const whole = backwardInput(sizes(), [0, 11]);
    expect(whole.every(Number.isFinite)).toBe(true);
    expect(backwardInput(sizes(), [0, 2, 11])).toEqual(whole);
  });

  test('weight gradient, by chunks of images', () => {
    const whole = backwardWeight(sizes(), [0, 3]);
    expect(whole.every(Number.isFinite)).toBe(true);
    expect(backwardWeight(sizes(), [0, 1, 3])).toEqual(whole);
  });
});

describe('four images at once: the same bits as one by one', () => {
  // Short and long rows, strides, more padding than taps, and rows so long that an image is cut into bands.
  const all: readonly Shape[] = [
    [8, 3, 7, 7, 5, 3, 1, 0],
    [4, 5, 6, 9, 11, 5, 1, 2],
    [8, 4, 9, 8, 7, 3, 2, 1],
    [4, 2, 5, 7, 3, 2, 3, 1],
    [4, 4, 3, 4, 4, 2, 1, 3],
    [4, 6, 8, 8, 5, 1, 2, 0],
    [4, 40, 24, 40, 9, 3, 1, 1],
    [4, 30, 27, 41, 33, 3, 2, 1],
  ];

  for (const shape of all) {
    test(`images, channels, height, width → channels, kernel, stride, padding: ${shape.join(', ')}`, () => {
      const sizes = convolution(...shape);
      const fours = shape[0] / 4;
      expect(lanesForward(sizes, fours > 1 ? [0, 1, fours] : [0, fours])).toEqual(forward(sizes, [0, shape[0]]));
      expect(lanesBackwardInput(sizes, fours > 1 ? [0, 1, fours] : [0, fours])).toEqual(
        backwardInput(sizes, [0, shape[0]]),
      );
    });
  }

  test('the weight gradient is the same sum whatever the bands', () => {
    // A 1 × 1 kernel meets the same pixels when they stand in rows four times as long, of which other bands are made.
    const long = backwardWeight(convolution(4, 30, 7, 164, 33, 1, 1, 0), [0, 1]);
    const short = backwardWeight(convolution(4, 30, 28, 41, 33, 1, 1, 0), [0, 1]);
    const largest = Math.max(...short.map(Math.abs));
    expect(largest).toBeGreaterThan(1);
    short.forEach((value, i) => expect(Math.abs(value - long[i]!)).toBeLessThan(1e-5 * largest));
  });
});

describe('matrix product: the same bits as the direct way', () => {
  // Images alone and eight at once, cut ones too; rows of whole vectors and others; channels that are no fours; each
  // stride; no padding.
  const all: readonly Shape[] = [
    [3, 5, 24, 24, 17, 3, 2, 1],
    [2, 4, 13, 12, 8, 3, 1, 1],
    [11, 6, 14, 15, 18, 3, 2, 1],
    [9, 7, 3, 1, 4, 1, 1, 0],
    [10, 3, 2, 2, 6, 2, 2, 0],
    [2, 3, 9, 9, 5, 1, 2, 0],
    [5, 2, 17, 17, 3, 2, 3, 2],
    [1, 33, 12, 11, 16, 5, 1, 2],
    [8, 4, 3, 3, 4, 3, 1, 3],
  ];
  const bits = (values: Float32Array) => new Uint32Array(values.buffer);
  const product = (s: Sizes, cuts: readonly number[], relu: boolean) =>
    withBuffers(s.y, [s.x, s.weight, s.outChannels], (y, [x, weight, bias]) =>
      inRanges(s, cuts, kernels.f32_conv2d_gemm_forward_scratch, (shape, scratch, begin, end) =>
        kernels.f32_conv2d_gemm_forward(y, x!, weight!, bias!, shape, scratch, false, relu, begin, end),
      ),
    );

  for (const shape of all) {
    test(`images, channels, height, width → channels, kernel, stride, padding: ${shape.join(', ')}`, () => {
      const sizes = convolution(...shape);
      const pieces = withRecord('ConvShape', sizes.shape, (record) => kernels.f32_conv2d_gemm_forward_pieces(record));
      const direct = forward(sizes, [0, sizes.images]);
      expect(bits(product(sizes, [0, pieces], false))).toEqual(bits(direct));
      expect(bits(product(sizes, [0, 1, Math.ceil(pieces / 2), pieces], false))).toEqual(bits(direct));
      expect(bits(product(sizes, [0, pieces], true))).toEqual(bits(direct.map((value) => Math.max(value, 0))));
    });
  }
});

test('with a ReLU, what is below 0 becomes 0, and nothing else changes', () => {
  const all: readonly Shape[] = [
    [4, 3, 5, 7, 7, 3, 1, 1],
    [4, 2, 19, 37, 3, 2, 2, 0],
    [5, 3, 4, 4, 6, 1, 1, 0],
  ];
  for (const shape of all) {
    const s = convolution(...shape);
    const floored = forward(s, [0, s.images]).map((value) => Math.max(value, 0));
    expect(floored.some((value) => value === 0) && floored.some((value) => value > 0)).toBe(true);
    expect(forward(s, [0, s.images], true)).toEqual(floored);
    if (s.images % 4 === 0) expect(lanesForward(s, [0, s.images / 4], true)).toEqual(floored);
  }
});

describe('blank parts of an image of one channel', () => {
  // Cut and whole tiles, rows too long for a mask.
  for (const [images, height, width, outChannels, side, padding] of [
    [2, 9, 37, 7, 5, 2],
    [1, 28, 28, 6, 5, 2],
    [3, 12, 20, 1, 3, 1],
    [1, 4, 270, 2, 3, 1],
  ] as const) {
    test(`change no bit: ${images}, ${height} × ${width} → ${outChannels}, ${side} × ${side}`, () => {
      const s = convolution(images, 1, height, width, outChannels, side, 1, padding);
      const run = (bias0: number, weight0: number) =>
        withBuffers(s.y, [s.x, s.weight, s.outChannels], (y, [x, weight, bias]) => {
          // All but a spot in the middle is blank.
          viewF32(x!, s.x).forEach((_, i, values) => {
            const [row, column] = [Math.floor(i / width) % height, i % width];
            if (Math.abs(row - height / 2) > 1 || Math.abs(column - width / 2) > 1) values[i] = 0;
          });
          viewF32(bias!, 1)[0] = bias0;
          viewF32(weight!, 1)[0] = weight0;
          inRanges(s, [0, images], kernels.f32_conv2d_direct_forward_scratch, (record, scratch, begin, end) =>
            kernels.f32_conv2d_direct_forward(y, x!, weight!, bias!, record, scratch, false, begin, end),
          );
        });
      // A bias of −0 makes the kernel take all taps: the other channels must not change.
      const plane = s.y / images / outChannels;
      const others = (y: Float32Array) => Array.from(y).filter((_, i) => Math.floor(i / plane) % outChannels > 0);
      const skipped = run(0, 0.5);
      expect(others(skipped)).toEqual(others(run(-0, 0.5)));
      expect(skipped.map((value) => value + 0)).toEqual(run(-0, 0.5).map((value) => value + 0));
      // An infinite weight meets zeros everywhere.
      expect(run(0, Infinity).subarray(0, plane).some(Number.isNaN)).toBe(true);
    });
  }
});

describe('passing over the zeros of dy', () => {
  // images, channels, height, width → channels, kernel, stride, padding
  const all: readonly Shape[] = [
    [9, 6, 9, 8, 5, 5, 1, 0],
    [3, 1, 7, 9, 6, 5, 1, 2],
    [2, 9, 8, 7, 6, 4, 3, 1],
    [5, 3, 6, 6, 4, 3, 2, 2],
    [1, 40, 3, 3, 3, 3, 1, 1],
  ];

  /** Zeros but every ninth. */
  const thin = (dy: Address, size: number) =>
    viewF32(dy, size).forEach((_, i, values) => {
      if (i % 9 !== 0) values[i] = 0;
    });

  for (const shape of all) {
    test(`the input gradient has the bits of the full sum: ${shape.join(', ')}`, () => {
      const s = convolution(...shape);
      const full = withBuffers(s.x, [s.y, s.weight], (dx, [dy, weight]) => {
        thin(dy!, s.y);
        inRanges(s, [0, s.images], kernels.f32_conv2d_direct_backward_input_scratch, (record, scratch, begin, end) =>
          kernels.f32_conv2d_direct_backward_input(dx, dy!, weight!, 0, record, scratch, begin, end),
        );
      });
      const skipped = (cuts: readonly number[]) =>
        withBuffers(s.x, [s.y, s.weight], (dx, [dy, weight]) => {
          thin(dy!, s.y);
          inRanges(s, cuts, kernels.f32_conv2d_sparse_backward_input_scratch, (record, scratch, begin, end) =>
            kernels.f32_conv2d_sparse_backward_input(dx, dy!, weight!, record, scratch, begin, end),
          );
        });
      expect(full.every(Number.isFinite)).toBe(true);
      expect(skipped([0, s.images])).toEqual(full);
      expect(skipped([0, 1, s.images])).toEqual(full);
    });

    test(`the weight gradient does not depend on how chunks are shared out: ${shape.join(', ')}`, () => {
      const s = convolution(...shape);
      const chunks = Math.ceil(s.images / 2);
      const sums = (cuts: readonly number[]) =>
        withBuffers(chunks * s.weight, [s.y, s.x], (partial, [dy, x]) => {
          thin(dy!, s.y);
          inRanges(s, cuts, kernels.f32_conv2d_sparse_backward_weight_scratch, (record, scratch, begin, end) =>
            kernels.f32_conv2d_sparse_backward_weight(partial, dy!, x!, record, scratch, 2, begin, end),
          );
        });
      const whole = sums([0, chunks]);
      expect(whole.every(Number.isFinite)).toBe(true);
      expect(sums([0, 0, Math.min(1, chunks), chunks])).toEqual(whole);
    });
  }

  test('finite: no infinity, no NaN, in whole vectors and at the end', () => {
    for (const value of [1, -0, 1e38, Infinity, -Infinity, NaN]) {
      for (const at of [0, 5, 10, 15, 16, 22]) {
        const x = allocate(92);
        viewF32(x, 23)
          .fill(1)
          .fill(value, at, at + 1);
        expect(Boolean(kernels.f32_all_finite(x, 23)), `${value} at ${at}`).toBe(Number.isFinite(value));
        release(x, 92);
      }
    }
    expect(Boolean(withMemory(0, (nothing) => kernels.f32_all_finite(nothing, 0)))).toBe(true);
  });
});
