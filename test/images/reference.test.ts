/** Decoding and scaling against Pillow: test/images/make.py writes the files and what Pillow makes of them. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeImage, fitImage, type ImageFit } from '../../src/images/index.js';

const FILES = path.join(import.meta.dirname, 'files');

interface Facts {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: string;
  readonly images?: Readonly<Record<string, string>>;
}

const facts: Record<string, Facts> = JSON.parse(fs.readFileSync(path.join(FILES, 'facts.json'), 'utf8'));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(Object.entries(facts))('%s', (name, { width, height, channels, pixels, images = {} }) => {
  const picture = decodeImage(fs.readFileSync(path.join(FILES, name)), name);

  test('has the pixels that Pillow reads', () => {
    expect([picture.width, picture.height]).toEqual([width, height]);
    let data = picture.data as Uint8Array;
    if (channels === 3 && picture.channels === 4) data = data.filter((_, i) => i % 4 < 3);
    expect(sha256(data)).toBe(pixels);
  });

  test('becomes the images that Pillow makes', () => {
    for (const [made, wanted] of Object.entries(images)) {
      const [fit, size] = made.split(' ') as [ImageFit, string];
      const shape = size.split('x').map(Number) as [number, number, number];
      expect([made, sha256(fitImage(picture, { shape, fit }))]).toEqual([made, wanted]);
    }
  });
});
