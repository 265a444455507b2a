import { expect, test } from 'vitest';
import {
  CheckpointError,
  decodeSafetensors,
  encodeSafetensors,
  FileFormatError,
  memory,
  nn,
  optim,
  runtimeInfo,
  scope,
  tensor,
} from '../../src/index.js';
import { decodeRunState, encodeRunState, encodeWeights, type Progress } from '../../src/train/checkpoint.js';

const progress: Progress = {
  step: 7,
  epoch: 1,
  batch: 3,
  batches: 4,
  totals: { loss: 0.1 + 0.2, correct: null, images: 30, seconds: 0.5 },
  seconds: 9,
  history: [],
};

test('a run state comes back as it was, numbers that JSON lacks included', () => {
  const model = new nn.Sequential(new nn.Linear(3, 2), new nn.Linear(2, 1));
  const before = memory().tensors;
  scope(() => {
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
    for (const parameter of model.parameters()) parameter.grad = tensor(parameter.data(), { shape: parameter.shape });
    optimizer.step();
    const scheduler = { best: Infinity, worst: -Infinity, none: NaN, lrs: [0.1, 1e-300] };
    const bytes = encodeRunState({
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      scheduler,
      generator: { seed: 5, draws: { init: 4 } },
      progress,
      runtime: runtimeInfo(),
    });

    const read = decodeRunState(bytes, 'test');
    expect(read.progress).toEqual(progress);
    expect(read.runtime).toEqual(runtimeInfo());
    expect(read.scheduler).toEqual(scheduler);
    expect(read.generator).toEqual({ seed: 5, draws: { init: 4 } });
    expect(Object.keys(read.model)).toEqual(Object.keys(model.stateDict()));
    expect(read.model['0.weight']!.data).toEqual(model.stateDict()['0.weight']!.data());
    const written = optimizer.stateDict();
    expect(read.optimizer.paramGroups).toEqual(JSON.parse(JSON.stringify(written.paramGroups)));
    for (const [index, entries] of Object.entries(written.state)) {
      const got = read.optimizer.state[index]!;
      expect(Object.keys(got).sort()).toEqual(Object.keys(entries).sort());
      expect(got.step).toBe(1);
      expect(String(got.exp_avg)).toBe(String(entries.exp_avg));
    }
    const other = new optim.Adam(model.parameters());
    other.loadStateDict(read.optimizer);
    for (const parameter of model.parameters()) parameter.zeroGrad();
    optimizer.dispose();
    other.dispose();
  });
  expect(memory().tensors).toBe(before);
});

test('the weights alone have the keys of the state dict, and tell how far training was', () => {
  const model = new nn.Linear(3, 2);
  const { tensors, metadata } = decodeSafetensors(encodeWeights(model.stateDict(), progress, { lanewise: '{}' }));
  expect(Object.keys(tensors)).toEqual(['weight', 'bias']);
  expect({ ...metadata }).toEqual({ format: 'pt', step: '7', epoch: '1', lanewise: '{}' });
});

test('other files are refused', () => {
  scope(() => {
    expect(() => decodeRunState(new Uint8Array(5), 'a.safetensors')).toThrow(FileFormatError);
    const weights = encodeSafetensors({ weight: tensor([1]) });
    expect(() => decodeRunState(weights, 'a.safetensors')).toThrow(
      /a\.safetensors: this file holds no state to continue from/,
    );
    expect(() => decodeRunState(encodeSafetensors({}, { lanewiseRun: '{"version":1' }), 'a')).toThrow(CheckpointError);
    expect(() => decodeRunState(encodeSafetensors({}, { lanewiseRun: '{"version":99}' }), 'a')).toThrow(/version 99/);
  });
});

test('a state whose description lacks something, or has something else in its place, is refused', () => {
  const whole = {
    version: 1,
    optimizer: { state: {}, paramGroups: [] },
    scheduler: null,
    generator: { seed: 1, draws: { init: 2 } },
    progress: { ...progress, history: [{ epoch: 1 }] },
    settings: { seed: 1 },
  };
  const read = (run: unknown) =>
    decodeRunState(encodeSafetensors({}, { lanewiseRun: JSON.stringify(run) }), 'a.safetensors');
  expect(read(whole).settings).toEqual({ seed: 1 });
  expect(read({ ...whole, settings: undefined }).settings).toBe(undefined);
  const { optimizer, generator, progress: place } = whole;
  for (const run of [
    null,
    1,
    'text',
    [],
    {},
    { version: 1 },
    { ...whole, version: undefined },
    { ...whole, optimizer: null },
    { ...whole, optimizer: { ...optimizer, state: 3 } },
    { ...whole, optimizer: { ...optimizer, paramGroups: {} } },
    { ...whole, generator: {} },
    { ...whole, generator: { ...generator, seed: -1 } },
    { ...whole, generator: { ...generator, draws: { init: 'x' } } },
    { ...whole, progress: [] },
    { ...whole, settings: 'x' },
    { ...whole, settings: null },
    ...Object.keys(place).map((key) => ({ ...whole, progress: { ...place, [key]: 'x' } })),
    { ...whole, progress: { ...place, batch: 0.5 } },
    { ...whole, progress: { ...place, history: [null] } },
    { ...whole, progress: { ...place, totals: { ...place.totals, loss: null } } },
  ]) {
    expect(() => read(run), JSON.stringify(run)).toThrow(CheckpointError);
    expect(() => read(run), JSON.stringify(run)).toThrow(/a\.safetensors: this file holds no state to continue from/);
  }
});
