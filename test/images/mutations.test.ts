/**
 * Damaged pictures of every kind: each is decoded or refused by an error of ours, within two seconds.
 *
 *     npm run test:long       20,000 of them; otherwise 400
 */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeImage, fitImage } from '../../src/images/index.js';
import { LanewiseError } from '../../src/index.js';
import { CHANNELS, png, pngChunk } from '../support/png.js';
import { uniform } from '../support/random.js';

const { MODE } = (import.meta as unknown as { env: { MODE: string } }).env;
const COUNT = MODE === 'long' ? 20_000 : 400;
const MOST_SECONDS = 2;
const SIGNATURE_BYTES = 8;

const FILES = path.join(import.meta.dirname, 'files');
const random = uniform(14);
const below = (limit: number): number => Math.floor(random() * limit);

/** PNG files of every kind, and the pictures that Pillow wrote. */
const pictures: Uint8Array[] = [
  ...fs
    .readdirSync(FILES)
    .filter((name) => !name.endsWith('.json'))
    .map((name) => fs.readFileSync(path.join(FILES, name))),
  ...Object.entries({ 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] }).flatMap(
    ([type, depths]) =>
      depths.flatMap((depth) =>
        [false, true].map((interlaced) => {
          const kind = { width: 11, height: 9, depth, colourType: Number(type), interlaced };
          const palette = pngChunk(
            'PLTE',
            Buffer.from(Array.from({ length: 3 * 2 ** Math.min(depth, 8) }, (_, i) => i & 255)),
          );
          return png(kind, (x, y, c) => (7 * x + 3 * y + c) % 2 ** depth, type === '3' ? [palette] : []);
        }),
      ),
  ),
];

/** A copy with turned bits, extreme numbers, and parts that are cut out, moved or those of another file. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let times = 1 + below(4); times > 0; times--) {
    const at = below(random() < 0.6 ? Math.min(copy.length, 200) : copy.length);
    const extreme = [0, 0xff, 0x7f, 0x80, 1, 0xd8, 0xda, 0xc2][below(8)]!;
    switch (below(7)) {
      case 0:
        copy[at]! ^= 1 << below(8);
        break;
      case 1:
        copy[at] = extreme;
        break;
      case 2:
        copy.fill(extreme, at, at + 1 + below(8));
        break;
      case 3:
        copy.copyWithin(at, below(copy.length), below(copy.length));
        break;
      case 4: {
        const other = pictures[below(pictures.length)]!;
        const from = below(other.length);
        copy.set(other.subarray(from, from + Math.min(1 + below(64), copy.length - at)), at);
        break;
      }
      case 5:
        return copy.slice(0, at);
      default:
        return Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(at + below(16))]);
    }
  }
  return copy;
}

/** The chunks of a PNG with the checksums of what they hold: damage gets further. */
function checksummed(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let at = SIGNATURE_BYTES; at + 12 <= copy.length; ) {
    const end = at + 12 + copy.readUInt32BE(at);
    if (end > copy.length) break;
    copy.writeUInt32BE(zlib.crc32(copy.subarray(at + 4, end - 4)), end - 4);
    at = end;
  }
  return copy;
}

test(`${COUNT} damaged pictures`, () => {
  expect(pictures.length).toBeGreaterThan(Object.keys(CHANNELS).length);
  let [decoded, refused] = [0, 0];
  for (let i = 0; i < COUNT; i++) {
    const bytes = damaged(pictures[i % pictures.length]!);
    const file = bytes[0] === 0x89 && random() < 0.8 ? checksummed(bytes) : bytes;
    const start = performance.now();
    try {
      const picture = decodeImage(file);
      expect(fitImage(picture, { shape: [3, 4, 4] }).length).toBe(48);
      decoded++;
    } catch (error) {
      if (!(error instanceof LanewiseError)) throw error;
      refused++;
    }
    expect((performance.now() - start) / 1000, `picture ${i}`).toBeLessThan(MOST_SECONDS);
  }
  expect(Math.min(decoded, refused)).toBeGreaterThan(COUNT / 20);
});

test('small files that claim to be large are refused, or decoded at once', () => {
  const jpeg = Uint8Array.from(fs.readFileSync(path.join(FILES, 'progressive.jpg')));
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc2);
  const sized = (side: number): Uint8Array => {
    const copy = jpeg.slice();
    new DataView(copy.buffer).setUint16(frame + 5, side);
    new DataView(copy.buffer).setUint16(frame + 7, side);
    return copy;
  };
  expect(() => decodeImage(sized(4097))).toThrow('a picture of 4097×4097 is not read');
  const start = performance.now();
  expect(() => decodeImage(sized(4096))).toThrow(LanewiseError);
  expect(performance.now() - start).toBeLessThan(1000 * MOST_SECONDS);
  // The scans of the picture again and again: each goes over all of its pixels.
  const scan = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xda);
  const many = Uint8Array.from([
    ...sized(4096).subarray(0, -2),
    ...jpeg.subarray(scan, -2),
    ...jpeg.subarray(scan, -2),
  ]);
  expect(() => decodeImage(many)).toThrow(/scans of 4096×4096 pixels are not read/);
});
