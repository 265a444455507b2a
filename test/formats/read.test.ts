/** Files that PyTorch 1.13 and NumPy 1.24 wrote (make.py) are read to the bit, or refused with a reason. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode, load } from '../../src/formats/node/index.js';
import {
  encodeSafetensors,
  FileFormatError,
  init,
  MissingDataError,
  nn,
  relu,
  type Tensor,
  tensor,
} from '../../src/index.js';
import { described, expected, FIXTURES, fixture } from './expected.js';

await init({ threads: 1 });

const contents = (name: string, options = {}) => {
  const loaded = decode(fixture(name), { name, ...options });
  return loaded.format === 'pytorch' ? loaded.value : loaded.tensors;
};

const readable = Object.entries(expected).filter(([, { error }]) => error === undefined);
const refused = Object.entries(expected).filter(([, { error }]) => error !== undefined);

describe('what PyTorch and NumPy wrote', () => {
  test('there are 40 checkpoints and more', () => {
    expect(readable.filter(([name]) => name.endsWith('.pt')).length).toBeGreaterThanOrEqual(40);
    expect(refused.length).toBeGreaterThanOrEqual(15);
  });

  test.each(readable)('%s has the same values', (name, { value }) => {
    expect(described(contents(name))).toEqual(value);
  });

  test.each(refused)('%s is refused', (name, { error }) => {
    let thrown: unknown;
    try {
      contents(name);
    } catch (given) {
      thrown = given;
    }
    expect(thrown).toBeInstanceOf(FileFormatError);
    expect((thrown as FileFormatError).message).toContain(error);
    expect((thrown as FileFormatError).message).toContain(name);
  });

  test.each(Object.entries(expected).filter(([, { lossy }]) => lossy !== undefined))(
    '%s is read with { lossy: true }',
    (name, { lossy }) => {
      expect(described(contents(name, { lossy: true }))).toEqual(lossy);
    },
  );
});

describe('names', () => {
  test('the tensors of a state dict have its keys', () => {
    const { tensors } = decode(fixture('mlp.pt'));
    expect(Object.keys(tensors)).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
  });

  test('those of a checkpoint have its keys before them', () => {
    const { tensors } = decode(fixture('sgd.pt'));
    expect(Object.keys(tensors)).toContain('model.0.weight');
    expect(Object.keys(tensors)).toContain('optimizer.state.0.momentum_buffer');
  });

  test('key takes a part of it', () => {
    const { tensors } = decode(fixture('adam.pt'), { key: 'model_state_dict' });
    expect(Object.keys(tensors)).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
    const moments = decode(fixture('adam.pt'), { key: 'optimizer_state_dict.state.0' });
    expect(Object.keys(moments.tensors)).toEqual(['step', 'exp_avg', 'exp_avg_sq', 'max_exp_avg_sq']);
    const weight = decode(fixture('sgd.pt'), { key: 'model.0.weight' });
    expect(Object.keys(weight.tensors)).toEqual(['tensor']);
  });

  test('a key that is not there is refused with those that are', () => {
    expect(() => decode(fixture('sgd.pt'), { name: 'sgd.pt', key: 'state_dict' })).toThrow(
      'sgd.pt: it has nothing at "state_dict"\n  hint: at the top it has "model", "optimizer", "epoch"',
    );
    expect(() => decode(fixture('v1.npy'), { key: 'x' })).toThrow('only a file of PyTorch has keys');
  });

  test('what is there twice is listed once, and found at both places', () => {
    expect(Object.keys(decode(fixture('dict-twice.pt')).tensors)).toHaveLength(4);
    expect(Object.keys(decode(fixture('dict-twice.pt'), { key: 'same' }).tensors)).toHaveLength(4);
  });

  test('tied weights are one tensor', () => {
    const { tensors } = decode(fixture('tied.pt'));
    expect(tensors['0.weight']).toBe(tensors['1.weight']);
  });

  test('names of the prototype of objects are names like others', () => {
    const { tensors } = decode(fixture('keys.pt'));
    expect(Object.keys(tensors)).toEqual(['with space', 'ünï.code', '__proto__', 'constructor', 'tensor']);
    expect(Object.getPrototypeOf(tensors)).toBe(null);
  });
});

describe('load', () => {
  test('a state dict of PyTorch fits the same model', async () => {
    class Net extends nn.Module {
      features = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.ReLU());
      head = new nn.Linear(8, 3, { bias: false });
      forward(x: Tensor): Tensor {
        return this.head.forward(relu(this.features.forward(x)).flatten());
      }
    }
    const model = new Net();
    const { tensors } = await load(path.join(FIXTURES, 'cnn.pt'));
    model.loadStateDict(tensors);
    expect(described({ ...model.stateDict()['head.weight'], ...tensors['head.weight'] })).toEqual(
      described(tensors['head.weight']),
    );
    expect(model.stateDict()['features.1.num_batches_tracked']!.item()).toBe(1);
  });

  test('takes paths, file URLs, blobs and bytes', async () => {
    const file = path.join(FIXTURES, 'mlp.pt');
    const want = described(contents('mlp.pt'));
    const bytes = fixture('mlp.pt');
    for (const source of [
      file,
      new URL(`file://${file}`),
      `file://${file}`,
      new Blob([bytes as BlobPart]),
      bytes,
      bytes.buffer as ArrayBuffer,
    ])
      expect(described((await load(source)).tensors)).toEqual(want);
  });

  test('a path that is not there', async () => {
    await expect(load('/nowhere/model.pt')).rejects.toThrow(MissingDataError);
    await expect(load('http://127.0.0.1:9/model.pt')).rejects.toThrow(MissingDataError);
  });

  test.each([
    ['', 'it is empty'],
    ['<!doctype html>', 'it is an HTML or XML page\n  hint: is the address that of the file itself?'],
    ['\x89HDF\r\n\x1a\n', 'it is an HDF5 file (of Keras)'],
    ['\x1f\x8b\x08\x00', 'it is compressed by gzip'],
    ['\x08\x08\x12\x08lanewise', 'it is an ONNX model'],
    ['hello', 'it is not a file that is read here'],
    ['{"a": 1}', 'it is JSON, but neither the index of safetensors files nor a model of TensorFlow.js'],
    ['{"a": ', 'it is not valid JSON'],
  ])('%j is refused', async (text, message) => {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    await expect(load(bytes, { name: 'x.bin' })).rejects.toThrow(FileFormatError);
    await expect(load(bytes, { name: 'x.bin' })).rejects.toThrow(`x.bin`);
    await expect(load(bytes, { name: 'x.bin' })).rejects.toThrow(message);
  });
});

describe('safetensors', () => {
  const one = encodeSafetensors({ a: tensor([1, 2]), b: tensor([3]) }, { made: 'here' });
  const two = encodeSafetensors({ c: tensor([[4]]) });
  const index = (map: object, metadata = { total_size: 16 }) =>
    new TextEncoder().encode(JSON.stringify({ metadata, weight_map: map }));
  const files = { 'model-1.safetensors': one, 'model-2.safetensors': two };
  const map = { a: 'model-1.safetensors', b: 'model-1.safetensors', c: 'model-2.safetensors' };

  test('one file', async () => {
    const loaded = await load(one);
    expect(loaded).toMatchObject({ format: 'safetensors', metadata: { made: 'here' } });
    expect(Array.from(loaded.tensors.a!.data)).toEqual([1, 2]);
  });

  test('several files with an index', async () => {
    const loaded = await load(index(map), { files });
    expect(Object.keys(loaded.tensors)).toEqual(['a', 'b', 'c']);
    expect(loaded).toMatchObject({ format: 'safetensors', metadata: { total_size: '16' } });
  });

  test.each([
    [{ a: 'model-3.safetensors' }, 'index.json needs the file "model-3.safetensors"'],
    [{ d: 'model-1.safetensors' }, 'it lacks the tensor "d", which the index index.json says it has'],
    [{ a: '../model-1.safetensors' }, 'it names the file "../model-1.safetensors"'],
    [{ a: '/etc/passwd' }, 'it names the file "/etc/passwd"'],
    [{ a: 'http://x/y' }, 'it names the file "http://x/y"'],
    [{ a: '%2e%2e/y' }, 'it names the file "%2e%2e/y"'],
    [{ a: 3 }, 'weight_map has no name of a file for "a"'],
  ])('%j is refused', async (wrong, message) => {
    await expect(load(index(wrong), { files, name: 'index.json' })).rejects.toThrow(message);
  });
});
