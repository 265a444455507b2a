/** CIFAR-10 from files. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { checkArguments } from '../runtime/arguments.js';
import { MissingDataError } from '../runtime/errors.js';
import { empty } from '../tensor/create.js';
import { CIFAR10_SHAPE, copyCifar10, countCifar10 } from './cifar10.js';
import { TensorDataset } from './dataset.js';
import { findFile, isFile, readBytes } from './files.node.js';
import type { LoadOptions } from './idx.node.js';
import { CIFAR10 } from './sets/cifar10.js';
import type { LoadedData, NamedBytes } from './sets.js';

const TRAINING_FILES = [
  'data_batch_1.bin',
  'data_batch_2.bin',
  'data_batch_3.bin',
  'data_batch_4.bin',
  'data_batch_5.bin',
];
const TEST_FILE = 'test_batch.bin';

/** The most that a compressed file may hold: all images in one. */
const LIMIT = 60_000 * 3073;

const HINT = CIFAR10.files.hint;

/**
 * CIFAR-10, [N, 3, 32, 32], from the files of its binary version, plain or `.gz`. `data` is the directory with
 * `data_batch_1.bin` … `data_batch_5.bin` and `test_batch.bin` (or the one above it), or one file to train with, next
 * to which `test_batch.bin` lies. Not all training batches need be there: `notes` says which were found.
 *
 * @throws {MissingDataError} when no training batch is there, or no test batch
 * @throws {FileFormatError} when a file is not what it should be
 */
export async function loadCifar10(options: LoadOptions = {}): Promise<LoadedData> {
  checkArguments('loadCifar10({ data: "./cifar-10" })', options);
  const { data } = options;
  if (data === undefined)
    throw new MissingDataError('no directory of its files is given', {
      where: CIFAR10.name,
      hint: HINT,
      options: ['data'],
    });
  const { training, test } = await findBatches(data);
  const testSet = readBatches([test]);
  try {
    const train = readBatches(training);
    const missing = TRAINING_FILES.length - training.length;
    const notes =
      missing === 0
        ? []
        : [
            `cifar10: ${training.map((file) => path.basename(file)).join(', ')} ` +
              `found, ${train.length} training images instead of 50000`,
          ];
    return { ...CIFAR10, train, test: testSet, notes };
  } catch (error) {
    testSet.dispose();
    throw error;
  }
}

async function findBatches(data: string): Promise<{ training: string[]; test: string }> {
  const missing = (what: string): MissingDataError => new MissingDataError(what, { where: CIFAR10.name, hint: HINT });
  if (await isFile(data)) {
    const test = await findFile(path.dirname(data), [TEST_FILE]);
    if (test === null) throw missing(`${path.dirname(data)} has no ${TEST_FILE} or ${TEST_FILE}.gz`);
    return { training: [data], test };
  }
  for (const directory of [data, path.join(data, 'cifar-10-batches-bin')]) {
    if ((await fs.stat(directory).catch(() => null)) === null) continue;
    const found = await Promise.all([...TRAINING_FILES, TEST_FILE].map((name) => findFile(directory, [name])));
    const test = found.pop() ?? null;
    const training = found.filter((file) => file !== null);
    if (training.length === 0 && test === null) continue;
    if (test === null) throw missing(`${directory} has no ${TEST_FILE} or ${TEST_FILE}.gz`);
    if (training.length === 0) throw missing(`${directory} has none of data_batch_1.bin … data_batch_5.bin (or .gz)`);
    return { training, test };
  }
  throw missing(`${data} has no files of CIFAR-10`);
}

/** The images of several files, one after the other. */
function readBatches(names: readonly string[]): TensorDataset {
  const files: NamedBytes[] = names.map((name) => ({ name, bytes: readBytes(name, LIMIT) }));
  const counts = files.map(({ name, bytes }) => countCifar10(bytes, name));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const x = empty([total, ...CIFAR10_SHAPE], 'uint8');
  const y = empty([total], 'int32');
  try {
    const [images, labels] = [x.view() as Uint8Array, y.view() as Int32Array];
    const image = images.length / total;
    let first = 0;
    files.forEach(({ name, bytes }, i) => {
      const end = first + counts[i]!;
      copyCifar10(bytes, name, images.subarray(first * image, end * image), labels.subarray(first, end));
      first = end;
    });
  } catch (error) {
    x.dispose();
    y.dispose();
    throw error;
  }
  return new TensorDataset(x, y, { classes: CIFAR10.classes });
}
