/** From a path, an address, a text or rows to the columns of a table. */
import { refusal } from '../runtime/arguments.js';
import { type Cell, type ColumnType, growingRows, numberOf, RawColumn } from './column.js';
import { CsvReader } from './csv.js';
import { TableError } from './errors.js';
import type { ReadTableOptions, TableSource, TableValue } from './types.js';

/** The pieces of a file, with its name. */
export interface Place {
  readonly name: string;
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Finds a path or an address. */
export type Finder = (source: string | URL) => Place | Promise<Place>;

/** A table as it was read. */
export interface RawTable {
  readonly file: string;
  readonly columns: readonly RawColumn[];
  /** The number of each row in the file. */
  readonly rows: Int32Array;
}

/** Texts that stand for a missing value where nothing else is said. */
export const MISSING_VALUES = ['', 'NA', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', 'null', 'NULL', '?'];

/** Records from which the decimal mark is guessed. */
const GUESSED_FROM = 1000;

type Types = Readonly<Record<string, ColumnType>>;

/** Reads a table; `types` are those that the user gives. */
export async function readTable(
  source: TableSource,
  options: ReadTableOptions,
  types: Types,
  find: Finder,
): Promise<RawTable> {
  if (Array.isArray(source)) return rowsOf(source, options, types);
  const place = await placeOf(source as string | URL | Blob, find);
  const file = options.name ?? place.name;
  const columns = new ColumnsReader(file, options, types);
  const reader = new CsvReader(file, options, (fields, row) => columns.record(fields, row, reader.delimiter));
  let decoder: TextDecoder | undefined;
  const decode = (bytes?: Uint8Array): string => {
    decoder ??= new TextDecoder(isUtf16(bytes) ? 'utf-16le' : 'utf-8', { fatal: true, ignoreBOM: true });
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw new TableError('it is not text in UTF-8', { file, hint: 'save it as "CSV UTF-8"', cause });
    }
  };
  if (typeof place.pieces === 'string') reader.push(place.pieces);
  else for await (const bytes of place.pieces) reader.push(decode(bytes));
  reader.push(typeof place.pieces === 'string' ? '' : decode(), true);
  return columns.end(reader.delimiter);
}

const isUtf16 = (bytes: Uint8Array | undefined): boolean => bytes?.[0] === 0xff && bytes[1] === 0xfe;

async function placeOf(
  source: string | URL | Blob,
  find: Finder,
): Promise<{ name: string; pieces: string | Place['pieces'] }> {
  if (source instanceof Blob) {
    return { name: (source as Partial<File>).name ?? 'table', pieces: piecesOf(source) };
  }
  // A path has no line breaks.
  if (typeof source === 'string' && /[\r\n]/.test(source)) return { name: 'table', pieces: source };
  return find(source);
}

const PIECE = 2 ** 20;

async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < blob.size; from += PIECE)
    yield new Uint8Array(await blob.slice(from, from + PIECE).arrayBuffer());
}

/** Puts records into columns. */
class ColumnsReader {
  readonly #rows = growingRows();
  readonly #missing: ReadonlySet<string>;
  #names: readonly string[] | undefined;
  #columns: readonly RawColumn[] | undefined;
  /** Records that came before the decimal mark was guessed. */
  #first: { readonly fields: readonly string[]; readonly row: number }[] = [];

  constructor(
    private readonly file: string,
    private readonly options: ReadTableOptions,
    private readonly types: Types,
  ) {
    this.#missing = new Set(options.missingValues ?? MISSING_VALUES);
  }

  record(fields: string[], row: number, delimiter: string): void {
    if (this.#names === undefined) {
      const { header = true } = this.options;
      this.#names = namesOf(header ? fields : fields.map(() => ''), this.file, row);
      if (header) return;
    }
    const { length } = this.#names;
    if (fields.length !== length)
      throw new TableError(`this row has ${fields.length} fields, the first one ${length}`, {
        file: this.file,
        row,
        hint: `fields are separated by ${JSON.stringify(delimiter)}; one with that in it stands in quotation marks`,
      });
    if (this.#columns !== undefined) return this.#add(fields, row);
    this.#first.push({ fields, row });
    if (this.#first.length === GUESSED_FROM) this.#begin(delimiter);
  }

  #begin(delimiter: string): void {
    const decimal = this.options.decimal ?? this.#guessDecimal(delimiter);
    this.#columns = this.#names!.map((name) => new RawColumn(this.file, name, typeOf(this.types, name), decimal));
    for (const { fields, row } of this.#first) this.#add(fields, row);
    this.#first = [];
  }

  #add(fields: readonly string[], row: number): void {
    this.#rows.push(row);
    for (let i = 0; i < fields.length; i++) this.#columns![i]!.add(this.#cell(fields[i]!), row);
  }

  #cell(field: string): Cell {
    const text = field.trim();
    return this.#missing.has(text) ? null : text;
  }

  /** A comma, where a column has numbers with one, and nothing else. */
  #guessDecimal(delimiter: string): '.' | ',' {
    if (delimiter === ',') return '.';
    const withComma = this.#names!.some((_, i) => {
      const cells = this.#first.map(({ fields }) => this.#cell(fields[i]!)).filter((cell) => cell !== null);
      return (
        cells.some((cell) => String(cell).includes(',')) &&
        cells.every((cell) => !Number.isNaN(numberOf(String(cell), ',')))
      );
    });
    return withComma ? ',' : '.';
  }

  end(delimiter: string): RawTable {
    if (this.#columns === undefined && this.#names !== undefined) this.#begin(delimiter);
    if (this.#columns === undefined || this.#rows.length === 0)
      throw new TableError('there are no rows', { file: this.file });
    return { file: this.file, columns: this.#columns, rows: this.#rows.values };
  }
}

/** The type that the user gives for a column. */
const typeOf = (types: Types, name: string): ColumnType | undefined =>
  Object.hasOwn(types, name) ? types[name] : undefined;

/** Names of columns: unlike, and none of them empty. */
function namesOf(given: readonly string[], file: string, row: number): string[] {
  const names = given.map((name, i) => name.trim() || `column ${i + 1}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new TableError('there are two columns of this name', { file, row, column: twice });
}

/** The columns of rows that are objects. */
function rowsOf(source: readonly unknown[], options: ReadTableOptions, types: Types): RawTable {
  const file = options.name ?? 'rows';
  const missing = new Set(options.missingValues ?? MISSING_VALUES);
  const rows = growingRows();
  const columns = new Map<string, RawColumn>();
  source.forEach((given, i) => {
    const row = i + 1;
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw refusal('loadTable', `source[${i}]`, 'an object', given);
    if (i === 0)
      for (const name of Object.keys(given)) {
        columns.set(name, new RawColumn(file, name, typeOf(types, name), options.decimal ?? '.'));
      }
    const extra = Object.keys(given).find((name) => !columns.has(name));
    if (extra !== undefined)
      throw new TableError('the first row does not have this column', { file, row, column: extra });
    rows.push(row);
    for (const [name, column] of columns)
      column.add(cellOf((given as Record<string, TableValue>)[name], missing, { file, row, column: name }), row);
  });
  if (rows.length === 0) throw new TableError('there are no rows', { file });
  if (columns.size === 0) throw new TableError('the first row has no columns', { file, row: 1 });
  return { file, columns: [...columns.values()], rows: rows.values };
}

function cellOf(
  value: unknown,
  missing: ReadonlySet<string>,
  place: { readonly file: string; readonly row: number; readonly column: string },
): Cell {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return missing.has(value.trim()) ? null : value.trim();
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TableError('this value is neither a finite number nor a text', place);
}
