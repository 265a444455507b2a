/** Pictures out of files, by what they begin with. */
import type { Picture } from '../data/image.js';
import { checkArguments } from '../runtime/arguments.js';
import { bytesOf } from '../runtime/bytes.js';
import { FileFormatError } from '../runtime/errors.js';
import { decodeJpeg } from './jpeg.js';
import { MOST_FILE_BYTES } from './pictureFiles.js';
import { decodePng, PNG_SIGNATURE } from './png.js';
import { decodeWebp } from './webp.js';

type Decoder = (bytes: Uint8Array, file: string) => Picture;

const ascii = (text: string, at = 0) => [...text].map((letter, i) => [at + i, letter.charCodeAt(0)] as const);

/** Bytes by their places, and what they are the beginning of. */
const KINDS: readonly (readonly [bytes: readonly (readonly [number, number])[], decoder: Decoder | string])[] = [
  [[...PNG_SIGNATURE].map((byte, i) => [i, byte] as const), decodePng],
  [[0xff, 0xd8, 0xff].map((byte, i) => [i, byte] as const), decodeJpeg],
  [[...ascii('RIFF'), ...ascii('WEBP', 8)], decodeWebp],
  [ascii('GIF8'), 'a GIF'],
  [ascii('BM'), 'a BMP'],
  [ascii('II*\0'), 'a TIFF'],
  [ascii('MM\0*'), 'a TIFF'],
  [ascii('ftyp', 4), 'a HEIC, an AVIF or a video'],
];

/**
 * Decodes a picture: PNG (all kinds: palettes, 1 to 16 bits, alpha, interlaced), JPEG (baseline and progressive, grey,
 * colour and CMYK; turned upright where Exif says how) or WebP (lossy and lossless). The kind is told by the contents.
 * The decoders are part of lanewise: a file gives the same bytes in every browser and in Node.
 *
 * What a file may ask for is limited, whatever its length: 2²⁴ pixels, and for progressive JPEG 16 scans of that many.
 *
 * @param name for error messages
 * @throws {FileFormatError} when it is of another kind, damaged, truncated, animated or larger than that
 * @example
 * const { width, height, data } = decodeImage(photo, 'photo.jpg');
 */
export function decodeImage(bytes: Uint8Array | ArrayBuffer, name = 'image'): Picture {
  checkArguments('decodeImage(bytes, name?="photo.jpg")', bytes, name);
  const file = bytesOf(bytes, 'decodeImage');
  if (file.length > MOST_FILE_BYTES)
    throw new FileFormatError(`the file has ${file.length} bytes; at most ${MOST_FILE_BYTES} are read`, { file: name });
  const found = KINDS.find(([places]) => places.every(([at, byte]) => file[at] === byte));
  if (typeof found?.[1] === 'function') return found[1](file, name);
  const kind = found === undefined ? 'neither PNG, JPEG nor WebP' : `${found[1]}, which is not read`;
  throw new FileFormatError(`this is ${kind}`, { file: name, hint: 'save it as PNG, JPEG or WebP' });
}
