import { describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/index.js';
import { file, refusal, state } from './made.js';

describe('the checksum', () => {
  /** Header and data of a file of ours, as other programs see them. */
  function parts(bytes: Uint8Array) {
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
      string,
      { data_offsets: number[] }
    >;
    return {
      header,
      metadata: header.__metadata__ as unknown as Record<string, string>,
      data: bytes.subarray(8 + length),
    };
  }

  /** What another program writes that keeps the metadata: texts and tensors in its own order and layout. */
  function rewritten(
    bytes: Uint8Array,
    change: (metadata: Record<string, string>, data: Uint8Array) => void = () => {},
  ): Uint8Array {
    const {
      header: { __metadata__: _, ...entries },
      metadata,
      data: whole,
    } = parts(bytes);
    const data = whole.slice();
    change(metadata, data);
    let end = 0;
    const chunks: Uint8Array[] = [];
    const described = Object.entries(entries)
      .reverse()
      .map(([name, entry]) => {
        const [from, to] = entry.data_offsets as [number, number];
        chunks.push(data.subarray(from, to));
        end += to - from;
        return [name, { ...entry, data_offsets: [end - (to - from), end] }];
      });
    const made = file(
      JSON.stringify({
        ...Object.fromEntries(described),
        __metadata__: Object.fromEntries(Object.entries(metadata).reverse()),
      }),
      end,
    );
    made.set(Buffer.concat(chunks), made.length - end);
    return made;
  }

  test('is in every file that is written, and is not among the metadata that are read', () => {
    expect(parts(state()).metadata.lanewiseChecksum).toMatch(/^lanewise-1:[0-9a-f]{64}$/);
    expect(parts(encodeSafetensors({})).metadata).toEqual({ lanewiseChecksum: expect.any(String) as string });
    expect(decodeSafetensors(state()).metadata).not.toHaveProperty('lanewiseChecksum');
    const { tensors, metadata } = decodeSafetensors(state());
    expect(encodeSafetensors(tensors, { ...metadata, lanewiseChecksum: 'of another file' })).toEqual(state());
  });

  test('a file with any one bit changed is refused', () => {
    const bytes = state();
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(refusal(damaged).file, `bit ${bit}`).toBe('w.safetensors');
    }
  });

  test('detects changed bits, words and blocks anywhere in long data', () => {
    const x = Float32Array.from({ length: 5003 }, (_, i) => i / 7);
    const bytes = encodeSafetensors({
      x: { dtype: 'float32', shape: [5003], data: x },
      labels: { dtype: 'uint8', shape: [13], data: new Uint8Array(13).fill(9) },
    });
    const begin = bytes.length - 4 * 5003 - 13;
    const refused = (change: (data: Uint8Array) => void) => {
      const damaged = bytes.slice();
      change(damaged.subarray(begin));
      expect(refusal(damaged).message).toMatch(
        /is damaged: its contents do not match its checksum\n {2}hint: copy it again/,
      );
    };
    for (let at = 0; at < bytes.length - begin; at += 97)
      refused((data) => {
        data[at]! ^= 0x40;
      });
    refused((data) => data.fill(0, 4096, 8192));
    refused((data) => data.copyWithin(16, 32, 4096));
    refused((data) => data.subarray(0, 64).reverse());
    refused((data) => data.set(data.slice(0, 4), 16));
  });

  test.each([
    ['"7"', '"8"'],
    ['epoch', 'epock'],
    ['first', 'fires'],
    ['[2,3]', '[3,2]'],
    ['"F32"', '"I32"'],
    ['lanewiseChecksum', 'lanewiseChecksun'],
  ])('covers texts, names, types and shapes: %s is not %s', (before, after) => {
    const bytes = encodeSafetensors(
      { first: { dtype: 'float32', shape: [2, 3], data: new Float32Array(6) } },
      { epoch: '7' },
    );
    const changed = Buffer.from(Buffer.from(bytes).toString('latin1').replace(before, after), 'latin1');
    expect(changed.length).toBe(bytes.length);
    expect(refusal(new Uint8Array(changed)).message).toMatch(/is damaged/);
  });

  test('matches the same contents in another layout, and no other contents', () => {
    expect(decodeSafetensors(rewritten(state()))).toEqual(decodeSafetensors(state()));
    expect(() =>
      decodeSafetensors(
        rewritten(state(), (_metadata, data) => {
          data[9]! ^= 1;
        }),
      ),
    ).toThrow(/is damaged/);
    expect(() =>
      decodeSafetensors(
        rewritten(state(), (metadata) => {
          metadata.model = 'cnn';
        }),
      ),
    ).toThrow(/must drop the metadata entry lanewiseChecksum/);
  });

  test('is not required: a file without one is read unverified', () => {
    const others = rewritten(state(), (metadata, data) => {
      delete metadata.lanewiseChecksum;
      data[9]! ^= 1;
    });
    expect(decodeSafetensors(others).metadata).toEqual({ model: 'mlp', größe: '1024 × 512' });
  });
});
