/** Data sets that users bring: what is known of them is read off the data. To add one, add an entry to `OWN_DATA`. */
import { checkArguments } from '../runtime/arguments.js';
import type { ModelName } from './models.js';

interface Entry {
  /** What `data` names. */
  readonly data: string;
  /** Other defaults, which what is given goes before. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The networks that take its inputs; undefined: all. */
  readonly models?: readonly ModelName[];
  /** What its samples are called. */
  readonly sample: string;
  /** The share that is set aside to evaluate on. */
  readonly validation: number;
}

/** Data sets of users by name. */
export const OWN_DATA = {
  images: {
    data: 'the folder of the data set images, in which each class has a folder',
    settings: { model: 'cnn-bn', optimizer: 'adam', batchSize: 32, epochs: 20, normalize: true },
    sample: 'image',
    validation: 0.2,
  },
  table: {
    data: 'the CSV file of the data set table',
    settings: { model: 'mlp', hidden: [64, 64], optimizer: 'adam', batchSize: 32, epochs: 30 },
    models: ['mlp', 'mlp-bn'],
    sample: 'row',
    validation: 0.2,
  },
} as const satisfies Readonly<Record<string, Entry>>;

/** The name of a data set that users bring. */
export type OwnData = keyof typeof OWN_DATA;

/** The entry of a data set that users bring; undefined for the others. */
export function ownData(name: string): Entry | undefined {
  checkArguments('ownData(name="table")', name);
  return Object.hasOwn(OWN_DATA, name) ? OWN_DATA[name as OwnData] : undefined;
}

/** What one sample of a data set is called: `image`, `row`. */
export function sampleName(dataset: string): string {
  checkArguments('sampleName(dataset="table")', dataset);
  return ownData(dataset)?.sample ?? 'image';
}
