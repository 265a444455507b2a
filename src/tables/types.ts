/** What `loadTable` takes and gives. */
import type { TensorDataset } from '../data/dataset.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ColumnType } from './column.js';
import type { CsvFormat } from './csv.js';

/** A value of a row that is given as an object. */
export type TableValue = string | number | boolean | null | undefined;

/** Where a table comes from: a path or an address, CSV itself, a file of a browser, or rows as objects. */
export type TableSource = string | URL | Blob | readonly Readonly<Record<string, TableValue>>[];

/** What is done about missing values: see {@link TableOptions}. */
export type MissingPolicy = 'error' | 'mean' | 'drop';

/** How the text of a table is read. */
export interface ReadTableOptions extends CsvFormat {
  /** What stands before the decimals. Default: guessed; a comma only where it does not stand between fields. */
  readonly decimal?: '.' | ',';
  /** Whether the first row has the names of the columns. Default: true; otherwise they are `column 1`, … */
  readonly header?: boolean;
  /** Texts that stand for a missing value. Default: an empty field, NA, N/A, NaN, null, ? and some like them. */
  readonly missingValues?: readonly string[];
  /** Name of the table in messages. Default: that of the file. */
  readonly name?: string;
}

/** How a table becomes inputs and targets. */
export interface TableOptions extends ReadTableOptions {
  /** Name of the column to predict. Default: none, and `y` has zeros. */
  readonly target?: string;
  /**
   * Default: classification where the target is text, or at most ten different whole numbers with five rows each on
   * average; otherwise regression.
   */
  readonly task?: 'regression' | 'classification';
  /** Names of columns that are left out. */
  readonly ignore?: readonly string[];
  /** What columns are, where the guess is wrong. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /**
   * How categories become inputs: a column of 0 and 1 for each (`onehot`), or one column with their index, from 0 to
   * n − 1, and n for one that was not seen in training (`codes`, for an `Embedding(n + 1, …)`). Default: onehot.
   */
  readonly categories?: 'onehot' | 'codes';
  /**
   * What is done about missing values of the inputs: `error` refuses them; `mean` takes the mean of the training rows,
   * and no category at all; `drop` leaves the row out, also where the target is missing. Default: error.
   */
  readonly missing?: MissingPolicy;
  /** The share of the rows that is set aside in `validation`, of each class alike. Default: 0. */
  readonly validation?: number;
  /** Decides which rows are set aside. Default: 0. */
  readonly seed?: number;
}

/** How rows are encoded. */
export interface EncodeTableOptions extends ReadTableOptions {
  /** Whether the rows have the target too, to compare with. Default: false. */
  readonly withTarget?: boolean;
}

/** What is known of a column. */
export interface TableColumn {
  readonly name: string;
  /** `text`: a text that differs in most rows, which is left out. */
  readonly kind: 'number' | 'category' | 'text';
  /** What it is used for. */
  readonly use: 'input' | 'target' | 'ignored';
  /** Rows without a value. */
  readonly missing: number;
  /** Of numbers, over all rows. */
  readonly mean?: number;
  readonly std?: number;
  readonly min?: number;
  readonly max?: number;
  /** Of a category: how many different values there are, and the first of them in their order. */
  readonly different?: number;
  readonly values?: readonly string[];
}

/** How a column of numbers is standardised: (v − mean)/std. */
export interface NumberScaler {
  readonly name: string;
  readonly kind: 'number';
  readonly mean: number;
  readonly std: number;
}

/** The values of a category that the training rows have, in the order of their inputs or classes. */
export interface CategoryScaler {
  readonly name: string;
  readonly kind: 'category';
  readonly values: readonly string[];
}

/** How rows become inputs and targets: plain JSON, made from the training rows alone. */
export interface TableScaler {
  readonly inputs: readonly (NumberScaler | CategoryScaler)[];
  readonly target: NumberScaler | CategoryScaler | null;
  readonly categories: 'onehot' | 'codes';
  readonly missing: MissingPolicy;
  readonly missingValues: readonly string[];
}

/** What `loadTable` gives. */
export interface Table {
  readonly name: string;
  /** All columns of the file, in its order. */
  readonly columns: readonly TableColumn[];
  /** What the target asks for; null where there is none. */
  readonly task: 'regression' | 'classification' | null;
  /** Names of the classes, in the order of the labels; none in a regression. */
  readonly classes: readonly string[];
  /** Names of the inputs, one for each column of `x`: `rooms`, `town=Bath`. */
  readonly inputs: readonly string[];
  /** x [N, inputs] (float32) · y [N] (int32 classes), or [N, 1] (float32, standardised) in a regression. */
  readonly train: TensorDataset;
  /** The rows set aside; undefined without `validation`. */
  readonly validation: TensorDataset | undefined;
  readonly scaler: TableScaler;
  /** What the user should know: one line each. */
  readonly notes: readonly string[];
  /** The columns as a table of text. */
  describe(): string;
  /** Frees the tensors. */
  dispose(): void;
}

/** Rows as a model that was trained on a table takes them. */
export interface EncodedRows {
  /** [N, inputs] */
  readonly x: Tensor;
  /** As in {@link Table}; undefined where the rows have no target. */
  readonly y: Tensor | undefined;
  /** The number of each row in the file, as a spreadsheet shows it. */
  readonly rows: Int32Array;
  readonly notes: readonly string[];
}
