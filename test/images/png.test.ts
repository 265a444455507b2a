/** The reader of PNG files: every kind of pixels, and files that ask for more than they should. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodePng } from '../../src/images/png.js';
import { FileFormatError, MissingDataError } from '../../src/index.js';
import { readImage } from '../../src/node/index.js';
import { CHANNELS, type PngKind, png, pngChunk, pngHeader, pngOf, pngPixels } from '../support/png.js';
import { uniform } from '../support/random.js';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-png-'));
afterAll(() => fs.rmSync(directory, { recursive: true }));

const refusal = (body: () => unknown): Error => {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was read');
};

const KINDS: readonly (readonly [colourType: number, depth: number, interlaced: boolean])[] = [
  ...[1, 2, 4, 8, 16].map((depth) => [0, depth, false] as const),
  ...[1, 2, 4, 8, 16].map((depth) => [0, depth, true] as const),
  ...[2, 4, 6].flatMap((type) => [8, 16].flatMap((depth) => [false, true].map((each) => [type, depth, each] as const))),
];

describe('every kind of pixels', () => {
  test.each(KINDS)('colour type %i of %i bits, interlaced: %s', (colourType, depth, interlaced) => {
    const random = uniform(depth + 100 * colourType);
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [9, 13],
      [17, 5],
    ] as const) {
      const kind = { width, height, depth, colourType, interlaced };
      const channels = CHANNELS[colourType]!;
      const values = Array.from({ length: width * height * channels }, () => Math.floor(random() * 2 ** depth));
      const picture = decodePng(
        png(kind, (x, y, c) => values[(y * width + x) * channels + c]!),
        'a.png',
      );
      expect(picture).toMatchObject({ width, height, channels, depth: depth === 16 ? 16 : 8 });
      expect(Array.from(picture.data)).toEqual(
        values.map((value) => (depth < 8 ? (value * 255) / (2 ** depth - 1) : value)),
      );
    }
  });

  test.each([1, 2, 4, 8])('a palette of %i bits, with and without transparency', (depth) => {
    const kind = { width: 7, height: 6, depth, colourType: 3 };
    const random = uniform(depth);
    const places = Array.from({ length: 42 }, () => Math.floor(random() * 2 ** depth));
    const colours = Array.from({ length: 2 ** depth }, (_, i) => [i, 255 - i, (7 * i) % 256]);
    const sample = (x: number, y: number): number => places[7 * y + x]!;
    const palette = pngChunk('PLTE', Buffer.from(colours.flat()));
    const plain = decodePng(png(kind, sample, [palette]), 'a.png');
    expect(plain).toMatchObject({ channels: 3, depth: 8 });
    expect(Array.from(plain.data)).toEqual(places.flatMap((place) => colours[place]!));
    const seeThrough = decodePng(png(kind, sample, [palette, pngChunk('tRNS', Buffer.of(9))]), 'a.png');
    expect(seeThrough).toMatchObject({ channels: 4, depth: 8 });
    expect(Array.from(seeThrough.data)).toEqual(places.flatMap((place) => [...colours[place]!, place === 0 ? 9 : 255]));
  });

  test.each([
    [0, 1],
    [0, 2],
    [0, 8],
    [0, 16],
    [2, 8],
    [2, 16],
  ])('one transparent colour: type %i of %i bits', (colourType, depth) => {
    const kind = { width: 2, height: 1, depth, colourType };
    const channels = CHANNELS[colourType]!;
    // Two bytes each, of which only the low bits count.
    const nothing = Buffer.from(Array.from({ length: channels }, () => [depth === 16 ? 1 : 0, 1]).flat());
    const value = depth === 16 ? 257 : 1;
    const picture = decodePng(
      png(kind, (x) => (x === 0 ? value : 0), [pngChunk('tRNS', nothing)]),
      'a.png',
    );
    const shown = depth < 8 ? 255 / (2 ** depth - 1) : value;
    const pixel = (of: number, alpha: number): number[] => [...Array<number>(channels).fill(of), alpha];
    expect(Array.from(picture.data)).toEqual([...pixel(shown, 0), ...pixel(0, depth === 16 ? 65_535 : 255)]);
  });

  test('a palette that is only suggested, and pixels in many chunks, change nothing', () => {
    const kind = { width: 4, height: 4, depth: 8, colourType: 2 };
    const sample = (x: number, y: number, c: number): number => 16 * x + 4 * y + c;
    const wanted = decodePng(png(kind, sample), 'a.png');
    expect(decodePng(png(kind, sample, [pngChunk('PLTE', Buffer.alloc(6, 7))]), 'a.png')).toEqual(wanted);
    const pieces = Array.from(pngPixels(kind, sample), (byte) => pngChunk('IDAT', Buffer.of(byte)));
    const empty = pngChunk('IDAT', Buffer.alloc(0));
    expect(decodePng(pngOf([pngHeader(kind), empty, ...pieces, empty]), 'a.png')).toEqual(wanted);
  });
});

describe('files that ask for too much', () => {
  const flat = (kind: PngKind): Buffer => pngOf([pngHeader(kind), pngChunk('IDAT', Buffer.alloc(20))]);

  test.each([
    [{ width: 4097, height: 4096, depth: 1, colourType: 0 }, /4097×4096 is not read \(at most 16777216 pixels/],
    [{ width: 65_536, height: 1, depth: 8, colourType: 0 }, /65536×1 is not read \(.* sides of 1 to 65535\)/],
    [{ width: 1, height: 65_536, depth: 8, colourType: 0 }, /1×65536 is not read/],
    [{ width: 0, height: 5, depth: 8, colourType: 0 }, /0×5 is not read/],
    [
      { width: 4096, height: 4096, depth: 16, colourType: 6, interlaced: true },
      /64 bits per pixel is not read \(at most 67108864 bytes\)/,
    ],
    [{ width: 4096, height: 4096, depth: 16, colourType: 2 }, /48 bits per pixel is not read/],
  ])('%j is refused by its header: nothing is decoded', (kind, message) => {
    const error = refusal(() => decodePng(flat(kind), 'a.png'));
    expect(error).toBeInstanceOf(FileFormatError);
    expect(error.message).toMatch(message);
  });

  test('more compressed pixels than the header says are not decoded', () => {
    const large = pngPixels({ width: 3000, height: 3000, depth: 8, colourType: 6 }, () => 0);
    const bytes = pngOf([pngHeader({ width: 9, height: 9, depth: 8, colourType: 6 }), pngChunk('IDAT', large)]);
    expect(refusal(() => decodePng(bytes, 'a.png')).message).toContain('more than the 333 bytes of the picture');
  });

  test('the longest sides are read', () => {
    for (const [width, height] of [
      [65_535, 1],
      [1, 65_535],
    ] as const) {
      const picture = decodePng(
        png({ width, height, depth: 1, colourType: 0 }, (x, y) => (x + y) & 1),
        'a.png',
      );
      expect(picture).toMatchObject({ width, height });
      expect([picture.data.length, picture.data[0], picture.data[1], picture.data[65_533]]).toEqual([
        65_535, 0, 255, 255,
      ]);
    }
  });

  const indexed = { width: 2, height: 2, depth: 8, colourType: 3 };
  const [two, clear] = [pngChunk('PLTE', Buffer.alloc(6)), pngChunk('tRNS', Buffer.of(0, 0, 0))];
  test.each([
    ['no palette', indexed, [], /palette is missing/],
    ['a palette of 257', indexed, [pngChunk('PLTE', Buffer.alloc(771))], /1 to 256 colours of 3 bytes, not 771 bytes/],
    ['half a colour', indexed, [pngChunk('PLTE', Buffer.alloc(4))], /not 4 bytes/],
    ['two palettes', indexed, [two, two], /second chunk PLTE/],
    ['a colour outside of the palette', indexed, [two], /colour 2 of a palette of 2/],
    ['transparency of colours that are not there', indexed, [two, clear], /3 colours are transparent, .* has 2/],
    ['transparency before the palette', indexed, [clear, two], /3 colours are transparent, .* has 0/],
    [
      'two transparent colours of grey',
      { ...indexed, colourType: 0 },
      [pngChunk('tRNS', Buffer.alloc(4))],
      /4 bytes instead of 2/,
    ],
    [
      'a transparent colour beside alpha',
      { ...indexed, colourType: 6 },
      [pngChunk('tRNS', Buffer.alloc(6))],
      /6 bytes instead of 0/,
    ],
  ])('%s', (_name, kind, extra, message) => {
    const error = refusal(() =>
      decodePng(
        png(kind, (x, y) => 2 * y + x, extra),
        'a.png',
      ),
    );
    expect(error).toBeInstanceOf(FileFormatError);
    expect(error.message).toMatch(message);
  });

  test('a file that is longer than any picture is not read', async () => {
    const file = path.join(directory, 'long.png');
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 2 ** 27 + 1);
    const error = await readImage(file).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MissingDataError);
    expect((error as Error).message).toContain('it has 134217729 bytes, more than the 134217728 that are read');
  });

  test('what is not a regular file is not read', async () => {
    const error = await readImage(directory).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MissingDataError);
    expect((error as Error).message).toContain(`${directory}: cannot be read: it is a directory`);
  });
});
