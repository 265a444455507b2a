import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  arange,
  DataLoader,
  type Dataset,
  DTypeError,
  init,
  limit,
  manualSeed,
  memory,
  RangeIndexError,
  ShapeError,
  Subset,
  type Tensor,
  TensorDataset,
  tensor,
  trainValidationSplit,
  transforms,
  zeros,
} from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';
import { currentScope } from '../../src/tensor/scope.js';

beforeAll(async () => {
  await init();
  setGuards(true);
});

let dataset: TensorDataset;
beforeEach(() => {
  manualSeed(3);
  // Sample i is [i, i + 0.5] and belongs to class −i.
  dataset = new TensorDataset(
    tensor(Array.from({ length: 10 }, (_, i) => [i, i + 0.5])),
    tensor(Int32Array.from({ length: 10 }, (_, i) => -i)),
    { classes: ['even', 'odd'] },
  );
});
afterEach(() => {
  dataset.dispose();
  expect(memory().tensors, 'nothing is left alive').toBe(0);
  expect(currentScope, 'no scope is left open').toBe(null);
});

const samples = (batches: Iterable<readonly [Tensor, Tensor]>) =>
  Array.from(batches, ([, y]) => Array.from(y.data(), (value) => 0 - value));

describe('TensorDataset', () => {
  test('hands out rows of both tensors', () => {
    const [x, y] = dataset.batch(Int32Array.of(3, 9, 3));
    expect(x.toArray()).toEqual([
      [3, 3.5],
      [9, 9.5],
      [3, 3.5],
    ]);
    expect(y.toArray()).toEqual([-3, -9, -3]);
    expect([x.dtype, y.dtype]).toEqual(['float32', 'int32']);
    x.dispose();
    y.dispose();
    const [none] = dataset.batch(new Int32Array(0)).map((part) => {
      part.dispose();
      return part.shape;
    });
    expect(none).toEqual([0, 2]);
  });

  test('refuses what is not a dataset, and indices that are not samples', () => {
    const [x, y, bytes] = [zeros([3, 2]), zeros([2]), zeros([3], { dtype: 'uint8' })];
    expect(() => new TensorDataset(x, y)).toThrow(ShapeError);
    expect(() => new TensorDataset(x, bytes)).toThrow(DTypeError);
    for (const part of [x, y, bytes]) part.dispose();
    expect(() => dataset.batch(Int32Array.of(0, 10))).toThrow(RangeIndexError);
    expect(() => dataset.batch(Int32Array.of(-1))).toThrow(/no sample -1, there are 10/);
    expect(() => dataset.batch([0.5] as unknown as Int32Array)).toThrow(/no sample 0.5, there are 10/);
  });
});

describe('samples', () => {
  test('are the indices of a batch in the data set, below all subsets', () => {
    const subset = new Subset(limit(new Subset(dataset, [9, 7, 5, 3, 1, 0]), 5), [4, 0, 2]);
    for (const options of [{ batchSize: 2 }, { batchSize: 2, shuffle: true }]) {
      const loader = new DataLoader(subset, options);
      for (const epoch of [0, 3]) {
        expect([0, 1].map((batch) => [...loader.samples(epoch, batch)])).toEqual(samples(loader.from(epoch)));
      }
    }
  });
});

describe('Subset, limit', () => {
  test('renumber the samples and copy nothing', () => {
    const before = memory().bytes;
    const subset = new Subset(dataset, [7, 2, 5]);
    expect(memory().bytes).toBe(before);
    expect([subset.length, subset.classes]).toEqual([3, ['even', 'odd']]);
    expect(samples(new DataLoader(subset, { batchSize: 2 }))).toEqual([[7, 2], [5]]);
    expect(samples(new DataLoader(limit(limit(dataset, 4), 3), { batchSize: 5 }))).toEqual([[0, 1, 2]]);
    expect(limit(dataset, 10)).toBe(dataset);
    expect(limit(dataset, 0).length).toBe(0);
  });

  test('refuse samples that are not there', () => {
    expect(() => new Subset(dataset, [10])).toThrow(RangeIndexError);
    expect(() => new Subset(dataset, [0]).batch(Int32Array.of(1))).toThrow(/no sample 1, there are 1/);
    expect(() => limit(dataset, -1)).toThrow(ArgumentError);
  });

  test('random transforms are those of the whole dataset', () => {
    const images = new TensorDataset(
      tensor(
        Uint8Array.from({ length: 6 * 16 }, (_, i) => i),
        { shape: [6, 1, 4, 4] },
      ),
      arange(6),
    );
    const options = { transforms: [transforms.randomShift({ pixels: 2 })], seed: 8 };
    const values = (loader: DataLoader) => Array.from(loader, ([x, y]) => ({ id: y.item(), x: x.data() }));
    const whole = values(new DataLoader(images, options)).find(({ id }) => id === 4);
    expect(values(new DataLoader(new Subset(images, [4]), options))).toEqual([whole]);
    images.dispose();
  });
});

