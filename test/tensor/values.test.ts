/**
 * What becomes of values that callers hand over: the same numbers in a tensor, or an error that names the first that
 * cannot be.
 */
import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  arange,
  type DType,
  DTypeError,
  eye,
  full,
  linspace,
  memory,
  nn,
  parseCifar10,
  parseIdx,
  Sha256,
  ShapeError,
  Tensor,
  tensor,
  zeros,
} from '../../src/index.js';

/** Evaluates code in another realm, whose arrays are not instances of this one's classes. */
const elsewhere = (code: string) => vm.runInNewContext(code) as never;

describe('typed arrays', () => {
  const kinds: [string, DType, string][] = [
    ['Float32Array', 'float32', '[1.5, -2, 3e10]'],
    ['Float64Array', 'float32', '[1.5, 300, -1]'],
    ['Int8Array', 'int32', '[-1, 127]'],
    ['Int16Array', 'int32', '[-300, 300]'],
    ['Int32Array', 'int32', '[-16777217, 2147483647]'],
    ['Uint16Array', 'int32', '[300, 65535]'],
    ['Uint32Array', 'int32', '[70000, 2147483647]'],
    ['BigInt64Array', 'int32', '[-5n, 2147483647n]'],
    ['BigUint64Array', 'int32', '[5n]'],
    ['Uint8Array', 'uint8', '[0, 255]'],
    ['Uint8ClampedArray', 'uint8', '[0, 255]'],
  ];
  for (const [name, dtype, values] of kinds) {
    for (const realm of ['here', 'elsewhere']) {
      test(`${name} from ${realm} is ${dtype}`, () => {
        const code = `new ${name}(${values})`;
        const array = (realm === 'here' ? (0, eval)(code) : elsewhere(code)) as Float32Array;
        expect(array instanceof Object).toBe(realm === 'here');
        const numbers = Array.from(array as ArrayLike<number>, Number);
        expect(tensor(array)).toMatchObject({ dtype, shape: [numbers.length] });
        expect([...tensor(array).data()]).toEqual(
          numbers.map((value) => (dtype === 'float32' ? Math.fround(value) : value)),
        );
        expect([...zeros([numbers.length], { dtype }).assign(array).data()]).toEqual([...tensor(array).data()]);
      });
    }
  }

  test('Buffer is uint8, also with an offset', () => {
    expect(tensor(Buffer.from([9, 8, 7]).subarray(1))).toMatchObject({ dtype: 'uint8', shape: [2] });
  });

  test('an integer that does not fit int32 is named', () => {
    expect(() => tensor(new Uint32Array([1, 3e9]))).toThrow(
      new DTypeError('the value at [1] is 3000000000, which does not fit int32 (-2147483648 to 2147483647)', {
        where: 'tensor',
        hint: "use { dtype: 'float32' }, or clamp the values first",
      }),
    );
    expect(() => tensor(new BigInt64Array([2n ** 40n]))).toThrow(/at \[0\] is 1099511627776/);
    expect(tensor(new Uint32Array([3e9]), { dtype: 'float32' }).item()).toBe(3e9);
  });

  test('views that are not arrays of numbers are refused', () => {
    for (const value of [
      new DataView(new ArrayBuffer(4)),
      new ArrayBuffer(4),
      new Map(),
      'text',
      null,
      undefined,
      {},
      tensor([1]),
    ]) {
      expect(() => tensor(value as never), String(value)).toThrow(ArgumentError);
    }
  });
});

