import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { idxLength } from '../../src/data/idx.js';
import { FileFormatError, gunzip, isGzip, parseIdx } from '../../src/index.js';
import { gunzipSync } from '../../src/node/index.js';
import { bitFlipped, truncated } from '../support/damage.js';
import { idx } from '../support/idx.js';

const text = new TextEncoder().encode('lanewise '.repeat(500));
const compressed = new Uint8Array(zlib.gzipSync(text));

/** Both ways of decompressing: in any runtime, and in Node at once. */
const ways = [
  ['gunzip', gunzip],
  ['gunzipSync', async (...args: Parameters<typeof gunzipSync>) => gunzipSync(...args)],
] as const;

describe.each(ways)('%s', (_name, decompress) => {
  const refusal = async (
    bytes: Uint8Array,
    limit: Parameters<typeof gunzip>[1]['limit'] = 1e6,
  ): Promise<FileFormatError> => {
    const error: unknown = await decompress(bytes, { name: 'file.gz', limit }).then(
      () => expect.fail('it was read'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FileFormatError);
    expect((error as FileFormatError).file).toBe('file.gz');
    return error as FileFormatError;
  };

  test('gives back what was compressed', async () => {
    expect(new Uint8Array(await decompress(compressed, { limit: text.length }))).toEqual(text);
    expect(new Uint8Array(await decompress(new Uint8Array(zlib.gzipSync(new Uint8Array(0))), { limit: 0 }))).toEqual(
      new Uint8Array(0),
    );
    expect([isGzip(compressed), isGzip(text), isGzip(new Uint8Array(0))]).toEqual([true, false, false]);
  });

  test('stops at the limit: a bomb costs no more than is expected', async () => {
    expect((await refusal(compressed, text.length - 1)).message).toMatch(
      /file\.gz at byte 4499: more than the 4499 bytes/,
    );
    const bomb = new Uint8Array(zlib.gzipSync(Buffer.alloc(300_000_000), { level: 1 }));
    expect(bomb.length).toBeLessThan(2_000_000);
    const before = process.memoryUsage.rss();
    await refusal(bomb, 1000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
  });

  test('the beginning may say what is expected', async () => {
    const bytes = idx(
      8,
      [3, 1000],
      Array.from({ length: 3000 }, (_, i) => i),
    );
    const limit = (head: Uint8Array) => idxLength(head, 'file.gz');
    expect(parseIdx(await decompress(new Uint8Array(zlib.gzipSync(bytes)), { limit })).shape).toEqual([3, 1000]);
    const longer = new Uint8Array(zlib.gzipSync(Buffer.concat([bytes, Buffer.alloc(1_000_000)])));
    expect((await refusal(longer, limit)).offset).toBe(3012);
    expect((await refusal(compressed, limit)).message).toMatch(/two zero bytes/);
    const huge = new Uint8Array(zlib.gzipSync(idx(8, [0xffff_ffff, 28, 28], [])));
    expect((await refusal(huge, limit)).message).toMatch(
      /said to hold 3367254359[0-9]+ bytes, more than the 1073741824/,
    );
  });

  test('refuses what is not a gzip file, or a damaged one', async () => {
    expect((await refusal(text)).offset).toBe(0);
    expect((await refusal(compressed.slice(0, 30))).message).toMatch(/30 bytes\) are truncated or corrupt/);
    expect((await refusal(new Uint8Array([...compressed, 1, 2, 3]))).message).toMatch(/truncated or corrupt/);
    for (const copy of truncated(compressed)) await refusal(copy);
    let read = 0;
    for (const copy of bitFlipped(compressed, 300, 12)) {
      await decompress(copy, { limit: 1e5 }).then(
        () => read++,
        (error: unknown) => expect(error).toBeInstanceOf(FileFormatError),
      );
    }
    // Bits of the name, the time and the system do not matter.
    expect(read).toBeLessThan(150);
  });
});
