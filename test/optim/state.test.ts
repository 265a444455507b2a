/** What optimizers make of a saved state: one of their own always opens, another is refused and changes nothing. */
import { beforeAll, describe, expect, test } from 'vitest';
import { CheckpointError, init, memory, optim, type Tensor, tensor, zeros } from '../../src/index.js';
import { make, optimizers, setGradients, start } from '../cases/optimizers.js';
import { uniform } from '../support/random.js';
import { eachTestInScope } from '../support/scope.js';
import { contentOf } from './content.js';

beforeAll(async () => {
  await init();
});
eachTestInScope();

/** An optimizer over two groups that has made two steps. */
function begin(kind: (typeof optimizers)[number][0], options: object) {
  const params = start(uniform(5));
  const optimizer = make(
    kind,
    [{ params: params.slice(0, 2) }, { params: params.slice(2), lr: 0.3 }] as never,
    options,
  );
  const gradients = uniform(9);
  for (let step = 0; step < 2; step++) {
    setGradients(params, gradients);
    optimizer.step();
  }
  optimizer.zeroGrad();
  return optimizer;
}

const rows = optimizers.map(([kind, options]) => [kind, JSON.stringify(options), options] as const);

describe.each(rows)('%s %s', (kind, _shown, options) => {
  test('opens its own state, also one without entries', () => {
    const [from, to, fresh] = [
      begin(kind, options),
      begin(kind, options),
      make(kind, start(uniform(5)) as never, options),
    ];
    to.paramGroups[0]!.lr = 7;
    to.loadStateDict(from.stateDict());
    expect(contentOf(to)).toEqual(contentOf(from));
    const { tensors } = memory();
    fresh.loadStateDict(fresh.stateDict());
    expect(fresh.stateDict().state).toEqual({});
    expect(memory().tensors).toBe(tensors);
    for (const each of [from, to, fresh]) each.dispose();
  });

  test('shares no list with a state that it gave or took', () => {
    const optimizer = begin(kind, options);
    const { state, paramGroups } = optimizer.stateDict();
    const before = contentOf(optimizer);
    optimizer.loadStateDict({ state, paramGroups });
    for (const group of paramGroups) for (const value of Object.values(group)) if (Array.isArray(value)) value.fill(9);
    expect(contentOf(optimizer)).toEqual(before);
    optimizer.dispose();
  });

  test('refuses what is not a state, whatever it is, and stays as it was', () => {
    const optimizer = begin(kind, options);
    const good = optimizer.stateDict();
    const [first, second] = good.paramGroups as [Record<string, unknown>, Record<string, unknown>];
    const [before, { tensors }] = [contentOf(optimizer), memory()];
    const refused = (state: unknown, message: string) => {
      expect(() => optimizer.loadStateDict(state as optim.OptimizerState), message).toThrow(CheckpointError);
      expect(() => optimizer.loadStateDict(state as optim.OptimizerState)).toThrow(`${kind}.loadStateDict: ${message}`);
    };
    for (const nothing of [undefined, null, 3, 'state', []]) refused(nothing, 'the state must be an object, not');
    refused({}, 'state must be an object, not left out');
    refused({ state: good.state }, 'paramGroups must be an array, not left out');
    refused({ ...good, state: [] }, 'state must be an object, not []');
    refused({ ...good, paramGroups: { 0: first, 1: second } }, 'paramGroups must be an array, not an object');
    refused({ ...good, param_groups: [] }, 'the state has the entry param_groups beside state and paramGroups');
    refused({ ...good, paramGroups: [first] }, 'the state has 1 parameter groups, the optimizer 2');
    refused({ ...good, paramGroups: [first, null] }, 'group 1 of the state must be an object, not null');
    refused(
      { ...good, paramGroups: [first, { ...second, params: undefined }] },
      'group 1 of the state has no parameters, that of the optimizer 3',
    );
    refused(
      { ...good, paramGroups: [first, { ...second, params: [2, 3, null] }] },
      'params of group 1 of the state must be whole numbers, not [2, 3, null]',
    );
    refused(
      { ...good, paramGroups: [first, { ...second, params: [2, 3, 'constructor'] }] },
      'params of group 1 of the state must be whole',
    );
    for (const [option, wrong] of [
      ['lr', NaN],
      ['lr', '0.1'],
      ['lr', null],
      ['lr', -0.1],
      ['lr', undefined],
      ['weight_decay', NaN],
      ['maximize', 1],
      ['initial_lr', -1],
    ] as const) {
      refused(
        { ...good, paramGroups: [first, { ...second, [option]: wrong }] },
        'the options of group 1 of the state are wrong: ',
      );
    }
    refused(
      { ...good, paramGroups: [first, { ...second, weightDecay: 0 }] },
      'group 1 of the state has the option weightDecay',
    );
    const [number, entries] = Object.entries(good.state).at(-1) ?? [];
    if (number !== undefined) {
      const tensorsOf = Object.entries(entries!).filter(([, value]) => typeof value !== 'number') as [string, Tensor][];
      for (const nothing of [null, 3, []])
        refused(
          { ...good, state: { ...good.state, [number]: nothing } },
          `the state of parameter ${number} must be an object, not`,
        );
      for (const [name, value] of tensorsOf) {
        const replaced = (given: unknown) => ({
          ...good,
          state: { ...good.state, [number]: { ...entries, [name]: given } },
        });
        refused(replaced(undefined), `parameter ${number} lacks its ${name}`);
        refused(replaced(null), `${name} of parameter ${number} is null`);
        refused(replaced(Array.from(value.data())), `${name} of parameter ${number} is [`);
        refused(replaced(zeros(value.shape, { dtype: 'int32' })), `${name} of parameter ${number} is a int32 tensor`);
        const gone = zeros(value.shape);
        gone.dispose();
        refused(replaced(gone), `${name} of parameter ${number} is a freed float32 tensor`);
      }
      if ('step' in entries!) {
        for (const step of [NaN, -1, 1.5, '3', null, tensor([1, 2])]) {
          refused(
            { ...good, state: { ...good.state, [number]: { ...entries, step } } },
            step === null
              ? `the step of parameter ${number}`
              : `the step of parameter ${number} must be a whole number ≥ 0, not`,
          );
        }
      }
    }
    expect(contentOf(optimizer)).toEqual(before);
    expect(memory().tensors).toBeLessThanOrEqual(tensors + 20); // The wrong tensors above belong to the test.
    optimizer.dispose();
  });
});

