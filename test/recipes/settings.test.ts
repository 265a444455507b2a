import { describe, expect, test } from 'vitest';
import { ArgumentError, optim } from '../../src/index.js';
import {
  idleSettings,
  type OptionTable,
  parseOption,
  resolveTrainSettings,
  SettingError,
  TRAIN_OPTIONS,
  wordSettings,
} from '../../src/recipes/index.js';

import { RECIPES } from '../../src/recipes/named.js';

const message = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('settings of a run', () => {
  test('have defaults, some of which follow from others', () => {
    expect(resolveTrainSettings({})).toMatchObject({
      model: 'mlp-bn',
      hidden: [1024, 512],
      channels: 4,
      dataset: 'mnist',
      optimizer: 'sgd',
      lr: 0.1,
      momentum: 0,
      weightDecay: 0,
      epochs: 10,
      steps: null,
      shuffle: true,
      dropLast: false,
    });
    expect(resolveTrainSettings({ optimizer: 'adamw' })).toMatchObject({ lr: 1e-3, weightDecay: 1e-2 });
    expect(resolveTrainSettings({ optimizer: 'rmsprop', lr: 0.5 })).toMatchObject({ lr: 0.5, weightDecay: 0 });
  });

  test('with steps alone, epochs do not end the run', () => {
    expect(resolveTrainSettings({ steps: 50 }).epochs).toBe(null);
    expect(resolveTrainSettings({ steps: 50, epochs: 2 }).epochs).toBe(2);
  });

  test('a recipe sets other defaults, and what is given beside it goes before', () => {
    const { model, lr, batchSize, beta1, cycleMomentum } = resolveTrainSettings({ recipe: 'mnist99', lr: 0.02 });
    expect({ model, lr, batchSize, beta1, cycleMomentum }).toEqual({
      model: 'fast-cnn-bn',
      lr: 0.02,
      batchSize: 256,
      beta1: 0.7,
      cycleMomentum: false,
    });
    expect(resolveTrainSettings({ recipe: 'mnist99', model: undefined }).model).toBe('fast-cnn-bn');
    const resolved = resolveTrainSettings({ recipe: 'mnist99', epochs: 3 });
    expect(resolveTrainSettings({ ...resolved })).toEqual(resolved);
    expect(() => resolveTrainSettings({ recipe: 'mnist97' })).toThrow(/one of none, mnist98, mnist99/);
  });

  test('every recipe has settings that are allowed, and none that does nothing', () => {
    for (const [recipe, { settings }] of Object.entries(RECIPES))
      expect(idleSettings(settings, resolveTrainSettings({ recipe }))).toEqual([]);
  });

  test('every default is allowed by its own rule, but for those that are open', () => {
    for (const [name, spec] of Object.entries(TRAIN_OPTIONS)) {
      if (spec.default !== null)
        expect(resolveTrainSettings({ [name]: spec.default })).toHaveProperty(name, spec.default);
    }
  });

  test('may come back from JSON as they went', () => {
    const settings = resolveTrainSettings({ model: 'cnn', steps: 3, limit: 100, normalize: true });
    expect(resolveTrainSettings(JSON.parse(JSON.stringify(settings)) as Record<string, unknown>)).toEqual(settings);
  });

  test.each([
    [{ lr: -1 }, 'lr: -1 is not allowed: it must be a number from 0 to 1000000'],
    [{ lr: NaN }, 'lr: NaN is not allowed'],
    [{ batchSize: 0 }, 'batchSize: 0 is not allowed: it must be a whole number from 1'],
    [{ batchSize: 2.5 }, 'whole number'],
    [{ model: 'resnet' }, 'one of mlp, mlp-bn, cnn, cnn-bn, fast-cnn, fast-cnn-bn, lenet5, mini-resnet'],
    [{ hidden: [] }, 'separated by commas'],
    [{ nesterov: 1 }, 'true or false'],
    [{ nesterov: true }, 'needs a momentum'],
    [{ batchSzie: 1 }, 'did you mean batchSize?'],
    [{ zzz: 1 }, 'zzz: there is no such setting'],
  ])('%o is refused', (given, text) => expect(message(() => resolveTrainSettings(given))).toContain(text));

  test('those that do nothing beside the others are told', () => {
    const told = (given: Record<string, unknown>) => idleSettings(given, resolveTrainSettings(given));
    expect(told({ hidden: [8] })).toEqual([]);
    expect(told({ model: 'lenet5', hidden: [8], optimizer: 'adam', momentum: 0.9 })).toEqual([
      { setting: 'hidden', beside: 'model', value: 'lenet5' },
      { setting: 'momentum', beside: 'optimizer', value: 'adam' },
    ]);
  });
});

describe('what is said of settings', () => {
  const texts = Object.values(TRAIN_OPTIONS as OptionTable).flatMap((spec) => [
    spec.help,
    spec.defaultHelp ?? '',
    spec.kind === 'flag' ? (spec.offHelp ?? '') : '',
  ]);

  test('names no flags, and other settings in braces only', () => {
    expect(texts.filter((text) => text.includes('--'))).toEqual([]);
    const named = texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(named).toContain('stepSize');
    expect(named.filter((name) => !(name! in TRAIN_OPTIONS))).toEqual([]);
  });

  test('is worded by each face', () => {
    let error: unknown;
    try {
      resolveTrainSettings({ nesterov: true });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SettingError);
    const { setting, words, message: plain } = error as SettingError;
    expect([setting, plain]).toEqual([
      'nesterov',
      'nesterov: Nesterov momentum needs a momentum\n  hint: set momentum to 0.9, say',
    ]);
    expect(wordSettings(words.hint!, (name) => `[${name}]`)).toBe('set [momentum] to 0.9, say');
  });

  test('defaults are those of the optimizers', () => {
    expect(TRAIN_OPTIONS.lr.defaultHelp).toBe(
      'sgd 0.1, adam and adamw and radam 0.001, adagrad and rmsprop 0.01, adadelta 1, nadam 0.002',
    );
    expect(resolveTrainSettings({ optimizer: 'adamw' }).weightDecay).toBe(optim.AdamW.defaults.weightDecay);
  });
});

describe('texts of a face', () => {
  test('become values', () => {
    expect(parseOption('lr', TRAIN_OPTIONS.lr, '1e-3')).toBe(0.001);
    expect(parseOption('hidden', TRAIN_OPTIONS.hidden, '128,64')).toEqual([128, 64]);
    expect(parseOption('seed', TRAIN_OPTIONS.seed, '4294967295')).toBe(4294967295);
  });

  test.each([
    ['lr', 'fast'],
    ['lr', ''],
    ['lr', '0x10'],
    ['lr', 'Infinity'],
    ['seed', '-1'],
    ['seed', '4294967296'],
    ['epochs', '1.5'],
    ['hidden', '10,,5'],
    ['hidden', '10,-5'],
    ['hidden', 'abc'],
    ['model', 'MLP'],
    ['data', ''],
  ])('%s %j is refused', (name, text) => {
    const spec = TRAIN_OPTIONS[name as keyof typeof TRAIN_OPTIONS];
    expect(message(() => parseOption(name, spec, text))).toContain('is not allowed');
  });
});
