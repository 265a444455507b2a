import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DTypeError,
  init,
  memory,
  ShapeError,
  scope,
  TensorDataset,
  tensor,
  transforms,
} from '../../src/index.js';
import { offset } from '../../src/runtime/address.js';
import { STREAMS } from '../../src/runtime/generator.js';
import { setGuards } from '../../src/runtime/guards.js';
import { viewF32, viewI32 } from '../../src/runtime/memory.js';
import { withRecord } from '../../src/runtime/records.js';
import { kernels } from '../../src/runtime/runtime.js';
import { withScratch } from '../../src/runtime/scratch.js';
import { addressOf } from '../../src/tensor/tensor.js';
import { philoxTwin } from '../support/philox.js';
import { uniform } from '../support/random.js';

const { normalize, randomCrop, randomShift, horizontalFlip } = transforms;

beforeAll(async () => {
  await init();
  setGuards(true);
});
afterAll(() => expect(memory().tensors, 'nothing is left alive').toBe(0));

/** A dataset of random images, given to `use`, and freed. */
function withImages<R>(
  shape: readonly [number, number, number, number],
  use: (dataset: TensorDataset, bytes: Uint8Array) => R,
  dtype: 'uint8' | 'float32' = 'uint8',
): R {
  const random = uniform(7);
  const bytes = Uint8Array.from({ length: shape[0] * shape[1] * shape[2] * shape[3] }, () =>
    Math.floor(random() * 256),
  );
  const x =
    dtype === 'uint8'
      ? tensor(bytes, { shape })
      : tensor(
          Float32Array.from(bytes, (byte) => Math.fround(byte / 255)),
          { shape },
        );
  const dataset = new TensorDataset(x, tensor(Int32Array.from({ length: shape[0] }, (_, i) => i)));
  try {
    return scope(() => use(dataset, bytes));
  } finally {
    dataset.dispose();
  }
}

const scaled = (byte: number, mean = 0, std = 1) =>
  Math.fround(Math.fround(Math.fround(byte / 255) - Math.fround(mean)) / Math.fround(std));

describe('bytes without transforms', () => {
  test('each of the 256 becomes v/255, correctly rounded, wherever it stands', () => {
    const dataset = new TensorDataset(
      tensor(
        Uint8Array.from({ length: 3 * 257 }, (_, i) => i % 256),
        { shape: [3, 257] },
      ),
      tensor(Int32Array.of(0, 1, 2)),
    );
    scope(() => {
      const [x] = dataset.batch(Int32Array.of(2, 0));
      expect(x.shape).toEqual([2, 257]);
      expect(x.dtype).toBe('float32');
      expect(x.data()).toEqual(
        Float32Array.from({ length: 2 * 257 }, (_, i) => Math.fround(((i < 257 ? i + 2 * 257 : i - 257) % 256) / 255)),
      );
      expect([x.item(1, 0), x.item(1, 255)]).toEqual([0, 1]);
    });
    dataset.dispose();
  });
});

describe('normalize', () => {
  test('standardises each channel, rounding as PyTorch does', () =>
    withImages([4, 3, 5, 3], (dataset, bytes) => {
      const [mean, std] = [
        [0.5, 0.1, -1],
        [0.25, 2, 0.3],
      ];
      const [x] = dataset.batch(Int32Array.of(3, 1), { transforms: [normalize({ mean, std })] });
      const want = [3, 1].flatMap((n) =>
        Array.from(bytes.subarray(n * 45, (n + 1) * 45), (byte, i) =>
          scaled(byte, mean[Math.floor(i / 15)], std[Math.floor(i / 15)]),
        ),
      );
      expect(Array.from(x.data())).toEqual(want);
    }));

  test('one mean and std serve all channels, and float32 inputs are standardised too', () => {
    const options = { transforms: [normalize({ mean: 0.1307, std: 0.3081 })] };
    const fromBytes = withImages([2, 2, 3, 3], (dataset) =>
      Array.from(dataset.batch(Int32Array.of(0, 1), options)[0].data()),
    );
    const fromFloats = withImages(
      [2, 2, 3, 3],
      (dataset) => Array.from(dataset.batch(Int32Array.of(0, 1), options)[0].data()),
      'float32',
    );
    expect(fromFloats).toEqual(fromBytes);
    withImages([2, 2, 3, 3], (_dataset, bytes) =>
      expect(fromBytes).toEqual(Array.from(bytes, (byte) => scaled(byte, 0.1307, 0.3081))),
    );
  });

  test('refuses numbers that make no sense', () => {
    expect(() => normalize({ mean: NaN, std: 1 })).toThrow(ArgumentError);
    expect(() => normalize({ mean: 0, std: 0 })).toThrow(/above 0/);
    expect(() => normalize({ mean: 0, std: 1e-60 })).toThrow(/above 0/);
    withImages([1, 3, 2, 2], (dataset) =>
      expect(() => dataset.batch(Int32Array.of(0), { transforms: [normalize({ mean: [0, 0], std: [1, 1] })] })).toThrow(
        /2 numbers for 3 channels/,
      ),
    );
  });
});

