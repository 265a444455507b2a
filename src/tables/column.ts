/** The values of a column as they come in: numbers as long as all are, and words as long as there are not too many. */
import { TableError } from './errors.js';

/** Different values of a column that are told apart. */
export const MOST_WORDS = 10_000;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a text stands for; NaN where it stands for none. */
export function numberOf(text: string, decimal: '.' | ','): number {
  const plain = decimal === ',' && !text.includes('.') ? text.replace(',', '.') : text;
  const value = NUMBER.test(plain) ? Number(plain) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

/** A list of numbers that grows. */
class Growing<A extends Float64Array | Int32Array> {
  length = 0;
  #values: A;

  constructor(private readonly make: (size: number) => A) {
    this.#values = make(64);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const longer = this.make(2 * this.length);
      longer.set(this.#values as Float64Array & Int32Array);
      this.#values = longer;
    }
    this.#values[this.length++] = value;
  }

  get values(): A {
    return this.#values.subarray(0, this.length) as A;
  }
}

/** The rows that were read, as their numbers in the file. */
export const growingRows = (): Growing<Int32Array> => new Growing((size) => new Int32Array(size));

/** How the values of a column are taken, where the user says so. */
export type ColumnType = 'number' | 'category';

/** What stands in a field: null where nothing does. */
export type Cell = string | number | null;

/** A column that is being read. */
export class RawColumn {
  /** Rows, counted from 0, without a value. */
  missing = 0;
  /** The first row without a value, as its number in the file. */
  firstMissing: number | undefined;
  /** The first value that is not a number. */
  firstText: { readonly row: number; readonly text: string } | undefined;
  readonly #numbers = new Growing((size) => new Float64Array(size));
  readonly #codes = new Growing((size) => new Int32Array(size));
  readonly #words = new Map<string, number>();
  #tooMany = false;

  constructor(
    readonly file: string,
    readonly name: string,
    readonly type: ColumnType | undefined,
    private readonly decimal: '.' | ',',
  ) {}

  add(cell: Cell, row: number): void {
    if (cell === null) {
      this.missing++;
      this.firstMissing ??= row;
      this.#numbers.push(NaN);
      if (!this.#tooMany) this.#codes.push(-1);
      return;
    }
    const value = typeof cell === 'number' ? cell : this.type === 'category' ? NaN : numberOf(cell, this.decimal);
    const text = typeof cell === 'number' ? String(cell) : cell;
    if (Number.isNaN(value) && this.firstText === undefined) {
      this.firstText = { row, text };
      if (this.type === 'number') throw this.#notNumber();
      // Numbers that were too many to be told apart cannot become categories any more.
      if (this.#tooMany) throw this.#notNumber(`, as the ${this.#numbers.length} values above are`);
    }
    if (this.firstText === undefined) this.#numbers.push(value);
    if (this.#tooMany) return;
    let code = this.#words.get(text);
    if (code === undefined) {
      code = this.#words.size;
      if (code === MOST_WORDS) {
        this.#tooMany = true;
        this.#words.clear();
        return;
      }
      this.#words.set(text, code);
    }
    this.#codes.push(code);
  }

  #notNumber(more = ''): TableError {
    const { row, text } = this.firstText!;
    return new TableError(`${JSON.stringify(text.slice(0, 40))} is not a number${more}`, {
      file: this.file,
      row,
      column: this.name,
      hint: 'correct it, or say what stands for missing values (missingValues) or which columns to ignore (ignore)',
      options: ['ignore'],
    });
  }

  /** One number a row, NaN where there is none; null where not all values are numbers. */
  get numbers(): Float64Array | null {
    return this.firstText === undefined && this.type !== 'category' ? this.#numbers.values : null;
  }

  /** The word of each row, −1 where there is none; null where there are too many words. */
  get codes(): Int32Array | null {
    return this.#tooMany ? null : this.#codes.values;
  }

  /** The different values, in the order in which they came. */
  get words(): readonly string[] {
    return [...this.#words.keys()];
  }
}