describe('a learning rate below 0 in a state', () => {
  const load = (lr: number, initial?: number) => {
    const optimizer = new optim.SGD([tensor([1])], { lr: 0.1 });
    const { state, paramGroups } = optimizer.stateDict();
    optimizer.loadStateDict({
      state,
      paramGroups: [{ ...paramGroups[0], lr, ...(initial !== undefined && { initial_lr: initial }) }],
    });
    return optimizer.paramGroups[0]!.lr;
  };

  test('is taken for 0 where rounding left it there, as versions before this one did', () => {
    expect(load(-1.85e-18, 0.1)).toBe(0);
    expect(load(-1e-17)).toBe(0);
    expect(load(-1e-7, 0.1)).toBe(0);
    expect(Object.is(load(-0), 0)).toBe(true);
    expect(load(1e-20, 0.1)).toBe(1e-20);
  });

  test('is refused where it is truly one', () => {
    expect(() => load(-1.1e-7, 0.1)).toThrow(CheckpointError);
    expect(() => load(-0.043, 0.012)).toThrow('lr must be a finite number ≥ 0, not -0.043');
    expect(() => load(-1e-17, 0)).toThrow('lr must be a finite number ≥ 0');
  });
});

test('what an option asks for that was changed since the last step is saved as zeros', () => {
  const param = tensor([1, 2]);
  const optimizer = new optim.RMSprop([param], { momentum: 0 });
  param.grad = tensor([1, 1]);
  optimizer.step();
  optimizer.paramGroups[0]!.momentum = 0.9;
  const { state } = optimizer.stateDict();
  expect(Array.from((state['0']!.momentum_buffer as Tensor).data())).toEqual([0, 0]);
  optimizer.loadStateDict(optimizer.stateDict());
  optimizer.dispose();
});
