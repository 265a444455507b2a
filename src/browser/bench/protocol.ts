/** What the page of benchmarks and its worker say to each other. */
import type { Ceilings, Row } from '../../../bench/report.js';

export type BenchRequest =
  | {
      readonly do: 'measure';
      /** Of rows, in their order. */
      readonly names: readonly string[];
      readonly threads: number;
      /** Where MNIST is served. */
      readonly digits: string;
    }
  /** Trains a fixed run, to compare its bits. */
  | { readonly do: 'compare'; readonly threads: number };

export type BenchReply =
  | { readonly is: 'ready'; readonly threads: number; readonly threadsReason?: string; readonly ceilings: Ceilings }
  | { readonly is: 'measuring'; readonly name: string }
  /** `checked`: the result was computed plainly too, and agrees; null: there is no plain twin of this case. */
  | { readonly is: 'row'; readonly row: Row; readonly checked: true | null }
  | { readonly is: 'note'; readonly name: string; readonly note: string }
  | { readonly is: 'compared'; readonly digest: string; readonly agrees: boolean }
  | { readonly is: 'done' }
  | { readonly is: 'error'; readonly message: string };
