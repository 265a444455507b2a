import { offset } from '../../runtime/address.js';
import { viewI32 } from '../../runtime/memory.js';
import { kernels } from '../../runtime/runtime.js';
import { withScratch } from '../../runtime/scratch.js';
import { bytesPerElement } from '../../tensor/dtype.js';
import { mergeAxes, type Shape, sizeOf } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';

/** Where in a tensor a walk begins, and how far it goes for one step along each axis; in elements. */
export interface Walk {
  readonly tensor: Tensor;
  readonly offset?: number;
  /** One per axis walked: 0 stays, a negative one goes backwards. */
  readonly strides: readonly number[];
}

/**
 * to[offset + Σ index·stride] = from[offset + Σ index·stride], for every index of `sizes`. The one mover of elements:
 * permute, slice, flip, concat, pad, repeat are such copies. Both tensors have the same dtype; elements of `to` that
 * no index reaches stay as they are.
 * @internal
 */
export function copyElements(to: Walk, from: Walk, sizes: Shape): void {
  if (sizeOf(sizes) === 0) return;
  const axes = mergeAxes(sizes, [to.strides, from.strides]);
  const table = axes.flat();
  const first = axes[0]![0]!;
  const width = bytesPerElement(to.tensor.dtype);
  const copy = width === 1 ? kernels.x8_copy : kernels.x32_copy;
  withScratch(4 * table.length, (address) => {
    viewI32(address, table.length).set(table);
    copy(
      offset(addressOf(to.tensor), width * (to.offset ?? 0)),
      offset(addressOf(from.tensor), width * (from.offset ?? 0)),
      address,
      axes.length,
      sizeOf(sizes) / first,
      0,
      first,
    );
  });
}
