import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { imageResult, imageShape } from '../pool/window.js';
import { permute } from './permute.js';
import { reshape } from './reshape.js';

/**
 * Larger images out of channels: each r·r of them become one, whose blocks of r × r pixels have one from each.
 *
 * y[n, c, i·r + u, j·r + v] = x[n, c·r² + u·r + v, i, j]    r = upscaleFactor
 *
 * Shapes:   x [N,C·r²,H,W] (or [C·r²,H,W]) → [N,C,H·r,W·r]
 * Backward: the inverse
 * @throws {ShapeError} when the number of channels is not divisible by r²
 * @see same as torch.nn.functional.pixel_shuffle; Shi et al. 2016, arXiv 1609.05158
 * @example
 * pixelShuffle(tensor([[[1]], [[2]], [[3]], [[4]]]), 2).toArray();   // [[[1, 2], [3, 4]]]
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const where = 'pixelShuffle';
  checkArguments('pixelShuffle(x, upscaleFactor=2)', x, upscaleFactor);
  const input = imageShape(x.shape, where);
  const { images, channels, height, width } = input;
  const r = upscaleFactor;
  const count = channels / (r * r);
  if (!Number.isInteger(count)) throw new ShapeError(`${channels} channels are not divisible by ${r}·${r}`, { where });
  const blocks = permute(reshape(x, [images, count, r, r, height, width]), [0, 1, 4, 2, 5, 3]);
  return reshape(blocks, imageResult(input, count, height * r, width * r));
}
