import { pixelShuffle } from '../../ops/movement/pixelShuffle.js';
import { checkArguments } from '../../runtime/arguments.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';

/**
 * Larger images out of channels: the operation {@link pixelShuffle}.
 *
 * Shapes: x [N,C·r²,H,W] → [N,C,H·r,W·r], r = upscaleFactor
 * @see torch.nn.PixelShuffle
 */
export class PixelShuffle extends Layer {
  constructor(readonly upscaleFactor: number) {
    super();
    checkArguments('new nn.PixelShuffle(upscaleFactor=2)', upscaleFactor);
  }

  protected compute(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }

  protected override extraRepr(): string {
    return `upscaleFactor=${this.upscaleFactor}`;
  }
}
