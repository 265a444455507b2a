import {
  broadcastTo,
  chunk,
  clone,
  concat,
  diag,
  embedding,
  flatten,
  flip,
  gather,
  indexSelect,
  oneHot,
  outer,
  pad,
  permute,
  repeat,
  reshape,
  roll,
  scatter,
  scatterAdd,
  select,
  slice,
  split,
  squeeze,
  stack,
  transpose,
  unbind,
  unsqueeze,
} from '../../src/index.js';
import { type Run, testOperations } from './support.js';

const runs = {
  reshape: ([x], { shape }: { shape: number[] }) => reshape(x!, shape),
  flatten: ([x], options: { startAxis?: number; endAxis?: number }) => flatten(x!, options),
  squeeze: ([x], { axis }: { axis?: number }) => squeeze(x!, axis),
  unsqueeze: ([x], { axis }: { axis: number }) => unsqueeze(x!, axis),
  transpose: ([x], { a, b }: { a: number; b: number }) => transpose(x!, a, b),
  permute: ([x], { axes }: { axes: number[] }) => permute(x!, axes),
  slice: ([x], { start, end, ...options }: { start: number; end?: number; axis: number; step?: number }) =>
    slice(x!, start, end, options),
  select: ([x], { axis, index }: { axis: number; index: number }) => select(x!, axis, index),
  gather: ([x, index], { axis }: { axis: number }) => gather(x!, axis, index!),
  concat: (inputs, { axis }: { axis: number }) => concat(inputs, axis),
  stack: (inputs, { axis }: { axis: number }) => stack(inputs, axis),
  split: ([x], { sizes, axis, piece }: { sizes: number | number[]; axis: number; piece: number }) =>
    split(x!, sizes, axis)[piece]!,
  pad: ([x], { padding, value }: { padding: number[]; value?: number }) => pad(x!, padding, value),
  flip: ([x], { axes }: { axes: number[] }) => flip(x!, axes),
  repeat: ([x], { counts }: { counts: number[] }) => repeat(x!, counts),
  broadcastTo: ([x], { shape }: { shape: number[] }) => broadcastTo(x!, shape),
  oneHot: ([ids], { classes }: { classes: number }) => oneHot(ids!, classes),
  embedding: ([ids, weight]) => embedding(ids!, weight!),
  clone: ([x]) => clone(x!),
  chunk: ([x], { chunks, axis, piece }: { chunks: number; axis: number; piece: number }) =>
    chunk(x!, chunks, axis)[piece]!,
  unbind: ([x], { axis, piece }: { axis: number; piece: number }) => unbind(x!, axis)[piece]!,
  indexSelect: ([x, index], { axis }: { axis: number }) => indexSelect(x!, axis, index!),
  scatter: ([x, index, src], { axis, value }: { axis: number; value?: number }) =>
    scatter(x!, axis, index!, src ?? value!),
  scatterAdd: ([x, index, src], { axis }: { axis: number }) => scatterAdd(x!, axis, index!, src!),
  roll: ([x], { shifts, axes }: { shifts: number | number[]; axes?: number[] }) => roll(x!, shifts, axes),
  diag: ([x], { diagonal }: { diagonal: number }) => diag(x!, diagonal),
  outer: ([a, b]) => outer(a!, b!),
} satisfies Record<string, Run>;

// Nothing is computed here, but the gradients of elements that are read several times (repeat, gather, embedding) are
// sums.
testOperations('movement', runs, { ofLargest: 2e-7 });
