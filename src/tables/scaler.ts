/** Rows to inputs and targets: fitted on the training rows, applied to any. */
import { MissingDataError } from '../runtime/errors.js';
import { empty } from '../tensor/create.js';
import type { Tensor } from '../tensor/tensor.js';
import type { RawColumn } from './column.js';
import { TableError } from './errors.js';
import { type KnownColumn, statisticsOf } from './kinds.js';
import type { RawTable } from './read.js';
import { inputNames } from './scalerNames.js';
import type { CategoryScaler, NumberScaler, TableScaler } from './types.js';

type Scaler = NumberScaler | CategoryScaler;

/** Mean and deviation, or the values, that a column has in some rows. @param isClass whether numbers are classes too */
export function fitColumn({ raw, kind }: KnownColumn, rows: Int32Array, isClass = false): Scaler {
  const { name, numbers } = raw;
  if (kind === 'number' && !isClass) {
    const { mean, std } = statisticsOf(numbers!, rows);
    if (!Number.isFinite(mean) || !Number.isFinite(std))
      throw new TableError('its values are too large to be standardised', { file: raw.file, column: name });
    // What does not vary becomes 0.
    return { name, kind: 'number', mean, std: std === 0 ? 1 : std };
  }
  if (isClass && numbers !== null) {
    const values = new Set<number>();
    for (const row of rows) if (!Number.isNaN(numbers[row])) values.add(numbers[row]!);
    return { name, kind: 'category', values: [...values].sort((a, b) => a - b).map(String) };
  }
  const { words, codes } = raw;
  const seen = new Set<number>();
  for (const row of rows) if (codes![row]! >= 0) seen.add(codes![row]!);
  return { name, kind: 'category', values: [...seen].map((code) => words[code]!).sort() };
}

/** The columns of a table that a scaler is about. @throws {TableError} when an input is missing */
export function columnsOf(raw: RawTable, { inputs, target }: TableScaler): Map<Scaler, RawColumn> {
  const found = new Map<Scaler, RawColumn>();
  for (const scaler of target === null ? inputs : [...inputs, target]) {
    const column = raw.columns.find(({ name }) => name === scaler.name);
    if (column !== undefined) found.set(scaler, column);
    else if (scaler !== target)
      throw new TableError('this column is missing, and the model needs it', { file: raw.file, column: scaler.name });
  }
  return found;
}

/**
 * The rows that can be used: all, or those without missing values where the policy is to drop the others.
 *
 * @throws {TableError} naming the first missing value that the policy does not allow
 */
export function usableRows(
  { file, rows }: RawTable,
  inputs: readonly RawColumn[],
  target: RawColumn | undefined,
  missing: TableScaler['missing'],
  notes: string[],
): Int32Array {
  const all = Int32Array.from(rows, (_, i) => i);
  const needed = [...(missing === 'mean' ? [] : inputs), ...(target === undefined ? [] : [target])].filter(
    (column) => column.missing > 0,
  );
  if (needed.length === 0) return all;
  if (missing === 'drop') {
    const kept = all.filter((row) => needed.every((column) => !isMissing(column, row)));
    if (kept.length === 0) throw new TableError('every row has a missing value', { file });
    notes.push(`${file}: ${all.length - kept.length} of ${all.length} rows have missing values, and are left out`);
    return kept;
  }
  const first = needed.reduce((a, b) => (b.firstMissing! < a.firstMissing! ? b : a));
  throw new TableError('the value is missing', {
    file,
    row: first.firstMissing,
    column: first.name,
    hint:
      first === target
        ? 'fill it in, or leave such rows out: missing "drop"'
        : 'fill it in, or choose what is done with it (missing "mean" or "drop"), or ignore the column',
    options: ['missing', 'ignore'],
  });
}

const isMissing = ({ numbers, codes }: RawColumn, row: number): boolean =>
  numbers !== null ? Number.isNaN(numbers[row]) : codes![row]! < 0;

