import { assertShare, assertSizes, assertWords } from '../../assert';
import { assertConvShape, ConvShape } from '../shape';
import { inFours, placeBytes, PLACES } from './blocks';
import { transformFilterGradient } from './transforms';

/** Floats of scratch that `f32_conv2d_winograd_filters_backward` needs. */
export function f32_conv2d_winograd_filters_backward_scratch(_shape: ConvShape): i32 {
  return (36 + 18 + 9) * 4;
}

/**
 * dWeight [O,C,3,3] = Gᵀ (Σ parts) G, output channels [begin, end).
 *
 * @param scratch `f32_conv2d_winograd_filters_backward_scratch(shape)` floats
 * @work (end - begin) * shape.channels * (partCount + 2) * 10
 */
export function f32_conv2d_winograd_filters_backward(
  dWeight: usize, parts: usize, shape: ConvShape, scratch: usize, partCount: i32, begin: i32, end: i32,
): void {
  assertConvShape(shape);
  assertShare(begin, end);
  assertWords(dWeight | parts | scratch);
  assertSizes(partCount);
  const channels = shape.channels;
  const padded = inFours(channels);
  const place = placeBytes(inFours(shape.outChannels), padded);
  const half = scratch + 36 * 16;
  const kernel = half + 18 * 16;
  for (let o = begin; o < end; o++) {
    for (let c = 0; c < channels; c += 4) {
      sumParts(scratch, parts + (<usize>(o * padded + c) << 2), place, partCount);
      for (let column: usize = 0; column < 6; column++) {
        transformFilterGradient(scratch + (column << 4), 96, half + (column << 4), 96);
      }
      for (let row: usize = 0; row < 3; row++) transformFilterGradient(half + row * 96, 16, kernel + row * 48, 16);
      const lanes = <usize>min(channels - c, 4);
      let to = dWeight + <usize>(o * channels + c) * 36;
      for (let lane: usize = 0; lane < lanes; lane++, to += 36) {
        for (let tap: usize = 0; tap < 9; tap++) {
          store<f32>(to + (tap << 2), load<f32>(kernel + (tap << 4) + (lane << 2)));
        }
      }
    }
  }
}

/** The sums of four neighbouring kernels over all parts: 36 vectors. */
function sumParts(to: usize, from: usize, place: usize, partCount: i32): void {
  for (let row: usize = 0; row < 6; row++, to += 96, from += 6 * place) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
    let at = from;
    for (let part = 0; part < partCount; part++, at += <usize>PLACES * place) {
      s0 = f32x4.add(s0, v128.load(at));
      s1 = f32x4.add(s1, v128.load(at + place));
      s2 = f32x4.add(s2, v128.load(at + 2 * place));
      s3 = f32x4.add(s3, v128.load(at + 3 * place));
      s4 = f32x4.add(s4, v128.load(at + 4 * place));
      s5 = f32x4.add(s5, v128.load(at + 5 * place));
    }
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
    v128.store(to, s4, 64);
    v128.store(to, s5, 80);
  }
}
