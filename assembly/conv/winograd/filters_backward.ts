import { assertShare, assertSizes, assertWords } from '../../assert';
import { assertConvShape, ConvShape } from '../shape';
import { GROUP, GROUP_BYTES, inGroups, placeBytes, PLACES } from './blocks';
import { transformFilterGradient } from './transforms';

/** Floats of scratch that `f32_conv2d_winograd_filters_backward` needs. */
export function f32_conv2d_winograd_filters_backward_scratch(_shape: ConvShape): i32 {
  return (36 + 18 + 9) * GROUP;
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
  const padded = inGroups(channels);
  const place = placeBytes(inGroups(shape.outChannels), padded);
  const half = scratch + 36 * GROUP_BYTES;
  const kernel = half + 18 * GROUP_BYTES;
  for (let o = begin; o < end; o++) {
    for (let c = 0; c < channels; c += GROUP) {
      sumParts(scratch, parts + (<usize>(o * padded + c) << 2), place, partCount);
      for (let at: usize = 0; at < ROW; at += 16) transformFilterGradient(scratch + at, ROW, half + at, ROW);
      for (let row: usize = 0; row < 3; row++) {
        for (let vector: usize = 0; vector < GROUP_BYTES; vector += 16) {
          transformFilterGradient(
            half + row * ROW + vector, GROUP_BYTES, kernel + row * 3 * GROUP_BYTES + vector, GROUP_BYTES);
        }
      }
      const lanes = <usize>min(channels - c, GROUP);
      let to = dWeight + <usize>(o * channels + c) * 36;
      for (let lane: usize = 0; lane < lanes; lane++, to += 36) {
        for (let tap: usize = 0; tap < 9; tap++) {
          store<f32>(to + (tap << 2), load<f32>(kernel + tap * GROUP_BYTES + (lane << 2)));
        }
      }
    }
  }
}

/** Bytes of a row of six places. */
const ROW: usize = 6 * GROUP_BYTES;

/** The sums of the neighbouring kernels of a group over all parts: 36 places, a vector of each at a time. */
function sumParts(to: usize, from: usize, place: usize, partCount: i32): void {
  for (let row: usize = 0; row < 6; row++, to += ROW, from += 6 * place) {
    for (let vector: usize = 0; vector < GROUP_BYTES; vector += 16) {
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0;
      let at = from + vector;
      for (let part = 0; part < partCount; part++, at += <usize>PLACES * place) {
        s0 = f32x4.add(s0, v128.load(at));
        s1 = f32x4.add(s1, v128.load(at + place));
        s2 = f32x4.add(s2, v128.load(at + 2 * place));
        s3 = f32x4.add(s3, v128.load(at + 3 * place));
        s4 = f32x4.add(s4, v128.load(at + 4 * place));
        s5 = f32x4.add(s5, v128.load(at + 5 * place));
      }
      v128.store(to + vector, s0);
      v128.store(to + vector, s1, GROUP_BYTES);
      v128.store(to + vector, s2, 2 * GROUP_BYTES);
      v128.store(to + vector, s3, 3 * GROUP_BYTES);
      v128.store(to + vector, s4, 4 * GROUP_BYTES);
      v128.store(to + vector, s5, 5 * GROUP_BYTES);
    }
  }
}
