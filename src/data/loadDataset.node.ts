/** Data sets from files, by their names. */
import { checkArguments } from '../runtime/arguments.js';
import { MissingDataError } from '../runtime/errors.js';
import { loadCifar10 } from './cifar10.node.js';
import type { DatasetFacts, DatasetFiles } from './facts.js';
import { type LoadOptions, loadIdxFiles } from './idx.node.js';
import { loadMnist } from './mnist.node.js';
import { DATASETS, type DatasetName, type LoadedData } from './sets.js';

type Reader = (facts: DatasetFacts<DatasetName>, options: LoadOptions) => Promise<LoadedData>;

const READERS: Readonly<Record<DatasetFiles['format'], Reader>> = {
  idx: async (facts, { data = facts.files.directory }) => {
    if (data !== undefined) return loadIdxFiles(facts, data);
    throw new MissingDataError('no directory of its files is given', {
      where: facts.name,
      hint: facts.files.hint,
      options: ['data'],
    });
  },
  mnist: (_, options) => loadMnist(options),
  'mnist-subset': (_, options) => loadMnist({ ...options, subset: true }),
  cifar10: (_, options) => loadCifar10(options),
};

const NAMES = Object.keys(DATASETS).map((name) => `'${name}'`);

/**
 * Reads a data set. Where all of MNIST is asked for and not installed, it is the part that comes with lanewise, and
 * says so in its `name` and `notes`.
 *
 * @throws {MissingDataError} when the files are not there; the hint says where to get them
 * @throws {FileFormatError} when a file is not what it should be
 * @example
 * const { train, test, classes } = await loadDataset('mnist-subset');
 */
export async function loadDataset(name: DatasetName, options: LoadOptions = {}): Promise<LoadedData> {
  checkArguments(`loadDataset(name=${NAMES.join('|')}, { data: "./files" })`, name, options);
  const facts = DATASETS[name];
  return READERS[facts.files.format](facts, options);
}

/**
 * The 60,000 + 10,000 images of Fashion-MNIST, [N, 1, 28, 28], from the directory `data`; default: where Debian's
 * package dataset-fashion-mnist has them.
 *
 * @throws {MissingDataError} when the files are not there; the hint says where to get them
 * @throws {FileFormatError} when a file is not what it should be
 */
export async function loadFashionMnist(options: LoadOptions = {}): Promise<LoadedData> {
  checkArguments('loadFashionMnist({ data: "./fashion-mnist" })', options);
  return loadDataset('fashion-mnist', options);
}
