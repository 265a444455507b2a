import { beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  CheckpointError,
  DTypeError,
  init,
  memory,
  optim,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';
import { closeScope, openScope } from '../../src/tensor/scope.js';
import { type Kind, make, optimizers, setGradients, start } from '../cases/optimizers.js';
import { uniform } from '../support/random.js';
import { eachTestInScope } from '../support/scope.js';

const STEPS = 20;

beforeAll(async () => {
  await init();
  setGuards(true);
});
eachTestInScope();

/** A number's twin: its value and what is remembered about it, in double precision. */
interface Point {
  p: number;
  step: number;
  [name: string]: number;
}
interface Settings {
  lr: number;
  momentum?: number;
  dampening?: number;
  nesterov?: boolean;
  weightDecay?: number;
  maximize?: boolean;
  betas?: [number, number];
  eps?: number;
  amsgrad?: boolean;
  lrDecay?: number;
  initialAccumulatorValue?: number;
  alpha?: number;
  rho?: number;
  momentumDecay?: number;
  decoupledWeightDecay?: boolean;
  centered?: boolean;
}
type Twin = (point: Point, g: number, options: Settings) => void;

/** The direction; a decoupled weight decay shrinks the parameter. */
function decayed(at: Point, g: number, lr: number, options: Partial<Settings>): number {
  const { weightDecay = 0, decoupledWeightDecay = false, maximize } = options;
  if (decoupledWeightDecay) at.p -= lr * weightDecay * at.p;
  return (maximize ? -g : g) + (decoupledWeightDecay ? 0 : weightDecay * at.p);
}

/** PyTorch's formulas for one number. */
const twins = {
  SGD(at, g, { lr, momentum, dampening = 0, weightDecay = 0, nesterov, maximize }) {
    let d = (maximize ? -g : g) + weightDecay * at.p;
    if (momentum) {
      at.b = at.b === undefined ? d : momentum * at.b + (1 - dampening) * d;
      d = nesterov ? d + momentum * at.b : at.b;
    }
    at.p -= lr * d;
  },
  Adam(at, g, { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, amsgrad, maximize }) {
    at.step++;
    const d = (maximize ? -g : g) + weightDecay * at.p;
    at.m = betas[0] * (at.m ?? 0) + (1 - betas[0]) * d;
    at.v = betas[1] * (at.v ?? 0) + (1 - betas[1]) * d * d;
    at.largest = Math.max(at.largest ?? 0, at.v);
    const v = (amsgrad ? at.largest : at.v) / (1 - betas[1] ** at.step);
    at.p -= (lr * (at.m / (1 - betas[0] ** at.step))) / (Math.sqrt(v) + eps);
  },
  AdamW(at, g, { weightDecay = 0.01, ...options }) {
    at.p -= (options.lr ?? 1e-3) * weightDecay * at.p;
    twins.Adam(at, g, options);
  },
  Adadelta(at, g, { lr = 1, rho = 0.9, eps = 1e-6, weightDecay = 0, maximize }) {
    const d = (maximize ? -g : g) + weightDecay * at.p;
    at.v = rho * (at.v ?? 0) + (1 - rho) * d * d;
    const move = (Math.sqrt((at.u ?? 0) + eps) / Math.sqrt(at.v + eps)) * d;
    at.u = rho * (at.u ?? 0) + (1 - rho) * move * move;
    at.p -= lr * move;
  },
  Adagrad(at, g, { lr = 1e-2, lrDecay = 0, weightDecay = 0, initialAccumulatorValue = 0, eps = 1e-10, maximize }) {
    at.step++;
    const d = (maximize ? -g : g) + weightDecay * at.p;
    at.sum = (at.sum ?? initialAccumulatorValue) + d * d;
    at.p -= ((lr / (1 + (at.step - 1) * lrDecay)) * d) / (Math.sqrt(at.sum) + eps);
  },
  NAdam(at, g, { lr = 2e-3, momentumDecay = 4e-3, ...options }) {
    const { betas = [0.9, 0.999], eps = 1e-8 } = options;
    const d = decayed(at, g, lr, options);
    at.step++;
    at.m = betas[0] * (at.m ?? 0) + (1 - betas[0]) * d;
    at.v = betas[1] * (at.v ?? 0) + (1 - betas[1]) * d * d;
    const [now, next] = [0, 1].map((later) => betas[0] * (1 - 0.5 * 0.96 ** ((at.step + later) * momentumDecay)));
    at.product = (at.product ?? 1) * now!;
    const m = (next! * at.m) / (1 - at.product * next!) + ((1 - now!) * d) / (1 - at.product);
    at.p -= (lr * m) / (Math.sqrt(at.v / (1 - betas[1] ** at.step)) + eps);
  },
  RAdam(at, g, { lr = 1e-3, ...options }) {
    const { betas = [0.9, 0.999], eps = 1e-8 } = options;
    const d = decayed(at, g, lr, options);
    const t = ++at.step;
    at.m = betas[0] * (at.m ?? 0) + (1 - betas[0]) * d;
    at.v = betas[1] * (at.v ?? 0) + (1 - betas[1]) * d * d;
    const most = 2 / (1 - betas[1]) - 1;
    const length = most - (2 * t * betas[1] ** t) / (1 - betas[1] ** t);
    const rect = Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
    const scale = length > 5 ? (rect * Math.sqrt(1 - betas[1] ** t)) / (Math.sqrt(at.v) + eps) : 1;
    at.p -= ((lr * at.m) / (1 - betas[0] ** t)) * scale;
  },
  RMSprop(at, g, { lr = 1e-2, alpha = 0.99, eps = 1e-8, weightDecay = 0, momentum = 0, centered, maximize }) {
    const d = (maximize ? -g : g) + weightDecay * at.p;
    at.v = alpha * (at.v ?? 0) + (1 - alpha) * d * d;
    at.a = alpha * (at.a ?? 0) + (1 - alpha) * d;
    const move = d / (Math.sqrt(at.v - (centered ? at.a ** 2 : 0)) + eps);
    at.b = momentum * (at.b ?? 0) + move;
    at.p -= lr * (momentum ? at.b : move);
  },
} satisfies Record<Kind, Twin>;

const weightsOf = (params: readonly Tensor[]) => params.map((param) => Array.from(param.data()));
const describeOptions = (options: object) => JSON.stringify(options).replace(/["{}]/g, '');

describe('trajectories are those of the double-precision twins', () => {
  test.each(optimizers.map(([kind, options]) => [kind, describeOptions(options), options] as const))(
    '%s %s',
    (kind, _shown, options) => {
      const random = uniform(5);
      const params = start(random);
      const points = params.map((param) => Array.from(param.data(), (p): Point => ({ p, step: 0 })));
      const optimizer = make(kind, params as never, options);
      for (let step = 0; step < STEPS; step++) {
        setGradients(params, random);
        params.forEach((param, i) =>
          param.grad!.data().forEach((g, j) => twins[kind](points[i]![j]!, g, options as never)),
        );
        optimizer.step();
        params.forEach((param, i) =>
          param.data().forEach((value, j) => {
            // A float32 rounding or two of each step: parameters stay below 8.
            expect(
              Math.abs(value - points[i]![j]!.p),
              `step ${step}, element ${j} of parameter ${i}: ${value} for ${points[i]![j]!.p}`,
            ).toBeLessThan(2e-7 * 8 * (step + 1));
          }),
        );
      }
      optimizer.zeroGrad();
      optimizer.dispose();
    },
  );
});

describe('every optimizer', () => {
  const kinds = Object.keys(twins) as Kind[];
  const busy: Record<Kind, object> = {
    SGD: { lr: 0.1, momentum: 0.9, dampening: 0.1 },
    Adam: { amsgrad: true },
    AdamW: {},
    Adadelta: { lr: 0.5 },
    Adagrad: { lrDecay: 0.1 },
    NAdam: { weightDecay: 0.1, decoupledWeightDecay: true },
    RAdam: { betas: [0.9, 0.9] },
    RMSprop: { momentum: 0.9, centered: true },
  };

  test.each(kinds)('%s goes on from a saved state to the same bits', (kind) => {
    const gradients = uniform(9);
    const params = start(uniform(5));
    const optimizer = make(kind, params as never, busy[kind]);
    for (let step = 0; step < 3; step++) {
      setGradients(params, gradients);
      optimizer.step();
    }

    const copies = params.map((param) =>
      tensor(param.data() as Float32Array, { shape: param.shape, requiresGrad: true }),
    );
    const resumed = make(kind, copies as never, { lr: 7 });
    resumed.loadStateDict(optimizer.stateDict());
    const [one, two] = [uniform(11), uniform(11)];
    for (let step = 0; step < 5; step++) {
      setGradients(params, one);
      setGradients(copies, two);
      optimizer.step();
      resumed.step();
    }
    expect(weightsOf(copies)).toEqual(weightsOf(params));
    // Loading one's own state changes nothing.
    resumed.loadStateDict(resumed.stateDict());
    setGradients(params, one);
    setGradients(copies, two);
    optimizer.step();
    resumed.step();
    expect(weightsOf(copies)).toEqual(weightsOf(params));
    for (const each of [optimizer, resumed]) {
      each.zeroGrad();
      each.dispose();
    }
  });

  test.each(kinds)('%s leaves a parameter without gradient alone', (kind) => {
    const params = start(uniform(5));
    const optimizer = make(kind, params as never, busy[kind]);
    setGradients(params, uniform(9));
    params[0]!.zeroGrad();
    const before = weightsOf(params);
    optimizer.step();
    expect(weightsOf(params)[0]).toEqual(before[0]);
    expect(weightsOf(params)[1]).not.toEqual(before[1]);
    expect(Object.keys(optimizer.stateDict().state)).toEqual(['1', '2', '3', '4']);
    optimizer.zeroGrad();
    optimizer.dispose();
  });

  test.each(kinds)('%s keeps its state alive over scopes, and frees it', (kind) => {
    const params = start(uniform(5)).map((param) => param.keep());
    const optimizer = make(kind, params as never, busy[kind]);
    const inner = openScope('an inner scope');
    setGradients(params, uniform(9));
    optimizer.step();
    closeScope(inner);
    optimizer.step();
    optimizer.zeroGrad();
    optimizer.dispose();
    expect(memory().tensors).toBe(params.length);
    for (const param of params) param.dispose();
  });

  test.each(kinds)('%s refuses what cannot be', (kind) => {
    const [a, b] = start(uniform(5)) as [Tensor, Tensor];
    const attempt =
      (params: unknown, options: object = {}) =>
      () =>
        make(kind, params as never, { lr: 0.1, ...options });
    expect(attempt([])).toThrow(ArgumentError);
    expect(attempt([])).toThrow(`${kind}: there are no parameters`);
    expect(attempt([a, b, a])).toThrow(`${kind}: parameter 2 of group 0 is there twice`);
    expect(attempt([{ params: [a] }, { params: [b, a] }])).toThrow(`${kind}: parameter 1 of group 1 is there twice`);
    expect(attempt([{ params: [] }])).toThrow('group 0 has no parameters');
    expect(attempt(undefined)).toThrow(`${kind}: the parameters must be a list, not left out`);
    expect(attempt(a)).toThrow(`${kind}: the parameters must be a list, not a Tensor`);
    expect(attempt([{ params: a }])).toThrow(`${kind}: params of a group must be a list, not a Tensor`);
    expect(attempt([null])).toThrow(`${kind}: a group must be { params, …options }, not null`);
    expect(attempt([zeros([2], { dtype: 'int32' })])).toThrow(DTypeError);
    expect(attempt([a], { lr: -0.1 })).toThrow(`${kind}: lr must be a finite number ≥ 0, not -0.1`);
    expect(attempt([a], { lr: NaN })).toThrow('lr must be');
    expect(attempt([a], { lr: Infinity })).toThrow('lr must be');
    expect(attempt([a], { weightDecay: -1 })).toThrow('weightDecay must be');
    expect(attempt([a], { maximize: 1 })).toThrow('maximize must be true or false, not 1');
    expect(attempt([a], { learningRate: 1 })).toThrow(
      /there is no option learningRate\n {2}hint: the options are .*lr/,
    );
    expect(attempt([{ params: [a], weight_decay: 1 }])).toThrow('there is no option weight_decay');
    expect(attempt([a.mul(2)])).toThrow('parameter 0 of group 0 is the result of mul');
    expect(() => attempt([a])().addParamGroup({ params: [a] })).toThrow('parameter 0 of group 1 is there twice');
  });

  test.each(kinds)('%s refuses a state that does not fit, and is left as it was', (kind) => {
    const params = start(uniform(5));
    const optimizer = make(kind, params as never, busy[kind]);
    setGradients(params, uniform(9));
    optimizer.step();
    const good = optimizer.stateDict();
    const group = good.paramGroups[0]!;
    const [name, value] = Object.entries(good.state['0']!).find(([, entry]) => typeof entry !== 'number')! as [
      string,
      Tensor,
    ];
    const before = JSON.stringify(good, (_key, entry) => (entry?.storage ? Array.from(entry.data()) : entry));
    const refused = (state: unknown, message: string | RegExp) => {
      expect(() => optimizer.loadStateDict(state as optim.OptimizerState)).toThrow(CheckpointError);
      expect(() => optimizer.loadStateDict(state as optim.OptimizerState)).toThrow(message);
    };
    refused({ ...good, paramGroups: [] }, 'the state has 0 parameter groups, the optimizer 1');
    refused(
      { ...good, paramGroups: [{ ...group, params: [0, 1] }] },
      'group 0 of the state has 2 parameters, that of the optimizer 5',
    );
    refused({ ...good, paramGroups: [{ ...group, params: [0, 1, 2, 3, 3] }] }, 'parameter 3 is there twice');
    refused({ ...good, paramGroups: [{ ...group, speed: 1 }] }, 'the option speed');
    refused({ ...good, paramGroups: [{ ...group, lr: -1 }] }, 'lr must be');
    refused({ ...good, paramGroups: [(({ lr: _lr, ...rest }) => rest)(group)] }, 'lacks the option lr');
    refused({ ...good, state: { ...good.state, 9: good.state['0'] } }, 'entries for parameter 9');
    refused({ ...good, state: { ...good.state, 0: { ...good.state['0'], velocity: value } } }, 'the entry velocity');
    refused(
      { ...good, state: { ...good.state, 0: { ...good.state['0'], [name]: zeros([2]) } } },
      `${name} of parameter 0 is a float32 tensor of shape [2], but the parameter is float32 of shape [3, 5]`,
    );
    refused({ ...good, state: { ...good.state, 0: { ...good.state['0'], [name]: 3 } } }, `${name} of parameter 0 is 3`);
    refused({ ...good, state: { ...good.state, 0: {} } }, `parameter 0 lacks its ${kind === 'SGD' ? name : 'step'}`);
    if (kind !== 'SGD')
      refused({ ...good, state: { ...good.state, 0: { ...good.state['0'], step: -1 } } }, 'the step of parameter 0');
    expect(
      JSON.stringify(optimizer.stateDict(), (_key, entry) => (entry?.storage ? Array.from(entry.data()) : entry)),
    ).toBe(before);
    optimizer.zeroGrad();
    optimizer.dispose();
  });
});

describe('groups', () => {
  test('have options of their own, also those added later', () => {
    const [a, b, c] = [[1], [1], [1]].map((value) => tensor(value)) as [Tensor, Tensor, Tensor];
    const optimizer = new optim.SGD([{ params: [a] }, { params: [b], lr: 0.5 }], { lr: 0.1 });
    optimizer.addParamGroup({ params: [c], lr: 0.25, weightDecay: undefined });
    for (const param of [a, b, c]) param.grad = tensor([1]).keep();
    optimizer.step();
    expect([a.item(), b.item(), c.item()]).toEqual([Math.fround(1 - Math.fround(0.1)), 0.5, 0.75]);
    optimizer.paramGroups[0]!.lr = 0;
    optimizer.step();
    expect(a.item()).toBe(Math.fround(1 - Math.fround(0.1)));
    optimizer.zeroGrad();
    expect([a.grad, b.grad, c.grad]).toEqual([null, null, null]);
  });

  test("are saved under PyTorch's names", () => {
    const params = start(uniform(5));
    const optimizer = new optim.Adam([{ params: params.slice(0, 2) }, { params: params.slice(2), lr: 0.5 }], {
      weightDecay: 0.1,
    });
    setGradients(params, uniform(9));
    optimizer.step();
    const { state, paramGroups } = optimizer.stateDict();
    expect(paramGroups).toEqual([
      { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.1, amsgrad: false, maximize: false, params: [0, 1] },
      {
        lr: 0.5,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weight_decay: 0.1,
        amsgrad: false,
        maximize: false,
        params: [2, 3, 4],
      },
    ]);
    expect(Object.keys(state)).toEqual(['0', '1', '2', '3', '4']);
    expect(Object.keys(state['0']!).sort()).toEqual(['exp_avg', 'exp_avg_sq', 'step']);
    expect(state['4']!.step).toBe(1);
    expect((state['0']!.exp_avg as Tensor).shape).toEqual([3, 5]);
    optimizer.zeroGrad();
    optimizer.dispose();
  });
});
