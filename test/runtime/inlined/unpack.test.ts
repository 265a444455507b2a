/** Modules taken apart by scripts/build/wasm-streams.mjs, and put together by the library. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { splitWasm } from '../../../scripts/build/wasm-streams.mjs';
import { unpackKernels } from '../../../src/runtime/inlined/unpack.js';
import { joinWasm } from '../../../src/runtime/inlined/wasmStreams.js';
import { kernelsText as baseline } from '../../../src/runtime/kernels.baseline.generated.js';
import { kernelsText as relaxed } from '../../../src/runtime/kernels.relaxed.generated.js';

const root = path.resolve(import.meta.dirname, '../../..');

test.each([
  ['kernels.wasm', baseline],
  ['kernels.relaxed.wasm', relaxed],
])('%s is what the library carries', (name, text) => {
  expect(fs.readFileSync(path.join(root, 'dist', name)).equals(unpackKernels(text))).toBe(true);
});

const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(Math.floor(value / 128))];
const section = (id: number, contents: number[]): number[] => [id, ...unsigned(contents.length), ...contents];
const body = (code: number[], locals: number[] = [0]): number[] => [
  ...unsigned(locals.length + code.length),
  ...locals,
  ...code,
];

/** A module of functions () → (). */
function moduleOf(bodies: number[][]): Uint8Array {
  const module = Uint8Array.from([
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [...unsigned(bodies.length), ...bodies.map(() => 0)]),
    ...section(5, [1, 0, 1]),
    ...section(10, [...unsigned(bodies.length), ...bodies.flat()]),
    ...section(0, [4, 110, 111, 116, 101, 1, 2, 3]),
  ]);
  expect(WebAssembly.validate(module)).toBe(true);
  return module;
}

const [END, DROP] = [0x0b, 0x1a];
const vector = [0xfd, 12, ...Array.from({ length: 16 }, (_, i) => 16 * i)];

test.each<[string, number[][]]>([
  ['functions that do nothing', [body([END]), body([END])]],
  [
    'constants of all kinds',
    [
      body([
        0x41,
        0x80,
        0x80,
        0x7c,
        DROP,
        0x42,
        0xff,
        0x7e,
        DROP,
        0x43,
        1,
        2,
        3,
        4,
        DROP,
        0x44,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        DROP,
        ...vector,
        DROP,
        END,
      ]),
    ],
  ],
  [
    'local variables, more than a byte can name',
    [body([0x41, 7, 0x22, 0xac, 2, 0x21, 0, 0x20, 0xac, 2, DROP, END], [2, 0xc8, 1, 0x7f, 0xc8, 1, 0x7f])],
  ],
  ['a lane that follows its address', [body([0x41, 0, ...vector, 0xfd, 86, 2, 0x90, 1, 3, DROP, END])]],
  [
    'blocks, branches, calls, memory',
    [
      body([
        0x02,
        0x40,
        0x03,
        0x40,
        0x41,
        0,
        0x0d,
        1,
        0x0c,
        0,
        END,
        END,
        0x10,
        0,
        0x3f,
        0,
        DROP,
        0x41,
        0,
        0x41,
        0,
        0x41,
        0,
        0xfc,
        10,
        0,
        0,
        0x41,
        0,
        0x41,
        0,
        0x41,
        0,
        0xfc,
        11,
        0,
        END,
      ]),
    ],
  ],
  // A function of 300 bytes and one of 20,000: lengths of two and of three bytes.
  [
    'long functions',
    [
      body([...Array<number[]>(100).fill([0x41, 1, DROP]).flat(), END]),
      body([...Array<number[]>(5_000).fill([0x41, 0x81, 1, DROP]).flat(), END]),
    ],
  ],
  [
    'more instructions than a byte can tell apart',
    [
      body([
        ...Array.from({ length: 300 }, (_, depth) => [0x02, 0x40, 0x41, 0, 0x0d, ...unsigned(depth)]).flat(),
        ...Array<number>(300).fill(END),
        END,
      ]),
    ],
  ],
])('%s come back byte for byte', (_what, bodies) => {
  const module = moduleOf(bodies);
  expect(joinWasm(splitWasm(module))).toEqual(module);
});

test('an instruction that is not known is refused when the kernels are built', () => {
  // memory.atomic.notify
  const module = Uint8Array.from([
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(10, [1, ...body([0x41, 0, 0x41, 0, 0xfe, 0, 2, 0, DROP, END])]),
  ]);
  expect(() => splitWasm(module)).toThrow(/not known here: fe 0/);
});
