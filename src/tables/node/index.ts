/**
 * `lanewise/tables` where there are files: in Node, Deno and Bun.
 *
 * @module lanewise/tables
 */
import '../../runtime/inlined/carried.js';
import { encodeTableFrom, loadTableFrom } from '../load.js';
import type { EncodedRows, EncodeTableOptions, Table, TableOptions, TableScaler, TableSource } from '../types.js';
import { findFile } from './files.node.js';

export * from '../public.js';

/** As in `lanewise/tables`, with paths. Files of any size are read piece by piece. */
export function loadTable(source: TableSource, options: TableOptions = {}): Promise<Table> {
  return loadTableFrom(source, options, findFile);
}

/** As in `lanewise/tables`, with paths. */
export function encodeTable(
  source: TableSource,
  scaler: TableScaler,
  options: EncodeTableOptions = {},
): Promise<EncodedRows> {
  return encodeTableFrom(source, scaler, options, findFile);
}
