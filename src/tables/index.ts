/**
 * Tables: CSV and rows to train on. In any runtime; where there are files, `lanewise/tables` is this with paths.
 *
 * @module lanewise/tables
 */
import '../runtime/inlined/carried.js';
import { fetchPlace } from './fetch.js';
import { encodeTableFrom, loadTableFrom } from './load.js';
import type { EncodedRows, EncodeTableOptions, Table, TableOptions, TableScaler, TableSource } from './types.js';

export * from './public.js';

/**
 * Loads a table: the types of its columns are guessed, numbers are standardised by the mean and deviation of the
 * training rows, (v − mean)/std, and categories become columns of 0 and 1.
 *
 * CSV may have quotes, a byte order mark, any line ends, and commas, semicolons, tabs or bars between fields; decimal
 * commas are found where fields are not separated by commas. Blanks around values, and lines of blanks, do not count.
 *
 * @param source CSV as a text with line breaks, a path (not in a browser), an address, a `File` or `Blob`, or rows as
 *   objects
 * @throws {TableError} naming the row and the column: fields too many or too few, quotes that do not close, two columns
 *   of one name, a missing value without a policy for it, a text among numbers
 * @throws {MissingDataError} when the file cannot be read or fetched
 * @example
 * const csv = 'rooms,town,price\n2,Bath,210\n3,Bath,270\n2,York,180\n4,York,290\n';
 * const table = await loadTable(csv, { target: 'price' });
 * table.task;              // 'regression'
 * table.inputs;            // ['rooms', 'town=Bath', 'town=York']
 * table.train.x.shape;     // [4, 3]
 */
export function loadTable(source: TableSource, options: TableOptions = {}): Promise<Table> {
  return loadTableFrom(source, options, fetchPlace);
}

/**
 * Rows as a model takes them that was trained on another table: by its `scaler`, which is plain JSON. Columns are found
 * by their names; others do not matter. Categories that the scaler does not know are no category at all.
 *
 * @throws {TableError} when a column is missing, or a value is
 * @example
 * const csv = 'rooms,town,price\n2,Bath,210\n3,Bath,270\n2,York,180\n4,York,290\n';
 * const { scaler } = await loadTable(csv, { target: 'price' });
 * const { x } = await encodeTable([{ rooms: 3, town: 'York' }], scaler);
 * x.shape;   // [1, 3]
 */
export function encodeTable(
  source: TableSource,
  scaler: TableScaler,
  options: EncodeTableOptions = {},
): Promise<EncodedRows> {
  return encodeTableFrom(source, scaler, options, fetchPlace);
}
