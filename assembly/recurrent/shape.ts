import { assertSizes } from '../assert';
import { packedScratch, packedSize } from '../gemm/packed';

/** Sizes of a recurrent layer in one direction, as its kernels read them from memory. */
@unmanaged
export class RecurrentShape {
  steps: i32;
  batch: i32;
  hidden: i32;
  /** 0: tanh, 1: ReLU, 2: LSTM, 3: GRU. */
  cell: i32;
  /** 1: from the last step of each sequence to the first. */
  reverse: i32;
}

export const RELU: i32 = 1;
export const LSTM: i32 = 2;
export const GRU: i32 = 3;

/** Numbers that a cell computes for each of its hidden ones: those of the gates. */
export function gateWidth(shape: RecurrentShape): i32 {
  const cell = shape.cell;
  return (cell == LSTM ? 4 : cell == GRU ? 3 : 1) * shape.hidden;
}

/** Floats of scratch that the recurrent kernels need: the packed weights, a block of rows, a row. */
export function f32_recurrent_scratch(shape: RecurrentShape): i32 {
  assertRecurrentShape(shape);
  const hidden = shape.hidden, width = gateWidth(shape);
  const panels = max(packedSize(width, hidden) + packedSize(hidden, hidden), packedSize(hidden, width));
  return panels + packedScratch(shape.batch, width) + packedScratch(shape.batch, hidden) + hidden;
}

/** The step that comes at position i in the order of the layer. */
// @ts-ignore: decorator
@inline
export function stepAt(i: i32, shape: RecurrentShape): i32 {
  return shape.reverse != 0 ? shape.steps - 1 - i : i;
}

/** Whether step t is one of the sequence of a row: all are where there are no lengths. */
// @ts-ignore: decorator
@inline
export function isInside(t: i32, lengths: usize, row: i32): bool {
  return lengths == 0 || t < load<i32>(lengths + (<usize>row << 2));
}

export function assertRecurrentShape(shape: RecurrentShape): void {
  if (ASC_NO_ASSERT) return;
  assertSizes(shape.steps | shape.batch | shape.hidden);
  assert(
    0 <= shape.cell && shape.cell <= 3 && (shape.reverse | 1) == 1,
    'a recurrent layer: a cell from 0 to 3, and 0 or 1 for reverse are expected');
}
