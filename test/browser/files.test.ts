/** The worker that reads the files given to the page, outside of a page. */
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { pngChunk, pngHeader, pngOf } from '../support/png.js';

const bitmap = vi.fn((_file: File): Promise<unknown> => Promise.reject(new Error('a bitmap was asked for')));
const canvas = vi.fn(
  class {
    constructor() {
      throw new Error('a canvas was asked for');
    }
  },
);
const post = vi.fn();

beforeAll(async () => {
  Object.assign(globalThis, { onmessage: null, postMessage: post, createImageBitmap: bitmap, OffscreenCanvas: canvas });
  await import('../../src/browser/files.worker.js');
});

beforeEach(() => {
  vi.clearAllMocks();
});

async function answerTo(file: File): Promise<{ is: string; message: string }> {
  await (globalThis as unknown as { onmessage: (event: object) => Promise<void> }).onmessage({ data: [file] });
  return post.mock.calls[0]![0] as { is: string; message: string };
}

function headOf(width: number, height: number): File {
  const bytes = pngOf([pngHeader({ width, height, depth: 1, colourType: 0 }), pngChunk('IDAT', Buffer.alloc(9))]);
  return new File([Uint8Array.from(bytes)], '7.png');
}

const TOO_LARGE = [
  [4097, 4096],
  [65_536, 1],
  [0x7fff_ffff, 0x7fff_ffff],
] as const;

test.each(TOO_LARGE)('a PNG file of %i×%i is refused before the browser decodes it', async (width, height) => {
  const { is, message } = await answerTo(headOf(width, height));
  expect(is).toBe('error');
  expect(message).toMatch(
    new RegExp(`^7\\.png: a picture of ${width}×${height} is not read \\(at most 16777216 pixels`),
  );
  expect(bitmap).not.toHaveBeenCalled();
});

test('other pictures are refused by their bitmap: no canvas of their size is made', async () => {
  bitmap.mockResolvedValueOnce({ width: 30_000, height: 30_000 });
  const { message } = await answerTo(new File([Buffer.alloc(100)], '7.webp', { type: 'image/webp' }));
  expect(message).toMatch(/^7\.webp: a picture of 30000×30000 is not read/);
  expect(canvas).not.toHaveBeenCalled();
});

test('pictures of the largest size are left to the browser', async () => {
  await answerTo(headOf(4096, 4096));
  expect(bitmap).toHaveBeenCalledTimes(1);
});