/** What the random transforms make of one image, written down plainly. */
function augmentTwin(
  pixels: (c: number, y: number, x: number) => number,
  size: { channels: number; height: number; width: number; rows: number; columns: number },
  reach: readonly [number, number],
  flip: boolean,
  index: number,
  epoch: number,
  seed: number,
): number[] {
  const word = (which: number) => philoxTwin([index, 0, epoch, 0], [seed, STREAMS.augment], which);
  const places = [size.height + 2 * reach[0] - size.rows + 1, size.width + 2 * reach[1] - size.columns + 1];
  const [down, right] = places.map((count, which) => Math.floor((word(which) * count) / 2 ** 32));
  const mirrored = flip && word(2) < 2 ** 31;
  const out: number[] = [];
  for (let c = 0; c < size.channels; c++) {
    for (let r = 0; r < size.rows; r++) {
      for (let k = 0; k < size.columns; k++) {
        const y = r + down! - reach[0];
        const x = (mirrored ? size.columns - 1 - k : k) + right! - reach[1];
        out.push(y < 0 || y >= size.height || x < 0 || x >= size.width ? 0 : pixels(c, y, x));
      }
    }
  }
  return out;
}

describe('random transforms', () => {
  const channels = 2;
  const indices = Int32Array.of(5, 0, 11, 3, 3);

  test.each([
    ['randomCrop with padding', [randomCrop({ padding: 2 })], 7, 9, [7, 9], [2, 2], false],
    ['randomCrop of a part', [randomCrop({ size: [3, 5] })], 7, 9, [3, 5], [0, 0], false],
    ['randomCrop of more than the image', [randomCrop({ size: 12, padding: [4, 3] })], 7, 9, [12, 12], [4, 3], false],
    ['padding beyond the image', [randomCrop({ padding: 20 })], 7, 9, [7, 9], [20, 20], false],
    ['randomShift', [randomShift({ pixels: [1, 3] })], 6, 13, [6, 13], [1, 3], false],
    ['horizontalFlip', [horizontalFlip()], 4, 11, [4, 11], [0, 0], true],
    ['flip and crop', [horizontalFlip(), randomCrop({ padding: 3 })], 8, 10, [8, 10], [3, 3], true],
    [
      'flip and crop of a single column',
      [randomCrop({ size: [4, 1], padding: 1 }), horizontalFlip()],
      4,
      1,
      [4, 1],
      [1, 1],
      true,
    ],
  ] as const)('%s: as written down plainly', (_name, list, height, width, [rows, columns], reach, flip) => {
    for (const dtype of ['uint8', 'float32'] as const) {
      withImages(
        [12, channels, height, width],
        (dataset, bytes) => {
          for (const [epoch, seed] of [
            [0, 0],
            [3, 4_000_000_000],
          ] as const) {
            const [x, y] = dataset.batch(indices, { transforms: list, epoch, seed });
            const want = Array.from(indices).flatMap((index) =>
              augmentTwin(
                (c, row, column) => scaled(bytes[((index * channels + c) * height + row) * width + column]!),
                { channels, height, width, rows, columns },
                reach,
                flip,
                index,
                epoch,
                seed,
              ),
            );
            expect(x.shape).toEqual([5, channels, rows, columns]);
            expect(Array.from(x.data())).toEqual(want);
            expect(Array.from(y.data())).toEqual(Array.from(indices));
          }
        },
        dtype,
      );
    }
  });

  test('normalize comes last: what comes in from the side is black, standardised', () =>
    withImages([12, channels, 4, 5], (dataset, bytes) => {
      const [mean, std] = [
        [0.5, 0.25],
        [0.5, 2],
      ];
      const [x] = dataset.batch(indices, {
        transforms: [normalize({ mean, std }), randomShift({ pixels: 4 }), horizontalFlip()],
        epoch: 1,
        seed: 9,
      });
      const want = Array.from(indices).flatMap((index) =>
        augmentTwin(
          (c, row, column) => scaled(bytes[((index * channels + c) * 4 + row) * 5 + column]!),
          { channels, height: 4, width: 5, rows: 4, columns: 5 },
          [4, 4],
          true,
          index,
          1,
          9,
        ).map((value, i) => {
          const c = Math.floor(i / 20);
          return Math.fround(Math.fround(value - mean[c]!) / std[c]!);
        }),
      );
      expect(Array.from(x.data())).toEqual(want);
    }));

  test('a sample is transformed alike in every batch, and otherwise in another epoch or with another seed', () =>
    withImages([12, 1, 8, 8], (dataset) => {
      const options = { transforms: [randomCrop({ padding: 4 }), horizontalFlip()], epoch: 2, seed: 1 };
      const alone = dataset.batch(Int32Array.of(7), options)[0].data();
      const among = dataset
        .batch(Int32Array.of(1, 2, 7), options)[0]
        .data()
        .slice(128);
      expect(among).toEqual(alone);
      expect(dataset.batch(Int32Array.of(7), { ...options, epoch: 3 })[0].data()).not.toEqual(alone);
      expect(dataset.batch(Int32Array.of(7), { ...options, seed: 2 })[0].data()).not.toEqual(alone);
    }));

  test('every place and both sides are equally likely', () =>
    withImages([1, 1, 3, 3], (dataset) => {
      const counts = new Map<string, number>();
      for (let epoch = 0; epoch < 1800; epoch++) {
        const key = dataset
          .batch(Int32Array.of(0), { transforms: [randomShift({ pixels: 1 }), horizontalFlip()], epoch, seed: 5 })[0]
          .data()
          .join();
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect(counts.size).toBe(18);
      // 100 each; χ² with 17 degrees of freedom is above 40.8 with probability 0.001.
      expect([...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)).toBeLessThan(40.8);
    }));

  test('the kernels give the same bits however the batch is split', () =>
    withImages([9, 2, 5, 6], (dataset) => {
      const run = (ranges: readonly (readonly [number, number])[]) =>
        withScratch(4 * (9 + 2 * 9 * 60), (address) => {
          viewI32(address, 9).set([8, 7, 6, 5, 4, 3, 2, 1, 0]);
          const [plain, augmented] = [offset(address, 36), offset(address, 36 + 4 * 540)];
          for (const [begin, end] of ranges) {
            kernels.f32_gather_u8(plain, addressOf(dataset.x), address, 0, 0, 2, 30, begin, end);
            const window = {
              channels: 2,
              height: 5,
              width: 6,
              rows: 5,
              columns: 6,
              top: -2,
              down: 4,
              left: -2,
              right: 4,
              flip: 1,
            };
            withRecord('AugmentShape', window, (shape) =>
              kernels.f32_gather_augmented_u8(
                augmented,
                addressOf(dataset.x),
                address,
                0,
                0,
                shape,
                3,
                STREAMS.augment,
                8,
                begin,
                end,
              ),
            );
          }
          return viewF32(plain, 1080).slice();
        });
      expect(
        run([
          [4, 9],
          [0, 1],
          [1, 4],
        ]),
      ).toEqual(run([[0, 9]]));
    }));

  test('refuses what does not go together', () => {
    expect(() => randomCrop({ padding: -1 })).toThrow(ArgumentError);
    expect(() => randomCrop({ size: 0 })).toThrow(/randomCrop: size must be a whole number ≥ 1/);
    expect(() => randomShift({ pixels: 1.5 })).toThrow(ArgumentError);
    withImages([1, 1, 4, 4], (dataset) => {
      const batch =
        (...list: transforms.Transform[]) =>
        () =>
          dataset.batch(Int32Array.of(0), { transforms: list });
      expect(batch(randomCrop({ size: 7, padding: 1 }))).toThrow(/cannot cut 7×7 out of 4×4 with padding 1 and 1/);
      expect(batch(randomCrop({ padding: 1 }), randomShift({ pixels: 1 }))).toThrow(
        /only one of randomCrop and randomShift/,
      );
      expect(batch(horizontalFlip(), horizontalFlip())).toThrow(/once/);
    });
    const rows = new TensorDataset(tensor([[1, 2]]), tensor([0]));
    expect(() => rows.batch(Int32Array.of(0), { transforms: [horizontalFlip()] })).toThrow(ShapeError);
    rows.dispose();
    const ids = new TensorDataset(tensor([[1, 2]], { dtype: 'int32' }), tensor([0]));
    expect(() => ids.batch(Int32Array.of(0), { transforms: [normalize({ mean: 0, std: 1 })] })).toThrow(DTypeError);
    ids.dispose();
  });
});
