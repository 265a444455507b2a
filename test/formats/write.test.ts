/** What is written: read again here, and opened by PyTorch and NumPy where Python has them. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as web from '../../src/formats/index.js';
import { decode, encode, load, type Savable, save } from '../../src/formats/node/index.js';
import { ArgumentError, FileWriteError, init, models, nn, optim, tensor, UnsupportedError } from '../../src/index.js';
import { described } from './expected.js';

await init({ threads: 1 });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lanewise-formats-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const shared = tensor([
  [1, 2],
  [3, 4],
]);
const arrays = {
  'fc.weight': tensor([
    [1, -2.5, 1e-45],
    [Infinity, -0, 3.4e38],
  ]),
  count: tensor(Int32Array.of(-7), { shape: [] }),
  mask: tensor(Uint8Array.of(0, 1, 255)),
  empty: tensor(new Float32Array(0), { shape: [0, 3] }),
  double: { shape: [2], data: Float64Array.of(0.1, 2 ** 60) },
  short: { shape: [2], data: Int16Array.of(-32768, 5) },
  byte: { shape: [1], data: Int8Array.of(-3) },
  long: { shape: [1, 2], data: BigInt64Array.of(2n ** 40n, -1n) },
};
const checkpoint: Savable = {
  model: arrays,
  tied: [shared, { again: shared }],
  epoch: 3,
  big: 2 ** 40,
  bigger: 2n ** 62n,
  negative: -5,
  done: true,
  not: false,
  none: null,
  text: 'größer',
  'key with space': [],
  none_at_all: {},
};

describe('encode', () => {
  test.each(['pt', 'npz', 'safetensors'] as const)('a state dict as .%s is read again', (ending) => {
    const state = models.cnn({ batchNorm: true }).stateDict();
    const { tensors } = decode(encode(state, ending));
    expect(Object.keys(tensors)).toEqual(Object.keys(state));
    for (const [key, value] of Object.entries(state)) {
      expect(tensors[key]).toEqual({ dtype: value.dtype, shape: value.shape, data: value.data() });
    }
  });

  test('a checkpoint is read again as it was', () => {
    const loaded = decode(encode({ ...checkpoint, floats: [0.5, -0, NaN, Infinity] }, 'pt'), { lossy: true });
    const { model: _, tied: __, ...rest } = (loaded as { value: Record<string, unknown> }).value;
    expect({ ...rest, none_at_all: {} }).toEqual({
      epoch: 3,
      big: 2 ** 40,
      bigger: 2n ** 62n,
      negative: -5,
      done: true,
      not: false,
      none: null,
      text: 'größer',
      'key with space': [],
      none_at_all: {},
      floats: [0.5, -0, NaN, Infinity],
    });
    expect(loaded.tensors['tied.0']).toBe(loaded.tensors['tied.1.again']);
    expect(loaded.tensors['model.fc.weight']!.data).toEqual(arrays['fc.weight'].data());
  });

  test('one tensor as .npy', () => {
    const { tensors } = decode(encode(tensor([[1, 2, 3]]), 'npy'));
    expect(tensors.tensor).toEqual({ dtype: 'float32', shape: [1, 3], data: Float32Array.of(1, 2, 3) });
  });

  test('the same tensors give the same bytes', () => {
    for (const ending of ['pt', 'npz', 'safetensors'] as const)
      expect(encode({ a: tensor([1]), b: tensor([2]) }, ending)).toEqual(
        encode({ a: tensor([1]), b: tensor([2]) }, ending),
      );
  });

  test('the data of a .pt file are aligned, so that it can be mapped', () => {
    const bytes = Buffer.from(encode({ a: tensor([1.25]), b: tensor([2.5]) }, 'pt'));
    expect(bytes.indexOf(Buffer.from(Float32Array.of(1.25).buffer)) % 64).toBe(0);
    expect(bytes.indexOf(Buffer.from(Float32Array.of(2.5).buffer)) % 64).toBe(0);
  });

  const cyclic: Savable[] = [];
  cyclic.push(cyclic);
  test.each([
    [() => encode(1, 'npz'), 'a .npz file holds tensors by name, not 1'],
    [() => encode({ a: 1 }, 'safetensors'), 'a .safetensors file holds tensors by name, not 1 ("a")'],
    [() => encode([tensor([1])], 'npz'), 'a .npz file holds tensors by name, not an array'],
    [() => encode({}, 'npy'), 'a .npy file holds one tensor, not an object'],
    [() => encode({ a: { b: undefined } } as never, 'pt'), '"a.b" is undefined'],
    [() => encode({ a: new Map() } as never, 'pt'), '"a" is a Map'],
    [() => encode(cyclic, 'pt'), 'it is nested deeper than 100, or contains itself'],
    [() => encode({ a: 2n ** 64n }, 'pt'), 'does not fit int64'],
    [() => encode({ a: { shape: [3], data: new Float32Array(2) } }, 'pt'), 'tensor "a" has 2 elements for shape [3]'],
    [() => encode({ a: { shape: [1], data: BigUint64Array.of(2n ** 63n) } }, 'pt'), 'does not fit int64'],
    [() => encode({}, 'zip' as never), 'there is no format "zip"'],
  ])('%s is refused', (run, message) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(message);
  });
});

describe('save', () => {
  test.each(['x.pt', 'x.pth', 'x.npz', 'x.safetensors'])('%s is loaded again', async (name) => {
    const model = new nn.Linear(3, 2);
    await save(model.stateDict(), path.join(folder, name));
    const { tensors } = await load(path.join(folder, name));
    expect(tensors.weight!.data).toEqual(model.weight.data());
  });

  test('other endings, and places that cannot be written', async () => {
    await expect(save({}, 'x.h5')).rejects.toThrow(ArgumentError);
    await expect(save({}, '/nowhere/x.pt')).rejects.toThrow(FileWriteError);
  });

  test('a browser has no files', async () => {
    await expect(web.save({}, 'x.pt')).rejects.toThrow(UnsupportedError);
    expect(Object.keys(web).sort()).toEqual(Object.keys(await import('../../src/formats/node/index.js')).sort());
  });
});

// ---- The other side ----

/** Runs a program of Python that prints JSON. */
function python(program: string, ...args: string[]): unknown {
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const has = (module: string) => spawnSync('/usr/bin/python3', ['-c', `import ${module}`]).status === 0;

/** Arrays of a file, by name: dtype, shape and bytes. */
const SHOW = `
import json, sys
def show(a): return [str(a.dtype), list(a.shape), a.tobytes().hex()]
`;

const bytesOf = (given: { data: unknown }) => {
  const data = (typeof given.data === 'function' ? given.data() : given.data) as Float32Array;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
};
const long = (...values: bigint[]) => Buffer.from(BigInt64Array.from(values).buffer).toString('hex');

describe.skipIf(!has('torch'))('PyTorch (skipped where Python has no torch)', () => {
  test('opens a state dict with weights_only=True', async () => {
    const file = path.join(folder, 'state.pt');
    await save(arrays, file);
    const program = `${SHOW}import torch
print(json.dumps({k: show(v.numpy()) for k, v in torch.load(sys.argv[1], weights_only=True).items()}))`;
    expect(python(program, file)).toEqual({
      'fc.weight': ['float32', [2, 3], bytesOf(arrays['fc.weight'])],
      count: ['int64', [], long(-7n)],
      mask: ['uint8', [3], '0001ff'],
      empty: ['float32', [0, 3], ''],
      double: ['float64', [2], bytesOf(arrays.double)],
      short: ['int16', [2], bytesOf(arrays.short)],
      byte: ['int8', [1], 'fd'],
      long: ['int64', [1, 2], bytesOf(arrays.long)],
    });
  });

  test('opens a checkpoint; tied weights stay tied', async () => {
    const file = path.join(folder, 'checkpoint.pt');
    await save(checkpoint, file);
    const program = `${SHOW}import torch
c = torch.load(sys.argv[1], weights_only=True)
a, b = c['tied'][0], c['tied'][1]['again']
del c['model'], c['tied']
print(json.dumps([c, a.tolist(), a.data_ptr() == b.data_ptr()]))`;
    const { model: _, tied: __, bigger: ___, ...rest } = checkpoint;
    const [c, values, same] = python(program, file) as [{ bigger: number }, number[][], boolean];
    expect({ ...c, bigger: undefined }).toEqual({ ...rest, bigger: undefined });
    expect(c.bigger).toBe(2 ** 62);
    expect(values).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(same).toBe(true);
  });

  test('a model that was trained here gives the same outputs there', async () => {
    const model = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.Tanh(), new nn.Linear(8, 2));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const x = tensor([
      [1, 2, 3, 4],
      [0.5, -1, 2, 0],
      [-1, 1, 0, 3],
    ]);
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      model.forward(x).square().mean().backward();
      optimizer.step();
    }
    await save(model.stateDict(), path.join(folder, 'trained.pt'));
    const program = `
import json, sys, torch
m = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
m.load_state_dict(torch.load(sys.argv[1], weights_only=True))
m.eval()
print(json.dumps(m(torch.tensor(json.loads(sys.argv[2]))).tolist()))`;
    const there = python(program, path.join(folder, 'trained.pt'), JSON.stringify(x.toArray())) as number[][];
    const here = model.eval().forward(x).toArray() as number[][];
    here.flat().forEach((value, i) => expect(value).toBeCloseTo(there.flat()[i]!, 5));
  });
});