describe('trainValidationSplit', () => {
  test('puts each sample into one part, in order, chosen by the seed', () => {
    const { train, validation } = trainValidationSplit(dataset, { validation: 0.3, seed: 1 });
    expect([train.length, validation.length]).toEqual([7, 3]);
    expect([...train.indices, ...validation.indices].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...validation.indices]).toEqual([...validation.indices].sort((a, b) => a - b));
    expect(trainValidationSplit(dataset, { validation: 3, seed: 1 }).validation.indices).toEqual(validation.indices);
    const others = Array.from({ length: 10 }, (_, seed) =>
      trainValidationSplit(dataset, { validation: 3, seed }).validation.indices.join(),
    );
    expect(new Set(others).size).toBeGreaterThan(5);
  });

  test('parts may be empty, but not larger than the whole', () => {
    expect(trainValidationSplit(dataset, { validation: 0 }).validation.length).toBe(0);
    expect(trainValidationSplit(dataset, { validation: 10 }).train.length).toBe(0);
    for (const validation of [11, 1.5, -0.1, NaN])
      expect(() => trainValidationSplit(dataset, { validation })).toThrow(ArgumentError);
  });
});

describe('DataLoader', () => {
  test('goes through the dataset in order, the rest last', () => {
    const loader = new DataLoader(dataset, { batchSize: 4 });
    expect(loader.length).toBe(3);
    expect(samples(loader)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(samples(loader)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    const full = new DataLoader(dataset, { batchSize: 4, dropLast: true });
    expect(full.length).toBe(2);
    expect(samples(full)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(samples(new DataLoader(limit(dataset, 0), { batchSize: 4 }))).toEqual([]);
  });

  test('shuffles by seed and epoch alone', () => {
    const epochs = (seed?: number) => {
      const loader = new DataLoader(dataset, { batchSize: 3, shuffle: true, ...(seed === undefined ? {} : { seed }) });
      return [samples(loader), samples(loader), samples(loader)];
    };
    const first = epochs(5);
    for (const order of first) expect(order.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(first.map(String)).size).toBe(3);
    expect(epochs(5)).toEqual(first);
    expect(epochs(6)).not.toEqual(first);
    manualSeed(5);
    expect(epochs()).toEqual(first);
    const loader = new DataLoader(dataset, { batchSize: 3, shuffle: true, seed: 5 });
    loader.epoch = 2;
    expect(samples(loader)).toEqual(first[2]);
    expect(loader.epoch).toBe(3);
  });

  test('is taken up anywhere with the same batches, bit for bit', () => {
    const images = new TensorDataset(
      tensor(
        Uint8Array.from({ length: 7 * 16 }, (_, i) => (i * 37) % 256),
        { shape: [7, 1, 4, 4] },
      ),
      arange(7),
    );
    const loader = () =>
      new DataLoader(images, {
        batchSize: 2,
        shuffle: true,
        seed: 4,
        transforms: [transforms.randomCrop({ padding: 2 }), transforms.horizontalFlip()],
      });
    const values = (batches: Iterable<readonly [Tensor, Tensor]>) =>
      Array.from(batches, ([x, y]) => [...x.data(), ...y.data()]);
    const one = loader();
    const [, second] = [values(one), values(one)];
    for (let batch = 0; batch <= 4; batch++) expect(values(loader().from(1, batch))).toEqual(second!.slice(batch));
    images.dispose();
  });

  test('taking up leaves the epoch of the next loop alone', () => {
    const loader = new DataLoader(dataset, { batchSize: 5 });
    expect(samples(loader.from(7, 1))).toEqual([[5, 6, 7, 8, 9]]);
    expect(loader.epoch).toBe(0);
    for (const _batch of loader) break;
    expect(loader.epoch).toBe(1);
  });

  test('refuses numbers that are none', () => {
    for (const batchSize of [0, -1, 1.5, NaN])
      expect(() => new DataLoader(dataset, { batchSize })).toThrow(ArgumentError);
    expect(() => new DataLoader(dataset, { seed: -1 })).toThrow(ArgumentError);
    const loader = new DataLoader(dataset);
    expect(() => [...loader.from(-1)]).toThrow(ArgumentError);
    expect(() => [...loader.from(0, 0.5)]).toThrow(ArgumentError);
  });
});

describe('a turn of the loop is a scope', () => {
  test('the batch and what is made from it are freed at the next turn, and kept tensors are not', () => {
    const made: Tensor[] = [];
    const kept: Tensor[] = [];
    const live: number[] = [];
    for (const [x] of new DataLoader(dataset, { batchSize: 4 })) {
      made.push(x, zeros([100]));
      kept.push(zeros([1]).keep());
      live.push(memory().tensors);
    }
    expect(made.every(({ disposed }) => disposed)).toBe(true);
    expect(kept.every(({ disposed }) => !disposed)).toBe(true);
    expect(live).toEqual([6, 7, 8]);
    expect(() => made[0]!.data()).toThrow(/freed by the end of its turn of the loop over a DataLoader/);
    for (const tensor of kept) tensor.dispose();
  });

  test('break, return, throw and an error of the dataset close it', () => {
    const loader = new DataLoader(dataset, { batchSize: 4 });
    for (const [x] of loader) {
      if (x.item(0, 0) === 4) break;
    }
    expect(memory().tensors).toBe(2);
    const leave = () => {
      for (const [x] of loader) {
        zeros([9]);
        return x.shape;
      }
      return null;
    };
    expect(leave()).toEqual([4, 2]);
    expect(memory().tensors).toBe(2);
    expect(() => {
      for (const [x] of loader) throw new Error(String(x.size));
    }).toThrow('8');
    expect(memory().tensors).toBe(2);
    const broken: Dataset = {
      length: 2,
      batch: () => {
        zeros([5]);
        throw new Error('no disk');
      },
    };
    expect(() => [...new DataLoader(broken)]).toThrow('no disk');
  });

  test('two loops side by side, and one within the other', () => {
    const [left, right] = [new DataLoader(dataset, { batchSize: 5 }), new DataLoader(dataset, { batchSize: 2 })];
    const pairs: number[] = [];
    const others = right[Symbol.iterator]();
    for (const [x] of left) {
      const next = others.next();
      if (!next.done) pairs.push(x.item(0, 0), next.value[0].item(0, 0));
      for (const [inner] of new DataLoader(dataset, { batchSize: 10 })) pairs.push(inner.item(0, 0));
      pairs.push(x.item(4, 0));
    }
    others.return();
    expect(pairs).toEqual([0, 0, 0, 4, 5, 2, 0, 9]);
  });

  test('a new loop closes an iterator that was dropped without return()', () => {
    const loader = new DataLoader(dataset, { batchSize: 4 });
    const before = memory().tensors;
    let last!: Tensor;
    for (let time = 0; time < 20; time++) {
      const { value } = loader[Symbol.iterator]().next();
      last = value![0];
      zeros([7]);
      expect(memory().tensors).toBe(before + 3);
    }
    for (const [x] of loader) zeros(x.shape);
    expect(memory().tensors).toBe(before);
    expect(() => last.data()).toThrow(/freed by a new loop over the same DataLoader/);
  });

  test('an iterator whose turn was closed goes on with its next batch', () => {
    const loader = new DataLoader(dataset, { batchSize: 5 });
    const before = memory().tensors;
    const left = loader[Symbol.iterator]();
    const [first] = left.next().value!;
    for (const [x] of loader) expect(x.disposed).toBe(false);
    expect(first.disposed).toBe(true);
    expect(left.next().value![0].item(0, 0)).toBe(5);
    expect(left.next().done).toBe(true);
    expect(memory().tensors).toBe(before);
  });

  test('memory is flat over many turns', () => {
    const loader = new DataLoader(dataset, { batchSize: 3, shuffle: true, dropLast: true });
    const bytes = new Set<number>();
    for (let epoch = 0; epoch < 50; epoch++)
      for (const [x] of loader) {
        zeros([x.size]);
        bytes.add(memory().bytes);
      }
    expect(bytes.size).toBe(1);
  });
});
