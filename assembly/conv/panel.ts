import { splatAt, TileOperands, vectorAt } from '../simd/tile';

/*
 * Weights packed for a correlation: a panel holds what one call for up to four output channels needs, in the order in
 * which it is read (here for four channels):
 *
 *     start0 start1 start2 start3 │ w0 w1 w2 w3 offset │ w0 w1 w2 w3 offset │ …
 *                                   first tap            second tap
 *
 * offset is the distance of the tap's first input from the first output's corner, in bytes.
 */

/** How many of the `left` output channels the next panel takes: 4, 2 or 1. */
// @ts-ignore: decorator
@inline
export function panelChannels(left: i32): i32 {
  return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

/** Number of panels for `channels` output channels. */
export function panelCount(channels: i32): i32 {
  return (channels >> 2) + ((channels >> 1) & 1) + (channels & 1);
}

/** Floats of a panel. */
// @ts-ignore: decorator
@inline
export function panelSize(channels: i32, taps: i32): i32 {
  return channels + taps * (channels + 1);
}

/**
 * Writes a panel.
 *
 * @param list for each tap two integers: its offset in the image and that of its weight, in bytes
 * @param weight of the first channel; the next channel's are `channelStep` bytes on
 * @param start one float a channel, or 0 for zeros
 */
function packPanel(
  panel: usize, list: usize, taps: i32, weight: usize, channelStep: usize, start: usize, channels: i32,
): void {
  for (let i = 0; i < channels; i++, panel += 4) store<f32>(panel, start != 0 ? load<f32>(start + (<usize>i << 2)) : 0);
  for (let tap = 0; tap < taps; tap++, list += 8) {
    let from = weight + load<u32>(list, 4);
    for (let i = 0; i < channels; i++, panel += 4, from += channelStep) store<f32>(panel, load<f32>(from));
    store<i32>(panel, load<i32>(list));
    panel += 4;
  }
}

/** Writes the panels of `channels` output channels, one after the other; returns where they end. */
export function packPanels(
  panel: usize, list: usize, taps: i32, weight: usize, channelStep: usize, start: usize, channels: i32,
): usize {
  for (let c = 0; c < channels;) {
    const count = panelChannels(channels - c);
    packPanel(
      panel, list, taps, weight + <usize>c * channelStep, channelStep, start != 0 ? start + (<usize>c << 2) : 0, count);
    panel += <usize>panelSize(count, taps) << 2;
    c += count;
  }
  return panel;
}

/** Operands of a tile that sums the taps of a panel: `a` is in the panel, `b` is what the offsets count from. */
export abstract class PanelOperands extends TileOperands {
  @inline start(start: usize, _step: usize, row: i32, _vector: i32): v128 { return splatAt(start, row); }
  @inline at(a: usize, b: usize, _step: usize, rows: i32): usize {
    return b + (rows == 1 ? load<u32>(a, 4) : rows == 2 ? load<u32>(a, 8) : load<u32>(a, 16));
  }
  @inline left(a: usize, row: i32): v128 { return splatAt(a, row); }
  @inline right(at: usize, vector: i32): v128 { return vectorAt(at, vector); }
  @inline nextA(a: usize, rows: i32): usize { return a + ((rows + 1) << 2); }
  @inline nextB(b: usize, _step: usize): usize { return b; }
}