describe('nested arrays', () => {
  test('rows may be typed arrays, and give their dtype where all agree', () => {
    expect(tensor([new Float32Array([1, 2]), new Float32Array([3, 4])])).toMatchObject({
      shape: [2, 2],
      dtype: 'float32',
    });
    expect(tensor([new Float64Array([1.5, 2]), [3, 4]]).toArray()).toEqual([
      [1.5, 2],
      [3, 4],
    ]);
    const large = tensor([[new Int32Array([16777217])], [new Int16Array([-1])]]);
    expect(large).toMatchObject({ shape: [2, 1, 1], dtype: 'int32' });
    expect([...large.data()]).toEqual([16777217, -1]);
    expect(tensor([new Uint8Array([7])]).dtype).toBe('uint8');
    expect(tensor([new Uint8Array([7]), [8]]).dtype).toBe('float32');
    expect(tensor([elsewhere('[1, 2]'), elsewhere('new Float32Array([3, 4])')]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('what is not a number is named by its place', () => {
    for (const [values, message] of [
      [
        [
          [1, 2],
          [3, null],
        ],
        'the value at [1][1] is null, not a number',
      ],
      [[undefined, 1], 'the value at [0] is undefined, not a number'],
      [[1, '2'], 'the value at [1] is "2", not a number'],
      [[1, , 3], 'the value at [1] is undefined, not a number'],
      [[1n], 'the value at [0] is 1n, not a number'],
      [[{}], 'the value at [0] is an object, not a number'],
      [[new Date(0)], 'the value at [0] is a Date, not a number'],
    ] as const) {
      expect(() => tensor(values as never)).toThrow(new ArgumentError(message, { where: 'tensor' }));
    }
    expect(tensor([NaN, true, false]).toArray()).toEqual([NaN, 1, 0]);
  });

  test('ragged typed rows are refused', () => {
    expect(() => tensor([new Float32Array(2), new Float32Array(3)])).toThrow(ShapeError);
    expect(() => tensor([new Float32Array(2), 1])).toThrow(/ragged/);
    expect(() =>
      tensor([
        [1, 2],
        [[1], [2]],
      ] as never),
    ).toThrow(/ragged/);
    expect(() => tensor([[[1, 2]], [new Float32Array(2), new Float32Array(2)]])).toThrow(/ragged/);
  });
});

describe('integer dtypes hold integers of their range', () => {
  const misfits: [number, DType][] = [
    [300, 'uint8'],
    [-1, 'uint8'],
    [256, 'uint8'],
    [NaN, 'uint8'],
    [3e9, 'int32'],
    [NaN, 'int32'],
    [Infinity, 'int32'],
  ];
  for (const [value, dtype] of misfits) {
    test(`${value} is not ${dtype}`, () => {
      const source = tensor([
        [1, 2],
        [0, value],
      ]);
      for (const convert of [
        () =>
          tensor(
            [
              [1, 2],
              [0, value],
            ],
            { dtype },
          ),
        () => tensor(new Float64Array([0, value]), { dtype }),
        () => source.to(dtype),
        () => full([2], value, { dtype }),
        () => zeros([2], { dtype }).assign([0, value]),
      ])
        expect(convert).toThrow(DTypeError);
      expect(() => linspace(0, value, 2, { dtype })).toThrow(Number.isNaN(value) ? ArgumentError : DTypeError);
      expect(() => source.to(dtype)).toThrow(/the value at \[1\]\[1\] is/);
    });
  }

  test('fractions are cut off, alike everywhere, up to the ends of the range', () => {
    const values = [1.9, -0.9, 255.9];
    expect(tensor(values, { dtype: 'uint8' }).toArray()).toEqual([1, 0, 255]);
    expect(tensor(values).to('uint8').toArray()).toEqual([1, 0, 255]);
    expect(zeros([3], { dtype: 'uint8' }).assign(values).toArray()).toEqual([1, 0, 255]);
    expect(tensor([-2147483648, 2147483520]).int().toArray()).toEqual([-2147483648, 2147483520]);
    expect(zeros([0]).int().shape).toEqual([0]);
  });

  test('int32 to uint8', () => {
    expect(tensor([0, 255], { dtype: 'int32' }).to('uint8').toArray()).toEqual([0, 255]);
    expect(() => tensor([0, 257], { dtype: 'int32' }).to('uint8')).toThrow(
      /at \[1\] is 257, which does not fit uint8 \(0 to 255\)/,
    );
  });

  test('the ends of int32', () => {
    expect(tensor([-2147483648, 2147483647], { dtype: 'int32' }).toArray()).toEqual([-2147483648, 2147483647]);
    for (const value of [-2147483649, 2147483648])
      expect(() => tensor([value], { dtype: 'int32' })).toThrow(DTypeError);
    expect(() => tensor([2147483648]).int()).toThrow(DTypeError);
  });

  test('ranges', () => {
    expect(() => arange(250, 260, { dtype: 'uint8' })).toThrow(DTypeError);
    expect(arange(250, 256, { dtype: 'uint8' }).item(5)).toBe(255);
    expect(eye(2, 2, { dtype: 'uint8' }).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test('an unknown dtype is answered by those there are', () => {
    for (const make of [
      () => tensor([1], { dtype: 'float64' as never }),
      () => zeros([1], { dtype: 'int64' as never }),
      () => tensor([1]).to('Float32' as never),
    ]) {
      expect(make).toThrow(DTypeError);
      expect(make).toThrow(/the dtypes are float32, int32, uint8/);
    }
  });
});

describe('assign', () => {
  test('writes nothing where something does not fit', () => {
    const x = tensor([1, 2, 3], { dtype: 'uint8' });
    expect(() => x.assign([4, 5, 600])).toThrow(DTypeError);
    expect(() => x.assign([4, 5, null] as never)).toThrow(ArgumentError);
    expect(() => x.assign(7 as never)).toThrow(ShapeError);
    expect(() => x.assign({} as never)).toThrow(ArgumentError);
    expect(() => x.assign(tensor([1, 2, 3]))).toThrow(DTypeError);
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(x.assign([[4], [5], [6]]).toArray()).toEqual([4, 5, 6]);
  });

  test('a state that does not fit loads nothing', () => {
    const layer = new nn.Linear(2, 1);
    const before = [...layer.weight.data()];
    const weight = { shape: [1, 2], data: new Float64Array([5, 6]) };
    expect(() => layer.loadStateDict({ weight, bias: { shape: [1], data: new Float32Array(2) } })).toThrow(
      /bias has 2 values for shape \[1\]/,
    );
    expect(() => layer.loadStateDict({ weight, bias: { shape: [1], data: [1] as never } })).toThrow(ArgumentError);
    expect([...layer.weight.data()]).toEqual(before);
    layer.loadStateDict({ weight, bias: { shape: [1], data: elsewhere('new Float32Array([7])') } });
    expect([[...layer.weight.data()], layer.bias!.item()]).toEqual([[5, 6], 7]);
  });
});

test('readers take the bytes of any buffer', () => {
  const bytes = [0, 0, 8, 1, 0, 0, 0, 2, 5, 6];
  const code = `new Uint8Array([${bytes}])`;
  for (const file of [
    new Uint8Array(bytes),
    new Uint8Array(bytes).buffer,
    new DataView(new Uint8Array(bytes).buffer),
    Buffer.from(bytes),
    new Int8Array(bytes),
    elsewhere(code),
    elsewhere(`${code}.buffer`),
  ]) {
    expect([...parseIdx(file as Uint8Array).data]).toEqual([5, 6]);
    expect(new Sha256().update(file as Uint8Array).hex()).toBe(new Sha256().update(new Uint8Array(bytes)).hex());
  }
  for (const file of [bytes, 'text', null, undefined]) {
    expect(() => parseIdx(file as never)).toThrow(ArgumentError);
    expect(() => parseCifar10(file as never)).toThrow(ArgumentError);
  }
});

test('the constructor refuses what only tensor() and zeros() take, and takes no memory', () => {
  const before = memory().bytes;
  for (const values of [[], [[1, 2]], [3], ['text'], [NaN, 'float32'], [[2], 'float64'], [undefined, 'float32']])
    expect(() => Reflect.construct(Tensor, values)).toThrow(/^new Tensor: use tensor\(\[\[1, 2\]\]\) or zeros/);
  expect(memory().bytes).toBe(before);
});
