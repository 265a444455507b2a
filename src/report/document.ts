/** A report as plain data, before it is HTML or Markdown. Text is text: what it may hold is no markup but `code`. */
import type { Chart } from './chart.js';

/** What a cell wants to be noticed for. */
export type Tone = 'diverged' | 'failed' | 'missing';

export interface TableCell {
  readonly text: string;
  /** A line below it, in the same tone. */
  readonly about?: string;
  /** The last lines, quieter. */
  readonly under?: readonly string[];
  readonly tone?: Tone;
  /** Marked with ≠. */
  readonly differs?: boolean;
  /** More, for who points at it; in Markdown it is left out. */
  readonly title?: string;
}

export interface Column {
  readonly name: string;
  /** Numbers are set flush right. */
  readonly numeric: boolean;
}

export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  /** What all rows have in common. */
  readonly note?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly TableCell[])[];
  /** Out of sight until it is asked for. */
  readonly folded?: boolean;
}

/** A small picture, as a data: URL. */
export interface ShownPicture {
  readonly source: string;
  readonly text: string;
  /** A quieter line below. */
  readonly about?: string;
}

export type Block =
  | Table
  | { readonly kind: 'pictures'; readonly caption: string; readonly pictures: readonly ShownPicture[] }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'chart'; readonly chart: Chart };

export interface Report {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export const toneOf = (trouble: string): Tone | undefined =>
  trouble.includes('failed')
    ? 'failed'
    : /diverged|at chance/.test(trouble)
      ? 'diverged'
      : trouble === ''
        ? undefined
        : 'missing';
export const cell = (text: string, more: Omit<TableCell, 'text'> = {}): TableCell => ({ text, ...more });
export const columns = (...names: readonly string[]): Column[] =>
  names.map((name) => ({ name: name.replace(/^#/, ''), numeric: name.startsWith('#') }));
