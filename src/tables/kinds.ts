/** What the columns of a table are: what is guessed, and what is told of them. */
import { nearest } from '../runtime/arguments.js';
import { grouped } from '../text/numbers.js';
import type { RawColumn } from './column.js';
import { TableError } from './errors.js';
import type { RawTable } from './read.js';
import type { TableColumn, TableOptions } from './types.js';

/** Texts that are a category whatever their share of the rows. */
const FEW = 20;
/** The most categories of a column that was not said to be one. */
const MOST_CATEGORIES = 1000;
/** Values that `columns` names. */
const SHOWN = 20;
/** Different whole numbers that may be classes, and the rows that each has on average. */
const [MOST_CLASSES, ROWS_PER_CLASS] = [10, 5];

/** A column, and what it is. */
export interface KnownColumn {
  readonly raw: RawColumn;
  readonly kind: TableColumn['kind'];
  readonly use: TableColumn['use'];
}

/** What each column is and is used for. @throws {TableError} when a name is not one of a column */
export function knownColumns({ file, columns, rows }: RawTable, options: TableOptions, notes: string[]): KnownColumn[] {
  const { target, ignore = [], types = {} } = options;
  const names = columns.map(({ name }) => name);
  for (const name of [...(target === undefined ? [] : [target]), ...ignore, ...Object.keys(types)]) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    throw new TableError(`there is no column ${JSON.stringify(name)}`, {
      file,
      hint: meant === undefined ? `the columns are ${names.slice(0, 50).join(', ')}` : `did you mean ${meant}?`,
      options: ['target'],
    });
  }
  return columns.map((raw): KnownColumn => {
    const kind = kindOf(raw, rows.length);
    if (raw.name === target) return { raw, kind, use: 'target' };
    if (ignore.includes(raw.name)) return { raw, kind, use: 'ignored' };
    const why =
      raw.missing === rows.length
        ? 'has no values'
        : kind === 'text'
          ? `has ${raw.codes === null ? 'too many' : grouped(raw.words.length)} different texts`
          : undefined;
    if (why === undefined) return { raw, kind, use: 'input' };
    notes.push(`${file}: column ${JSON.stringify(raw.name)} ${why}, and is left out`);
    return { raw, kind, use: 'ignored' };
  });
}

function kindOf(raw: RawColumn, rows: number): TableColumn['kind'] {
  if (raw.numbers !== null && raw.missing < rows) return 'number';
  if (raw.codes === null) return 'text';
  const different = raw.words.length;
  if (raw.type === 'category' || different <= FEW) return 'category';
  return different > rows / 2 || different > MOST_CATEGORIES ? 'text' : 'category';
}

/** Whether a target of this kind asks for a class. */
export function taskOf({ raw, kind }: KnownColumn, given: TableOptions['task']): 'regression' | 'classification' {
  const { file, name: column } = raw;
  const hint = 'choose another target or task';
  if (given === 'regression') {
    if (kind === 'number') return given;
    const { row } = raw.firstText ?? {};
    throw new TableError('a regression needs a target of numbers', { file, row, column, hint, options: ['task'] });
  }
  if (given === undefined && kind === 'number') {
    const values = raw.numbers!;
    const present = values.length - raw.missing;
    const different = raw.codes === null ? Infinity : new Set(values.filter((value) => !Number.isNaN(value))).size;
    const whole = values.every((value) => Number.isNaN(value) || Number.isSafeInteger(value));
    const few = different <= MOST_CLASSES && different * ROWS_PER_CLASS <= present;
    return whole && few && different > 1 ? 'classification' : 'regression';
  }
  if (raw.codes === null || (kind === 'text' && given === undefined)) {
    throw new TableError('it has too many different values for classes', { file, column, hint, options: ['target'] });
  }
  return 'classification';
}

/** What is told of a column. */
export function describeColumn({ raw, kind, use }: KnownColumn): TableColumn {
  const { name, missing } = raw;
  if (kind === 'number') return { name, kind, use, missing, ...statisticsOf(raw.numbers!) };
  const values = [...raw.words].sort();
  return {
    name,
    kind,
    use,
    missing,
    ...(raw.codes !== null && { different: values.length, values: values.slice(0, SHOWN) }),
  };
}

/** Mean, standard deviation (of all values, not of a sample) and range of the values that are there. */
export function statisticsOf(values: Float64Array, rows?: Int32Array) {
  const present = (rows === undefined ? values : Float64Array.from(rows, (row) => values[row]!)).filter(
    (value) => !Number.isNaN(value),
  );
  let [sum, squares, min, max] = [0, 0, Infinity, -Infinity];
  for (const value of present) {
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const mean = sum / Math.max(present.length, 1);
  for (const value of present) squares += (value - mean) ** 2;
  return { mean, std: Math.sqrt(squares / Math.max(present.length, 1)), min, max };
}

const LEFT = 3;

/** The columns as a table of text. */
export function describeColumns(columns: readonly TableColumn[]): string {
  const short = (value: number | undefined): string =>
    value === undefined ? '' : String(Number(value.toPrecision(5)));
  const rows = [
    ['column', 'kind', 'use', 'missing', 'mean', 'std', 'min', 'max', 'values'],
    ...columns.map(({ name, kind, use, missing, mean, std, min, max, different, values = [] }) => [
      name,
      kind,
      use,
      grouped(missing),
      ...[mean, std, min, max].map(short),
      different === undefined
        ? ''
        : `${grouped(different)}: ${values.slice(0, 4).join(', ')}${different > 4 ? ', …' : ''}`,
    ]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i < LEFT || i === row.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
