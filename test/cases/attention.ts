import { type AttentionOptions, scaledDotProductAttention, type Tensor } from '../../src/index.js';
import type { Case, Input } from '../support/case.js';
import { at, build } from '../support/reference.js';

interface Row {
  readonly q: readonly number[];
  readonly k: readonly number[];
  readonly v: readonly number[];
  readonly mask?: Input;
  readonly options?: Omit<AttentionOptions, 'attnMask'>;
  readonly note?: string;
}

function attention({ q, k, v, mask, options = {}, note = '' }: Row): Case {
  const batch = q.slice(0, -2);
  const { isCausal = false, scale = 1 / Math.sqrt(q.at(-1)!) } = options;
  const masked = mask === undefined ? '' : ` with a ${mask.dtype ?? 'float32'} mask`;
  return {
    name: `attention of [${q}], [${k}] and [${v}]${masked}${isCausal ? ', causal' : ''}${note}`,
    inputs: [{ shape: q }, { shape: k }, { shape: v }, ...(mask === undefined ? [] : [mask])],
    run: (...[queries, keys, values, attnMask]: Tensor[]) =>
      scaledDotProductAttention(queries!, keys!, values!, { attnMask, ...options }),
    twin: (queries, keys, values, attnMask) =>
      build([...batch, q.at(-2)!, v.at(-1)!], (index) => {
        const lead = index.slice(0, -2);
        const [i, column] = index.slice(-2) as [number, number];
        const scores = Array.from({ length: k.at(-2)! }, (_, j) => {
          let score = 0;
          for (let e = 0; e < q.at(-1)!; e++) score += at(queries, [...lead, i, e]) * at(keys, [...lead, j, e]);
          if (attnMask !== undefined && mask?.dtype === 'uint8' && at(attnMask, [...lead, i, j]) === 0)
            return -Infinity;
          const added = attnMask !== undefined && mask?.dtype !== 'uint8' ? at(attnMask, [...lead, i, j]) : 0;
          return isCausal && j > i ? -Infinity : score * scale + added;
        });
        const largest = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - largest));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        return weights.reduce((sum, weight, j) => sum + (weight / total) * at(values, [...lead, j, column]), 0);
      }),
  };
}

const rows: readonly Row[] = [
  { q: [3, 4], k: [5, 4], v: [5, 2] },
  { q: [1, 1], k: [1, 1], v: [1, 1] },
  { q: [2, 0, 3], k: [2, 3, 3], v: [2, 3, 2] },
  { q: [4, 4], k: [4, 4], v: [4, 4], options: { isCausal: true } },
  { q: [2, 4, 3, 2], k: [2, 4, 3, 2], v: [2, 4, 3, 2], options: { isCausal: true } },
  { q: [3, 3, 4, 2], k: [3, 3, 3, 2], v: [3, 3, 3, 5], options: { isCausal: true, scale: 0.7 }, note: ', scaled' },
  { q: [2, 3, 4], k: [5, 4], v: [5, 3], note: ', shared keys' },
  {
    q: [2, 3, 4],
    k: [2, 5, 4],
    v: [2, 5, 3],
    mask: { shape: [3, 5], dtype: 'uint8', values: [1, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1] },
  },
  { q: [2, 2, 3, 4], k: [2, 2, 2, 4], v: [2, 2, 2, 3], mask: { shape: [2, 1, 3, 2] } },
];

export const attentions: readonly Case[] = rows.map(attention);
