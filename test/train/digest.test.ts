import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { digest, scope, tensor } from '../../src/index.js';

const inScope = (name: string, body: () => void) =>
  test(name, () => {
    scope(() => body());
  });

inScope('is the SHA-256 of names, shapes and little-endian elements, by name', () => {
  const state = {
    'b.weight': tensor([
      [1, -0],
      [0.5, 3],
    ]),
    a: tensor([7], { dtype: 'int32' }),
    c: tensor([1, 255], { dtype: 'uint8' }),
  };
  const floats = Buffer.alloc(16);
  [1, -0, 0.5, 3].forEach((value, i) => floats.writeFloatLE(value, 4 * i));
  const message = Buffer.concat([
    Buffer.from('a\0int32[1]\0'),
    Buffer.from([7, 0, 0, 0]),
    Buffer.from('b.weight\0float32[2,2]\0'),
    floats,
    Buffer.from('c\0uint8[2]\0'),
    Buffer.from([1, 255]),
  ]);
  expect(digest(state)).toBe(createHash('sha256').update(message).digest('hex'));
  expect(digest({ c: state.c, a: state.a, 'b.weight': state['b.weight'] }), 'whatever the order of the keys').toBe(
    digest(state),
  );
});

inScope('tells apart what differs in one bit, shape or name', () => {
  const digests = [
    digest({ a: tensor([0, 1]) }),
    digest({ a: tensor([-0, 1]) }),
    digest({ a: tensor([0, 1.0000001192092896]) }),
    digest({ a: tensor([[0, 1]]) }),
    digest({ b: tensor([0, 1]) }),
    digest({ a: tensor([0, 1], { dtype: 'int32' }) }),
    digest({}),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

inScope('takes every NaN for the same', () => {
  const other = tensor(new Float32Array(new Uint32Array([0xffc0_1234]).buffer));
  expect(Number.isNaN(other.item())).toBe(true);
  expect(digest({ a: other })).toBe(digest({ a: tensor([NaN]) }));
});
