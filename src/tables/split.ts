import { randomPermutation } from '../ops/random/random.js';
import { drawAt } from '../runtime/generator.js';
import { TableError } from './errors.js';

/**
 * Sets rows aside, of each class alike where there are classes. Both parts keep the order of the rows.
 *
 * @param labels of the rows
 */
export function splitRows(
  rows: Int32Array,
  labels: Int32Array | undefined,
  validation: number,
  seed: number,
  file: string,
): readonly [train: Int32Array, validation: Int32Array] {
  if (validation === 0) return [rows, rows.subarray(0, 0)];
  const order = randomPermutation(rows.length, drawAt('split', 0, seed));
  // Class after class, so that every share of the order has its share of each class.
  if (labels !== undefined) order.sort((a, b) => labels[a]! - labels[b]!);
  const aside = new Uint8Array(rows.length);
  order.forEach((place, i) => {
    if (Math.floor((i + 1) * validation) > Math.floor(i * validation)) aside[place] = 1;
  });
  const part = (which: number): Int32Array => rows.filter((_, place) => aside[place] === which);
  const parts = [part(0), part(1)] as const;
  if (parts[0].length === 0 || parts[1].length === 0)
    throw new TableError(`${rows.length} rows are too few to set a share of ${validation} aside`, {
      file,
      options: ['validation'],
    });
  return parts;
}
