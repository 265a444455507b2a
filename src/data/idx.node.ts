/** Data sets of the MNIST family from files. */
import { MissingDataError } from '../runtime/errors.js';
import type { DatasetFacts } from './facts.js';
import { findFile, readBytes } from './files.node.js';
import { idxLength } from './idx.js';
import { type DatasetName, dataFromIdx, type LoadedData, type NamedBytes } from './sets.js';

/** Where the files are. */
export interface LoadOptions {
  /** Directory with the files of the data set. */
  readonly data?: string;
}

/**
 * A data set of the MNIST family, from its four files in a directory.
 *
 * @param check called with each file and its published name
 * @throws {MissingDataError} when a file is not there
 * @throws {FileFormatError} when a file is not what it should be
 */
export async function loadIdxFiles(
  facts: DatasetFacts<DatasetName>,
  directory: string,
  check: (file: NamedBytes, published: string) => void = () => {},
): Promise<LoadedData> {
  const read = async (published: string): Promise<NamedBytes> => {
    const name = await findFile(directory, [published, published.replace('-idx', '.idx')]);
    if (name === null)
      throw new MissingDataError(`${directory} has no ${published} or ${published}.gz`, {
        where: facts.name,
        hint: facts.files.hint,
      });
    const file = { name, bytes: readBytes(name, (head) => idxLength(head, name)) };
    check(file, published);
    return file;
  };
  return dataFromIdx(read, facts);
}
