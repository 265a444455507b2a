/**
 * WebP files, by libwebp: lossy and lossless, with or without alpha; animations are refused.
 *
 * @see RFC 9649
 */
import type { Picture } from '../data/image.js';
import { LONGEST_SIDE, MOST_PIXELS, PICTURE_LIMITS } from '../data/pictureLimits.js';
import type { RunningDecoder } from '../runtime/decoder.js';
import { FileFormatError } from '../runtime/errors.js';
import { carried } from './carried.js';
import { decoderOf, put } from './wasmDecoder.js';

const CHANNELS = 4;
/** Before the first chunk: "RIFF", a length, "WEBP". */
const START = 12;
/** Bit of VP8X's flags. */
const ANIMATED = 2;

const run = decoderOf(() => carried.webp);

/**
 * The picture in the bytes of a WebP file, as red, green, blue and alpha.
 *
 * @throws {FileFormatError} when it is not a WebP, damaged, truncated, animated, or larger than 2²⁴ pixels
 */
export function decodeWebp(bytes: Uint8Array, file: string): Picture {
  checkChunks(bytes, file);
  const picture = run((decoder) => decodeWith(decoder, bytes));
  if (picture === null) throw new FileFormatError('this WebP cannot be decoded: it is damaged or truncated', { file });
  return picture;
}

function decodeWith(decoder: RunningDecoder, input: Uint8Array): Picture {
  const { malloc, free, WebPDecodeRGBA } = decoder.functions;
  const from = put(decoder, input);
  const sizes = from === 0 ? 0 : malloc!(8) >>> 0;
  if (sizes === 0) throw new Error('out of memory');
  const to = WebPDecodeRGBA!(from, input.length, sizes, sizes + 4) >>> 0;
  if (to === 0) throw new Error('damaged');
  const bytes = decoder.bytes();
  const view = new DataView(bytes.buffer, sizes, 8);
  const [width, height] = [view.getUint32(0, true), view.getUint32(4, true)];
  const data = bytes.slice(to, to + width * height * CHANNELS);
  for (const address of [from, sizes, to]) free!(address);
  return { width, height, data, channels: CHANNELS, depth: 8 };
}

/** Refuses a picture by any size that one of its chunks states. */
function checkChunks(bytes: Uint8Array, file: string): void {
  const refuse = (problem: string, offset: number): never => {
    throw new FileFormatError(problem, { file, offset });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let pictures = 0;
  for (let at = START; at + 8 <= bytes.length; ) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    const data = at + 8;
    if (type === 'VP8X' && data < bytes.length && (bytes[data]! & ANIMATED) !== 0) {
      refuse('animations are not read; save one of their pictures', at);
    }
    const size = sizeIn(type, view, data);
    if (size !== null) {
      pictures++;
      const [width, height] = size;
      if (width === 0 || height === 0 || width * height > MOST_PIXELS || Math.max(width, height) > LONGEST_SIDE) {
        refuse(`a picture of ${width}×${height} is not read (${PICTURE_LIMITS})`, at);
      }
    }
    at = data + length + (length & 1);
  }
  if (pictures === 0) refuse('the WebP has no picture', bytes.length);
}

/** Width and height that a chunk states; null where it states none. */
function sizeIn(type: string, view: DataView, at: number): readonly [number, number] | null {
  const three = (from: number): number => view.getUint16(from, true) | (view.getUint8(from + 2) << 16);
  if (at + 10 > view.byteLength) return null;
  if (type === 'VP8X') return [three(at + 4) + 1, three(at + 7) + 1];
  if (type === 'VP8 ') return [view.getUint16(at + 6, true) & 0x3fff, view.getUint16(at + 8, true) & 0x3fff];
  if (type !== 'VP8L') return null;
  const bits = view.getUint32(at + 1, true);
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
}
