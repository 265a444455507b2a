/** From rows to what a model is trained on. */
import { TensorDataset } from '../data/dataset.js';
import { checkArguments, refusal } from '../runtime/arguments.js';
import { zeros } from '../tensor/create.js';
import { TableError } from './errors.js';
import { describeColumn, describeColumns, type KnownColumn, knownColumns, taskOf } from './kinds.js';
import { type Finder, MISSING_VALUES, type RawTable, readTable } from './read.js';
import { columnsOf, encodeInputs, encodeTarget, fitColumn, targetIn, usableRows } from './scaler.js';
import { checkScaler } from './scalerCheck.js';
import { inputNames } from './scalerNames.js';
import { splitRows } from './split.js';
import type {
  EncodedRows,
  EncodeTableOptions,
  NumberScaler,
  ReadTableOptions,
  Table,
  TableOptions,
  TableScaler,
  TableSource,
} from './types.js';

const ROWS = '"houses.csv"|url|file|[settings]';
const READING = 'delimiter: ";", decimal: ".", header: true, missingValues: ["NA"], name: "houses.csv"';
const LOAD =
  `loadTable(source=${ROWS}, { target: "price", ` +
  "task: 'regression'|'classification', ignore: [\"id\"], types: settings, categories: 'onehot'|'codes', " +
  `missing: 'error'|'mean'|'drop', validation: 0.2, seed: 0, ${READING} })`;
const ENCODE = `encodeTable(source=${ROWS}, scaler=settings, { withTarget: true, ${READING} })`;

/** @throws {ArgumentError} on a delimiter or a share that cannot be */
function checkReading(where: string, { delimiter, decimal, validation = 0 }: TableOptions & ReadTableOptions): void {
  if (delimiter !== undefined && !/^[^\r\n"\uFEFF]$/.test(delimiter))
    throw refusal(where, 'delimiter', 'one character, not a quotation mark or a line break', delimiter);
  if (decimal !== undefined && !['.', ','].includes(decimal)) throw refusal(where, 'decimal', "'.' or ','", decimal);
  if (!(validation >= 0 && validation < 1)) throw refusal(where, 'validation', 'a share from 0 to 1', validation);
}

/** Loads a table, with `find` for paths and addresses. */
export async function loadTableFrom(source: TableSource, options: TableOptions, find: Finder): Promise<Table> {
  checkArguments(LOAD, source, options);
  checkReading('loadTable', options);
  const raw = await readTable(source, options, options.types ?? {}, find);
  return tableOf(raw, options);
}

/** Encodes rows by a scaler, with `find` for paths and addresses. */
export async function encodeTableFrom(
  source: TableSource,
  given: TableScaler,
  options: EncodeTableOptions,
  find: Finder,
): Promise<EncodedRows> {
  checkArguments(ENCODE, source, given, options);
  checkReading('encodeTable', options);
  const scaler = checkScaler(given, 'encodeTable');
  const { withTarget = false, ...reading } = options;
  const types = Object.fromEntries(
    scaler.inputs.map(({ name, kind }) => [name, kind === 'category' ? ('category' as const) : ('number' as const)]),
  );
  const raw = await readTable(source, { missingValues: scaler.missingValues, ...reading }, types, find);
  const notes: string[] = [];
  const target = withTarget ? targetIn(raw, scaler) : undefined;
  const columns = columnsOf(raw, scaler);
  const rows = usableRows(
    raw,
    scaler.inputs.map((input) => columns.get(input)!),
    target,
    scaler.missing,
    notes,
  );
  const x = encodeInputs(raw, scaler, rows, notes);
  try {
    const y = target && encodeTarget(raw, scaler.target!, target, rows);
    return { x, y, rows: rows.map((row) => raw.rows[row]!), notes };
  } catch (error) {
    x.dispose();
    throw error;
  }
}

function tableOf(raw: RawTable, options: TableOptions): Table {
  const notes: string[] = [];
  const known = knownColumns(raw, options, notes);
  const target = known.find(({ use }) => use === 'target');
  const inputs = known.filter(({ use }) => use === 'input');
  if (inputs.length === 0) throw new TableError('no column is left to predict from', { file: raw.file });
  const { missing = 'error', categories = 'onehot', missingValues = MISSING_VALUES } = options;
  const usable = usableRows(
    raw,
    inputs.map((column) => column.raw),
    target?.raw,
    missing,
    notes,
  );
  const task = target === undefined ? null : taskOf(target, options.task);
  const targetScaler = target && task ? fitTarget(target, task, usable) : null;
  const { validation = 0, seed = 0 } = options;
  const labels = targetScaler?.kind === 'category' ? encodeTarget(raw, targetScaler, target!.raw, usable) : undefined;
  const [train, aside] = splitRows(usable, labels?.view() as Int32Array | undefined, validation, seed, raw.file);
  labels?.dispose();
  const scaler: TableScaler = {
    inputs: inputs.map((column) => fitColumn(column, train)),
    target: targetScaler?.kind === 'number' ? fitTarget(target!, 'regression', train) : targetScaler,
    categories,
    missing,
    missingValues,
  };
  const columns = known.map(describeColumn);
  const classes = scaler.target?.kind === 'category' ? scaler.target.values : [];
  const dataset = (rows: Int32Array): TensorDataset => {
    const x = encodeInputs(raw, scaler, rows, notes);
    const y = target ? encodeTarget(raw, scaler.target!, target.raw, rows) : zeros([rows.length, 1]);
    return new TensorDataset(x, y, task === 'classification' ? { classes } : {});
  };
  const parts = { train: dataset(train), validation: aside.length === 0 ? undefined : dataset(aside) };
  return {
    name: raw.file,
    columns,
    task,
    classes,
    inputs: inputNames(scaler),
    ...parts,
    scaler,
    notes,
    describe: () => describeColumns(columns),
    dispose: () => {
      parts.train.dispose();
      parts.validation?.dispose();
    },
  };
}

/** Classes are those of all rows, so that none is met in validation alone; numbers are scaled by some. */
function fitTarget(target: KnownColumn, task: NonNullable<Table['task']>, rows: Int32Array) {
  const scaler = fitColumn(target, rows, task === 'classification');
  const { file, name: column } = target.raw;
  if (scaler.kind === 'category' && scaler.values.length < 2)
    throw new TableError('all rows have the same class', { file, column, options: ['target'] });
  return scaler;
}

/**
 * The predictions of a regression in the units of the target: v·std + mean.
 *
 * @example
 * const scaler = { name: 'price', kind: 'number' as const, mean: 200, std: 50 };
 * unscale(scaler, [0, 1]);   // Float64Array [200, 250]
 */
export function unscale(target: NumberScaler, values: ArrayLike<number>): Float64Array {
  checkArguments(
    'unscale(target={ name!: "price", kind!: \'number\', mean!: 200.0, std!: 50.0 }, values=numbers)',
    target,
    values,
  );
  return Float64Array.from(values, (value) => {
    if (typeof value !== 'number') throw refusal('unscale', 'values', 'numbers', value);
    return value * target.std + target.mean;
  });
}
