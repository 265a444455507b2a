/** Batches out of tensors, by index: the only place in `data/` that calls kernels. */

import { type OptionalAddress, offset } from '../runtime/address.js';
import type { Draw } from '../runtime/generator.js';
import { viewF32, viewI32 } from '../runtime/memory.js';
import { withRecord } from '../runtime/records.js';
import { kernels } from '../runtime/runtime.js';
import { withScratch } from '../runtime/scratch.js';
import { empty } from '../tensor/create.js';
import { sizeOf } from '../tensor/shape.js';
import { addressOf, type Tensor } from '../tensor/tensor.js';
import type { GatherPlan } from './plan.js';

/** Rows of a float32 or int32 tensor. All indices are rows. @internal */
export function gatherRows(x: Tensor, indices: Int32Array): Tensor {
  const sample = x.shape.slice(1);
  const out = empty([indices.length, ...sample], x.dtype);
  withScratch(4 * indices.length, (address) => {
    viewI32(address, indices.length).set(indices);
    kernels.x32_gather_rows(addressOf(out), addressOf(x), address, sizeOf(sample), 0, indices.length);
  });
  return out;
}

/**
 * Rows of a uint8 or float32 tensor as float32, scaled, standardised and augmented as planned. All indices are rows.
 *
 * @internal
 */
export function gatherSamples(
  x: Tensor,
  indices: Int32Array,
  { channels, mean, std, window }: GatherPlan,
  { seed, stream, draw }: Draw,
): Tensor {
  const count = indices.length;
  const sample = window === null ? x.shape.slice(1) : [channels, window.rows, window.columns];
  const out = empty([count, ...sample]);
  withScratch(4 * (count + 2 * channels), (address) => {
    viewI32(address, count).set(indices);
    let means: OptionalAddress = 0;
    let stds: OptionalAddress = 0;
    if (mean !== null && std !== null) {
      means = offset(address, 4 * count);
      stds = offset(means, 4 * channels);
      viewF32(means, channels).set(mean);
      viewF32(stds, channels).set(std);
    }
    if (window === null) {
      const gather = x.dtype === 'uint8' ? kernels.f32_gather_u8 : kernels.f32_gather_f32;
      gather(
        addressOf(out),
        addressOf(x),
        address,
        means,
        stds,
        channels,
        channels === 0 ? 0 : sizeOf(sample) / channels,
        0,
        count,
      );
    } else {
      const gather = x.dtype === 'uint8' ? kernels.f32_gather_augmented_u8 : kernels.f32_gather_augmented_f32;
      withRecord('AugmentShape', { ...window, channels, flip: Number(window.flip) }, (shape) =>
        gather(addressOf(out), addressOf(x), address, means, stds, shape, seed, stream, draw, 0, count),
      );
    }
  });
  return out;
}
