/** In a file, and so a process, of its own: guards stay on. The net that catches kernels that write out of bounds. */
import { beforeAll, expect, test } from 'vitest';
import '../../src/runtime/inlined/carried.js';
import { setGuards } from '../../src/runtime/guards.js';
import { allocate, release, viewU8 } from '../../src/runtime/memory.js';

beforeAll(() => setGuards(true));

test.each<[number, RegExp | null]>([
  [0, null],
  [9, null],
  [-1, /a kernel wrote 1 bytes before a range of 10 bytes/],
  [-64, /a kernel wrote 64 bytes before a range of 10 bytes/],
  [10, /a kernel wrote past the end, at byte 10 of a range of 10 bytes/],
  [15, /a kernel wrote past the end, at byte 15 of a range of 10 bytes/],
  [73, /a kernel wrote past the end, at byte 73 of a range of 10 bytes/],
])('a byte at %i of ten', (at, message) => {
  const address = allocate(10);
  viewU8(address + at, 1)[0] = 1;
  if (message === null) expect(() => release(address, 10)).not.toThrow();
  else expect(() => release(address, 10)).toThrow(message);
});
