/** `npm run test:debug`: kernels report a precondition that does not hold, with its message and the place. */
import { beforeAll, describe, expect, test } from 'vitest';
import { init } from '../../src/index.js';
import { offset } from '../../src/runtime/address.js';
import { withRecord } from '../../src/runtime/records.js';
import { kernels } from '../../src/runtime/runtime.js';
import { withMemory, withScratch } from '../../src/runtime/scratch.js';

beforeAll(() => init({ threads: 1 }));

const image = {
  images: 1,
  channels: 2,
  height: 4,
  width: 4,
  outChannels: 2,
  outHeight: 4,
  outWidth: 4,
  kernelHeight: 3,
  kernelWidth: 3,
  strideY: 1,
  strideX: 1,
  top: 1,
  left: 1,
  dilationY: 1,
  dilationX: 1,
  groups: 1,
};

function convolve(changes: Partial<typeof image>, { overlap = false, begin = 0, odd = 0 } = {}): void {
  withRecord('ConvShape', { ...image, ...changes }, (shape) =>
    withMemory(4096, (x) =>
      withScratch(65_536, (scratch) => {
        kernels.f32_conv2d_direct_forward(
          offset(x, overlap ? 64 : 1024 + odd),
          x,
          offset(x, 2048),
          0,
          shape,
          scratch,
          false,
          begin,
          1,
        );
      }),
    ),
  );
}

const { env } = import.meta as unknown as { env: { MODE: string } };

describe.runIf(env.MODE === 'debug')('a broken precondition is reported', () => {
  test.each([
    [
      'a share',
      () => convolve({}, { begin: 2 }),
      'abort: a share [begin, end): 0 <= begin <= end is expected at assembly/assert.ts',
    ],
    [
      'an address',
      () => convolve({}, { odd: 2 }),
      'abort: addresses of elements of 32 bits: multiples of 4 are expected',
    ],
    ['a size', () => convolve({ height: -1 }), 'abort: sizes: none below 0 is expected'],
    [
      'a stride',
      () => convolve({ strideX: 0 }),
      'abort: a convolution: kernel, stride and dilation of at least 1 are expected at assembly/conv/shape.ts',
    ],
    [
      'groups',
      () => convolve({ groups: 3 }),
      'abort: a convolution: channels of both sides that divide into the groups are expected',
    ],
    ['an overlap', () => convolve({}, { overlap: true }), 'abort: ranges that do not overlap are expected'],
    [
      'a share of an element-wise kernel',
      () => withMemory(64, (x) => kernels.f32_neg(x, x, -1, 4)),
      'abort: a share [begin, end)',
    ],
  ])('%s', (_what, call, message) => expect(call).toThrow(message));

  test('and one that holds is not', () => expect(() => convolve({})).not.toThrow());
});
