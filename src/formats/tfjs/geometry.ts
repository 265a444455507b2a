/** Where the windows of a layer lie. TensorFlow pads below and to the right first, and by the size of the image. */
import type { LayerConfig } from './config.js';

/** Height or width: unknown where the model takes images of any size. */
export type Extent = number | null;

/** The windows along one axis. */
export interface Windows {
  readonly before: number;
  readonly after: number;
  /** How many there are. */
  readonly count: Extent;
}

/** @param span of a window, its dilation included */
export function windowsOf(layer: LayerConfig, input: Extent, span: number, stride: number): Windows {
  const padding = layer.text('padding', 'valid');
  if (padding === 'valid') {
    const count = input === null ? null : Math.floor((input - span) / stride) + 1;
    if (count !== null && count < 1) layer.refuse(`has windows of ${span} for an image of ${input}`);
    return { before: 0, after: 0, count };
  }
  if (padding !== 'same') layer.refuse(`has the padding ${JSON.stringify(padding)}`);
  if (input === null && stride > 1) layer.refuse('pads by the size of its input, which the model does not state');
  const count = input === null ? null : Math.ceil(input / stride);
  const total = count === null ? span - 1 : Math.max((count - 1) * stride + span - input!, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before, count };
}
