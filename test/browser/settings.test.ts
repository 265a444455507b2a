/** The page's settings: from its address and back, and to what the library trains. */
import { describe, expect, test } from 'vitest';
import { DEFAULTS, FIELDS, idleFields, readAddress, recipeOf, writeAddress } from '../../src/browser/settings.js';
import { DATA_OPTIONS, resolveTrainSettings, TRAIN_OPTIONS } from '../../src/recipes/index.js';

describe('the address of the page', () => {
  test('says nothing where all is as usual', () => {
    expect(writeAddress({ race: true, sides: DEFAULTS })).toBe('');
    expect(readAddress('')).toEqual({ race: true, sides: DEFAULTS, unknown: [] });
  });

  test.each([
    '?race=off',
    '?lr=0.05&b.lr=0.5',
    '?width=512,256&seed=7',
    '?model=lenet5&width=&optimizer=adam&lr=0.001&b.model=cnn&b.width=8',
  ])('%s comes back as it was', (query) => {
    expect(writeAddress(readAddress(query))).toBe(query);
  });

  test('brings what goes with a network and an optimizer along', () => {
    const { sides } = readAddress('?optimizer=adam&b.model=cnn&b.optimizer=rmsprop&b.lr=0.3');
    expect(sides.a).toMatchObject({ optimizer: 'adam', lr: '0.001', width: '128,64' });
    expect(sides.b).toMatchObject({ model: 'cnn', width: '4', lr: '0.3' });
  });

  test('tells names that mean nothing', () => {
    expect(readAddress('?lr=1&rate=2&b.race=on').unknown).toEqual(['rate', 'b.race']);
  });
});

describe('recipes', () => {
  test('of the default race differ in batch normalisation alone', () => {
    const [a, b] = [recipeOf(DEFAULTS.a), recipeOf(DEFAULTS.b)];
    expect(a.settings).toEqual(
      resolveTrainSettings({ model: 'mlp-bn', hidden: [128, 64], lr: 0.1, weightDecay: 0, epochs: 3 }),
    );
    expect(b.settings).toEqual({ ...a.settings, model: 'mlp' });
    expect([a.title, b.title]).toEqual(['MLP 128-64, BatchNorm', 'MLP 128-64, no BatchNorm']);
  });

  test('leave out the last batch where that is asked for', () => {
    expect(recipeOf(DEFAULTS.a).settings.dropLast).toBe(false);
    const { settings } = recipeOf(readAddress('?dropLast=on').sides.a);
    expect(settings).toEqual({ ...recipeOf(DEFAULTS.a).settings, dropLast: true });
  });

  test.each([
    ['cnn', '8', 'cnn-bn', 8],
    ['lenet5', '', 'lenet5', 4],
    ['mini-resnet', '', 'mini-resnet', 4],
  ])('%s with width %j is %s', (model, width, name, channels) => {
    const recipe = recipeOf({ ...DEFAULTS.a, model, width });
    expect([recipe.settings.model, recipe.settings.channels]).toEqual([name, channels]);
  });

  test.each([
    ['lr', 'fast', /^Learning rate: "fast" is not allowed: it must be a number from 0/],
    ['batchSize', '0', /^Batch size: 0 is not allowed: it must be a whole number from 1/],
    ['width', '128,,64', /^Widths: .* whole numbers from 1 to 65536/],
    ['steps', '-1', /^Steps at most: -1 is not allowed/],
    ['seed', '', /^Seed: "" is not allowed/],
  ])('%s = %j is refused by the label of its field', (name, value, message) => {
    expect(() => recipeOf({ ...DEFAULTS.a, [name]: value })).toThrow(message);
  });

  test('take what stands below "More settings"', () => {
    const { sides } = readAddress(
      '?nesterov=on&momentum=0.9&shift=2&normalize=on&shuffle=off&testLimit=50&clipGradNorm=1&initStd=0.01' +
        '&scheduler=step&stepSize=2&gamma=0.5&b.scheduler=plateau&b.patience=3',
    );
    expect(recipeOf(sides.a).settings).toMatchObject({
      nesterov: true,
      shift: 2,
      normalize: true,
      shuffle: false,
      testLimit: 50,
      clipGradNorm: 1,
      initStd: 0.01,
      stepSize: 2,
      gamma: 0.5,
    });
    expect(recipeOf(sides.b).settings).toMatchObject({ scheduler: 'plateau', patience: 3, initStd: null });
  });

  test('leave out what does nothing beside the other settings', () => {
    const values = { ...DEFAULTS.a, optimizer: 'adam', momentum: 'much', gamma: 'x' };
    const idle = ['cycleMomentum', 'gamma', 'momentum', 'nesterov', 'patience', 'stepSize'];
    expect([...idleFields(values)].sort()).toEqual(idle);
    expect(recipeOf(values).settings).toMatchObject({ momentum: 0, gamma: 0.1 });
    expect([...idleFields({ ...DEFAULTS.a, scheduler: 'step' })].sort()).toEqual([
      'beta1',
      'beta2',
      'cycleMomentum',
      'patience',
    ]);
  });

  test('name other settings by their labels', () => {
    expect(() => recipeOf({ ...DEFAULTS.a, nesterov: 'on' })).toThrow(/^Nesterov: [\s\S]*hint: set Momentum to 0.9/);
    for (const { help, label } of FIELDS) expect(help, label).not.toMatch(/[{}]|--/);
  });

  test('have every setting of the table that a page can have, once', () => {
    const elsewhere = ['recipe', ...Object.keys(DATA_OPTIONS), 'init', 'hidden', 'channels'];
    const wanted = Object.keys(TRAIN_OPTIONS).filter((name) => !elsewhere.includes(name));
    expect(FIELDS.map(({ name }) => name).sort()).toEqual([...wanted, 'width', 'batchNorm'].sort());
  });

  test('every choice of the form is one of the library', () => {
    for (const name of ['optimizer', 'scheduler'] as const)
      expect(FIELDS.find((field) => field.name === name)!.choices!.map(({ value }) => value)).toEqual([
        ...TRAIN_OPTIONS[name].choices,
      ]);
  });
});