/** The inputs of some rows: [N, inputs]. */
export function encodeInputs(raw: RawTable, scaler: TableScaler, rows: Int32Array, notes: string[]): Tensor {
  const columns = columnsOf(raw, scaler);
  const width = inputNames(scaler).length;
  if (width === 0) throw new TableError('no column is left to predict from', { file: raw.file });
  const x = empty([rows.length, width], 'float32');
  const values = x.view() as Float32Array;
  values.fill(0);
  let at = 0;
  for (const input of scaler.inputs) {
    const column = columns.get(input)!;
    if (input.kind === 'number') {
      writeNumbers(values, width, at++, input, column, raw, rows);
      continue;
    }
    const index = indexOf(column, input);
    const { length } = input.values;
    let unseen = 0;
    rows.forEach((row, i) => {
      const value = index(row);
      if (value === length && !isMissing(column, row)) unseen++;
      if (scaler.categories === 'codes') values[i * width + at] = value;
      else if (value < length) values[i * width + at + value] = 1;
    });
    if (unseen > 0)
      notes.push(`${raw.file}: ${unseen} values of column ${JSON.stringify(input.name)} were not seen in training`);
    at += scaler.categories === 'codes' ? 1 : length;
  }
  return x;
}

function writeNumbers(
  values: Float32Array,
  width: number,
  at: number,
  { name, mean, std }: NumberScaler,
  column: RawColumn,
  { file, rows: numbersOfRows }: RawTable,
  rows: Int32Array,
): void {
  const numbers = numbersIn(column);
  rows.forEach((row, i) => {
    const value = numbers[row]!;
    if (Number.isNaN(value)) return; // The mean, which becomes 0.
    const scaled = Math.fround((value - mean) / std);
    if (!Number.isFinite(scaled))
      throw new TableError(`${value} is too large`, { file, row: numbersOfRows[row], column: name });
    values[i * width + at] = scaled;
  });
}

/** @throws {TableError} where the model expects numbers, and the column has texts */
function numbersIn({ file, name, numbers, firstText }: RawColumn): Float64Array {
  if (numbers !== null) return numbers;
  throw new TableError(`${JSON.stringify(firstText?.text.slice(0, 40))} is not a number`, {
    file,
    row: firstText?.row,
    column: name,
  });
}

/** The index of a row's value among those of a category; their number where it is missing or another. */
function indexOf(column: RawColumn, { values }: CategoryScaler): (row: number) => number {
  const places = new Map(values.map((value, i) => [value, i]));
  const { codes, words, numbers } = column;
  const find = (text: string): number => places.get(text) ?? places.get(String(Number(text))) ?? values.length;
  if (codes === null) return (row) => (Number.isNaN(numbers![row]) ? values.length : find(String(numbers![row])));
  const byWord = words.map(find);
  return (row) => byWord[codes[row]!] ?? values.length;
}

/** The targets of some rows: classes [N] (int32), or numbers [N, 1]. */
export function encodeTarget(raw: RawTable, target: Scaler, column: RawColumn, rows: Int32Array): Tensor {
  const y = target.kind === 'category' ? empty([rows.length], 'int32') : empty([rows.length, 1], 'float32');
  const values = y.view();
  if (target.kind === 'number') {
    values.fill(0);
    writeNumbers(values as Float32Array, 1, 0, target, column, raw, rows);
    return y;
  }
  const index = indexOf(column, target);
  rows.forEach((row, i) => {
    values[i] = index(row);
    if (values[i] !== target.values.length) return;
    throw new TableError('this class was not among the training rows', {
      file: raw.file,
      row: raw.rows[row],
      column: target.name,
    });
  });
  return y;
}

/** What the target of a table has to be there for. @throws {MissingDataError} when it is not */
export function targetIn(raw: RawTable, scaler: TableScaler): RawColumn {
  const column = raw.columns.find(({ name }) => name === scaler.target?.name);
  if (column !== undefined) return column;
  throw new MissingDataError(`there is no column ${JSON.stringify(scaler.target?.name)} to compare with`, {
    where: raw.file,
  });
}
