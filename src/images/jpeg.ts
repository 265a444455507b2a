/**
 * JPEG files, by libjpeg-turbo: baseline and progressive, grey, colour and CMYK. What a file claims to be is read
 * first, so that a small file cannot ask for much.
 *
 * @see ITU-T T.81, annex B (markers); Exif 2.32, 4.6.2 (orientation)
 */
import type { Picture } from '../data/image.js';
import { LONGEST_SIDE, MOST_PIXELS, PICTURE_LIMITS } from '../data/pictureLimits.js';
import type { RunningDecoder } from '../runtime/decoder.js';
import { FileFormatError } from '../runtime/errors.js';
import { carried } from './carried.js';
import { decoderOf, put } from './wasmDecoder.js';

/** What is known of a JPEG before it is decoded. */
interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: colour, 4: CMYK. */
  readonly components: number;
  /** Exif's orientation, 1 to 8: 1 is upright. */
  readonly orientation: number;
}

/** Each scan of a progressive picture goes over all of its pixels: pixels × scans are limited. */
const MOST_SCANNED = 16 * MOST_PIXELS;

/** Formats of pixels in libjpeg-turbo's interface: TJPF_RGB, TJPF_GRAY, TJPF_CMYK. */
const FORMATS: Readonly<Record<number, number>> = { 3: 0, 1: 6, 4: 11 };

const run = decoderOf(() => carried.jpeg);

/**
 * The picture in the bytes of a JPEG file, upright.
 *
 * @throws {FileFormatError} when it is not a JPEG, damaged, truncated, of a kind that is not read (lossless, 12 bits),
 *   or larger than 2²⁴ pixels
 */
export function decodeJpeg(bytes: Uint8Array, file: string): Picture {
  const header = readHeader(bytes, file);
  const { width, height, components } = header;
  const pixels = run((decoder) => decodeWith(decoder, bytes, header));
  if (pixels === null) {
    throw new FileFormatError('this JPEG cannot be decoded: it is damaged, truncated or of a kind that is not read', {
      file,
    });
  }
  const data = components === 4 ? fromCmyk(pixels) : pixels;
  return upright({ width, height, data, channels: components === 1 ? 1 : 3, depth: 8 }, header.orientation);
}

function decodeWith(decoder: RunningDecoder, input: Uint8Array, { width, height, components }: JpegHeader): Uint8Array {
  const { malloc, free, tjInitDecompress, tjDecompress2, tjDestroy } = decoder.functions;
  const size = width * height * components;
  const from = put(decoder, input);
  const to = from === 0 ? 0 : malloc!(size) >>> 0;
  if (to === 0) throw new Error('out of memory');
  const handle = tjInitDecompress!();
  const format = FORMATS[components]!;
  const status = tjDecompress2!(handle, from, input.length, to, width, width * components, height, format, 0);
  if (status !== 0) throw new Error('damaged');
  const pixels = decoder.bytes().slice(to, to + size);
  tjDestroy!(handle);
  for (const address of [from, to]) free!(address);
  return pixels;
}

/** Adobe's CMYK is stored inverted: 255 is no ink. */
function fromCmyk(pixels: Uint8Array): Uint8Array {
  const result = new Uint8Array((pixels.length / 4) * 3);
  for (let at = 0, to = 0; at < pixels.length; at += 4) {
    const black = pixels[at + 3]!;
    for (let c = 0; c < 3; c++) result[to++] = Math.round((pixels[at + c]! * black) / 255);
  }
  return result;
}

// ---- The header ----

function readHeader(bytes: Uint8Array, file: string): JpegHeader {
  const refuse = (problem: string, offset: number): never => {
    throw new FileFormatError(problem, { file, offset });
  };
  let frame: Omit<JpegHeader, 'orientation'> | undefined;
  let [orientation, scans] = [1, 0];
  for (let at = 2; ; ) {
    // Between segments there may be fill bytes; behind a scan's header are its data, up to the next marker.
    while (at < bytes.length && !isMarker(bytes, at)) at++;
    if (at + 4 > bytes.length) break;
    const marker = bytes[at + 1]!;
    if (marker === 0xd9) break;
    if (marker === 0x01 || marker === 0xd8) {
      at += 2;
      continue;
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2 || at + 2 + length > bytes.length) refuse('a segment goes past the end of the file', at);
    if (isFrame(marker)) {
      if (frame !== undefined) refuse('there is a second frame', at);
      if (segment.length < 6) refuse('the frame has no size', at);
      const [height, width] = [(segment[1]! << 8) | segment[2]!, (segment[3]! << 8) | segment[4]!];
      const components = segment[5]!;
      if (segment[0] !== 8) refuse(`samples of ${segment[0]} bits are not read; save it with 8`, at);
      if (![1, 3, 4].includes(components)) refuse(`a picture of ${components} components is not read`, at);
      if (width === 0 || height === 0 || width * height > MOST_PIXELS || Math.max(width, height) > LONGEST_SIDE) {
        refuse(`a picture of ${width}×${height} is not read (${PICTURE_LIMITS})`, at);
      }
      frame = { width, height, components };
    }
    if (marker === 0xe1 && scans === 0) orientation = orientationIn(segment) ?? orientation;
    if (marker === 0xda) {
      if (frame === undefined) return refuse('there is a scan before the frame', at);
      scans++;
      if (scans * frame.width * frame.height > MOST_SCANNED) {
        refuse(`${scans} scans of ${frame.width}×${frame.height} pixels are not read; save it as a baseline JPEG`, at);
      }
    }
    at += 2 + length;
  }
  if (frame === undefined || scans === 0) return refuse('the JPEG ends before its pixels', bytes.length);
  return { ...frame, orientation };
}

/** Neither a byte 255 of the pixels, which a 0 follows, nor a restart between them, nor a fill byte. */
function isMarker(bytes: Uint8Array, at: number): boolean {
  const code = bytes[at + 1]!;
  return bytes[at] === 0xff && code !== 0 && code !== 0xff && !(code >= 0xd0 && code <= 0xd7);
}

/** SOF0 to SOF15, without those that have other meanings (DHT, JPG, DAC). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Exif's orientation in a segment APP1; null where there is none. */
function orientationIn(segment: Uint8Array): number | null {
  const START = 6;
  if (String.fromCharCode(...segment.subarray(0, START)) !== 'Exif\0\0' || segment.length < START + 8) return null;
  const tiff = new DataView(segment.buffer, segment.byteOffset + START, segment.length - START);
  const little = tiff.getUint16(0) === 0x4949;
  const directory = tiff.getUint32(4, little);
  if (directory + 2 > tiff.byteLength) return null;
  const count = tiff.getUint16(directory, little);
  for (let i = 0, at = directory + 2; i < count && at + 12 <= tiff.byteLength; i++, at += 12) {
    if (tiff.getUint16(at, little) !== 0x0112) continue;
    const value = tiff.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
}

/** The picture turned and mirrored as its orientation says. */
function upright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { width, height, data, channels = 3 } = picture;
  const turned = orientation > 4;
  const [columns, rows] = turned ? [height, width] : [width, height];
  const mirrorX = [2, 3, 7, 8].includes(orientation);
  const mirrorY = [3, 4, 6, 7].includes(orientation);
  const result = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      // In the stored picture, after turning back.
      const [u, v] = turned ? [y, x] : [x, y];
      const column = mirrorX ? width - 1 - u : u;
      const row = mirrorY ? height - 1 - v : v;
      const from = (row * width + column) * channels;
      for (let c = 0; c < channels; c++) result[to++] = data[from + c]!;
    }
  }
  return { ...picture, width: columns, height: rows, data: result };
}
