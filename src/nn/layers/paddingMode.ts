/** Borders of convolutions that are not zeros. */
import { type PadMode, pad } from '../../ops/movement/pad.js';
import type { Tensor } from '../../tensor/tensor.js';

/** What the padding consists of. */
export interface PaddingModeOption {
  /** Zeros (the default), or elements of the input as {@link pad} takes them. */
  readonly paddingMode?: 'zeros' | Exclude<PadMode, 'constant'>;
}

/** What a border follows from: numbers for each axis that the kernel moves over. */
interface Bordered extends Required<PaddingModeOption> {
  readonly padding: readonly number[] | 'same' | 'valid';
  readonly kernelSize: readonly number[];
  readonly dilation: readonly number[];
}

/** `x` with the border that is not zeros; the operation behind it pads no more. */
export function bordered(x: Tensor, { padding, paddingMode, kernelSize, dilation }: Bordered): Tensor {
  if (paddingMode === 'zeros' || padding === 'valid') return x;
  const border = kernelSize.flatMap((taps, axis) => {
    if (padding !== 'same') return [padding[axis]!, padding[axis]!];
    const total = dilation[axis]! * (taps - 1);
    return [total >> 1, total - (total >> 1)];
  });
  // Pairs of the last axis come first.
  if (border.length === 4) border.push(...border.splice(0, 2));
  return pad(x, border, { mode: paddingMode });
}