describe.skipIf(!has('numpy'))('NumPy (skipped where Python has no numpy)', () => {
  test('opens a .npz file', async () => {
    const file = path.join(folder, 'arrays.npz');
    await save(arrays, file);
    const program = `${SHOW}import numpy
print(json.dumps({k: show(v) for k, v in numpy.load(sys.argv[1]).items()}))`;
    expect(python(program, file)).toEqual({
      'fc.weight': ['float32', [2, 3], bytesOf(arrays['fc.weight'])],
      count: ['int32', [], 'f9ffffff'],
      mask: ['uint8', [3], '0001ff'],
      empty: ['float32', [0, 3], ''],
      double: ['float64', [2], bytesOf(arrays.double)],
      short: ['int16', [2], bytesOf(arrays.short)],
      byte: ['int8', [1], 'fd'],
      long: ['int64', [1, 2], bytesOf(arrays.long)],
    });
  });

  test('opens a .npy file', async () => {
    await save(arrays['fc.weight'], path.join(folder, 'one.npy'));
    const program = `${SHOW}import numpy
print(json.dumps(show(numpy.load(sys.argv[1]))))`;
    expect(python(program, path.join(folder, 'one.npy'))).toEqual(['float32', [2, 3], bytesOf(arrays['fc.weight'])]);
  });
});

test('described marks what JSON lacks', () => {
  expect(described([1n, Infinity, Uint8Array.of(1)])).toEqual([
    { $bigint: '1' },
    { $number: 'Infinity' },
    { $bytes: '01' },
  ]);
});
