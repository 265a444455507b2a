/** A data set of a few images in the four files of MNIST. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import type { LoadedData } from '../../src/index.js';
import { idx } from './idx.js';

export function free({ train, test: held }: LoadedData): void {
  train.dispose();
  held.dispose();
}

/** Writes the four files of a tiny data set: `training` and `held` labels, images of 2×3 filled with the label. */
export function writeTiny(to: string, training: readonly number[], held: readonly number[], compress = false): void {
  fs.mkdirSync(to, { recursive: true });
  const write = (name: string, bytes: Uint8Array) =>
    fs.writeFileSync(path.join(to, compress ? `${name}.gz` : name), compress ? zlib.gzipSync(bytes) : bytes);
  for (const [prefix, labels] of [
    ['train', training],
    ['t10k', held],
  ] as const) {
    write(
      `${prefix}-images-idx3-ubyte`,
      idx(
        8,
        [labels.length, 2, 3],
        labels.flatMap((label) => Array<number>(6).fill(label)),
      ),
    );
    write(`${prefix}-labels-idx1-ubyte`, idx(8, [labels.length], labels));
  }
}
