import { assertShare, assertWords } from '../../assert';
import { OptionalAddress } from '../../optional';
import { storePairs } from '../../simd/pairs';
import { assertConvShape, ConvShape } from '../shape';

/**
 * Moves pixels apart, planes [begin, end) of all images: what is left to do for the gradient of a strided 1 × 1
 * convolution with respect to its input, once that of the pixels it reads is known.
 *
 *     dx[n,c,i·strideY,j·strideX] = pixels[n,c,i,j], all others bias[c] or 0
 *
 * @param dx [images, channels, height, width]; overwritten
 * @param pixels [images, channels, ⌈height / strideY⌉, ⌈width / strideX⌉]
 * @param bias [channels], or 0
 * @work (end - begin) * shape.height * shape.width
 */
export function f32_conv2d_pointwise_scatter(
  dx: usize, pixels: usize, bias: OptionalAddress, shape: ConvShape, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertWords(dx | pixels | bias);
  const channels = shape.channels, height = shape.height, width = shape.width, strideY = shape.strideY;
  const strideX = shape.strideX;
  const columns = (width + strideX - 1) / strideX;
  const rows = (height + strideY - 1) / strideY;
  let to = dx + (<usize>begin * <usize>(height * width) << 2);
  let from = pixels + (<usize>begin * <usize>(rows * columns) << 2);
  for (let plane = begin; plane < end; plane++) {
    const rest = bias != 0 ? load<f32>(bias + (<usize>(plane % channels) << 2)) : 0;
    for (let row = 0; row < rows; row++, from += <usize>columns << 2) {
      if (strideX == 2) scatterPairs(to, from, rest, width);
      else {
        for (let w = 0; w < width; w++) {
          store<f32>(to + (<usize>w << 2), w % strideX == 0 ? load<f32>(from + (<usize>(w / strideX) << 2)) : rest);
        }
      }
      to += <usize>width << 2;
      const below = <usize>((min(strideY, height - row * strideY) - 1) * width) << 2;
      fill(to, rest, below);
      to += below;
    }
  }
}

/** Every second float of a row from `from`, the others `rest`. */
function scatterPairs(row: usize, from: usize, rest: f32, width: i32): void {
  const pairs = width >> 1;
  let i = 0;
  for (; i + 4 <= pairs; i += 4) {
    storePairs(row + (<usize>i << 3), v128.load(from + (<usize>i << 2)), f32x4.splat(rest));
  }
  for (; i < pairs; i++) {
    store<f32>(row + (<usize>i << 3), load<f32>(from + (<usize>i << 2)));
    store<f32>(row + (<usize>i << 3), rest, 4);
  }
  if (width & 1) store<f32>(row + (<usize>pairs << 3), load<f32>(from + (<usize>pairs << 2)));
}

function fill(to: usize, value: f32, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16) v128.store(to, f32x4.splat(value));
  for (; to < end; to += 4) store<f32>(to, value);
}
