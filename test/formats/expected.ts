/** The fixtures that `make.py` wrote, and what they hold. */
import fs from 'node:fs';
import path from 'node:path';

export const FIXTURES = path.join(import.meta.dirname, 'fixtures');

export interface Expected {
  readonly error?: string;
  readonly value?: unknown;
  /** What it gives with `{ lossy: true }`. */
  readonly lossy?: unknown;
}

export const expected = JSON.parse(fs.readFileSync(path.join(FIXTURES, 'expected.json'), 'utf8')) as Record<
  string,
  Expected
>;

export const fixture = (name: string): Uint8Array => new Uint8Array(fs.readFileSync(path.join(FIXTURES, name)));

/** A value as `make.py` writes it: tensors by dtype, shape and bytes. */
export function described(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: hex(value) };
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
  if (Array.isArray(value)) return value.map(described);
  if (typeof value !== 'object' || value === null) return value;
  const { dtype, shape, data } = value as { dtype?: unknown; shape?: unknown; data?: unknown };
  if (ArrayBuffer.isView(data))
    return {
      $tensor: { dtype, shape, hex: hex(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) },
    };
  // An own property of every name, also of `__proto__`.
  const entries = Object.entries(value).map(([key, item]) => [key, described(item)] as const);
  return Object.fromEntries(entries);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
