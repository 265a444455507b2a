import { LanewiseError } from '../runtime/errors.js';

/** What an error of a table says besides. */
export interface TableErrorDetails {
  /** Name of the file, or `rows`. */
  readonly file: string;
  /** Counted from 1 as a spreadsheet does: where there is a header, it is row 1. */
  readonly row?: number | undefined;
  readonly column?: string | undefined;
  readonly hint?: string;
  readonly options?: readonly string[];
  readonly cause?: unknown;
}

/** A table that cannot be used: with the row and the column that are wrong, where it is one. */
export class TableError extends LanewiseError {
  override readonly code: string = 'LANEWISE_TABLE';
  readonly file: string;
  readonly row: number | undefined;
  readonly column: string | undefined;

  constructor(problem: string, details: TableErrorDetails) {
    const { file, row, column, ...others } = details;
    const place = [
      file,
      ...(row === undefined ? [] : [`row ${row}`]),
      ...(column === undefined ? [] : [`column ${JSON.stringify(column)}`]),
    ];
    super(problem, { ...others, where: place.join(', ') });
    this.file = file;
    this.row = row;
    this.column = column;
  }
}
