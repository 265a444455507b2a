import { afterEach, expect, test, vi } from 'vitest';
import { decodeBase64 } from '../../../src/runtime/inlined/base64.js';

const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => (i * i) >> 3);
const text = Buffer.from(bytes).toString('base64');

afterEach(() => vi.unstubAllGlobals());

test('by Buffer, where there is one', () => expect(Uint8Array.from(decodeBase64(text))).toEqual(bytes));

test('by atob, in pages', () => {
  const { fromBase64 } = Uint8Array as { fromBase64?: unknown };
  Reflect.deleteProperty(Uint8Array, 'fromBase64');
  vi.stubGlobal('Buffer', undefined);
  try {
    expect(decodeBase64(text)).toEqual(bytes);
    expect(decodeBase64('')).toEqual(new Uint8Array(0));
  } finally {
    if (fromBase64 !== undefined) Object.assign(Uint8Array, { fromBase64 });
  }
});
