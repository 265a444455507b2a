/** The data that the settings of a run name. */

import { loadDataset } from '../data/loadDataset.node.js';
import type { DatasetName } from '../data/sets.js';
import { OWN_DATA, type OwnData } from '../recipes/own.js';
import type { SampleDataset, TrainingImages } from '../recipes/prepare.js';
import type { RunSettings } from '../recipes/resolve.js';
import { SettingError } from '../recipes/table.js';
import { checkArguments } from '../runtime/arguments.js';
import { MissingDataError } from '../runtime/errors.js';
import { loadTable } from '../tables/node/index.js';
import { loadRunImages } from './images.node.js';

/** What a run is trained and evaluated on. */
export interface RunData extends TrainingImages {
  readonly name: DatasetName | OwnData;
  readonly test: SampleDataset;
  /** What the user should know about the files that were read: one line each. */
  readonly notes: readonly string[];
}

/** The settings that say which data are read. */
export type DataSettings = Pick<
  RunSettings,
  'dataset' | 'data' | 'validation' | 'imageSize' | 'imageFit' | 'grey' | 'target' | 'task' | 'missing' | 'ignore'
>;

/** So that all runs of a search set the same samples aside. */
const SPLIT_SEED = 0;

const CALL =
  'loadRunData(settings={ dataset!: "mnist", data!: "./files"|null, validation!: 0.2|null, imageSize!: "32"|null, ' +
  'imageFit!: "cover", grey!: false, target!: "price"|null, ' +
  'task!: "auto", missing!: "error", ignore!: "id"|null, ... })';

/**
 * Reads the data that settings name: a data set as `loadDataset` does, or a folder of pictures or a table of the user,
 * of which a share is set aside to evaluate on.
 *
 * @throws {MissingDataError} when the files are not there
 * @throws {SettingError} when a setting that the data need is not given
 * @throws {TableError} when a table cannot be used
 */
export async function loadRunData(settings: DataSettings): Promise<RunData> {
  checkArguments(CALL, settings);
  const { dataset, data } = settings;
  if (!Object.hasOwn(OWN_DATA, dataset)) return loadDataset(dataset as DatasetName, { data: data ?? undefined });
  if (data === null)
    throw new MissingDataError('no file is given', {
      where: dataset,
      hint: `give ${OWN_DATA[dataset as OwnData].data}`,
      options: ['data'],
    });
  if (dataset === 'images') return loadRunImages(data, settings);
  return loadTableOf(data, settings);
}

async function loadTableOf(file: string, settings: DataSettings): Promise<RunData> {
  const { target, task, missing, ignore, validation } = settings;
  if (target === null) throw new SettingError('target', { reason: 'say which column of the table to predict' });
  const table = await loadTable(file, {
    target,
    missing,
    ...(task !== 'auto' && { task }),
    ...(ignore !== null && { ignore: ignore.split(',').map((name) => name.trim()) }),
    validation: validation ?? OWN_DATA.table.validation,
    seed: SPLIT_SEED,
  });
  const { train, classes, scaler, columns } = table;
  const named = (kind: string): string[] =>
    columns.filter((column) => column.kind === kind && column.use === 'input').map(({ name }) => name);
  const [numbers, categories] = [named('number'), named('category')];
  const list = (what: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `; ${what}: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}`;
  return {
    name: 'table',
    train,
    test: table.validation ?? train,
    classes,
    mean: [],
    std: [],
    scaler,
    notes: [
      `${table.task} of ${target}${list('numbers', numbers)}${list('categories', categories)}`,
      ...table.notes,
      ...(table.validation === undefined ? ['no rows are set aside: the training rows are evaluated on'] : []),
    ],
  };
}
