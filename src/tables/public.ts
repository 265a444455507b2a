/** What both entry points of `lanewise/tables` have. */
export type { ColumnType } from './column.js';
export { TableError, type TableErrorDetails } from './errors.js';
export { unscale } from './load.js';
export { isScaler } from './scalerCheck.js';
export type {
  CategoryScaler,
  EncodedRows,
  EncodeTableOptions,
  MissingPolicy,
  NumberScaler,
  ReadTableOptions,
  Table,
  TableColumn,
  TableOptions,
  TableScaler,
  TableSource,
  TableValue,
} from './types.js';
