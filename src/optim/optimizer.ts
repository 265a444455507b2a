import '../autograd/methods.js';
import { isRecord, notNegative, optional, type Rule, type Rules, readOptions } from '../runtime/arguments.js';
import { show } from '../runtime/describe.js';
import { ArgumentError, DTypeError } from '../runtime/errors.js';
import { examples } from '../runtime/examples.js';
import { snakeCase } from '../runtime/names.js';
import { empty } from '../tensor/create.js';
import { isTensor, markOverwritten, type Tensor } from '../tensor/tensor.js';
import { fits, freed, wrongGradient } from './gradient.js';
import {
  copied,
  copyEntries,
  free,
  type OptimizerState,
  type ParamState,
  readState,
  type StateLayout,
} from './state.js';

export type { OptimizerState, ParamState, StateLayout };

/** Options that every optimizer has. */
export interface CommonOptions {
  /** Learning rate: how far one step goes. */
  lr: number;
  /** Strength of the pull of every parameter towards 0. Default: 0. */
  weightDecay: number;
  /** Climb instead of descend. Default: false. */
  maximize: boolean;
}

/** Parameters that share their options. Schedulers change `lr`; so may you, between steps. */
export type ParamGroup<Options extends CommonOptions = CommonOptions> = Options & {
  readonly params: readonly Tensor[];
  /** `lr` before any scheduler changed it: when the first one was made, or when the group joined later. */
  initialLr?: number;
};

/** A group as it is given: parameters, and the options in which it differs from those of the optimizer. */
export type ParamGroupInput<Options extends CommonOptions = CommonOptions> = Partial<Options> & {
  readonly params: Iterable<Tensor>;
};

/** What there is to optimise: parameters, or groups of them. */
export type Optimizable<Options extends CommonOptions = CommonOptions> =
  | Iterable<Tensor>
  | Iterable<ParamGroupInput<Options>>;

/**
 * The base of all optimizers: groups of parameters, and what is remembered about each parameter.
 *
 * The constructor of every optimizer takes the parameters, or groups `{ params, …options }`, and the options for groups
 * that do not set their own. What is remembered lives until `dispose()`.
 *
 * @see torch.optim.Optimizer
 */
export abstract class Optimizer<Options extends CommonOptions = CommonOptions> {
  readonly paramGroups: ParamGroup<Options>[] = [];
  private readonly defaults: Options;
  private readonly ruleList: readonly (readonly [string, Rule])[];
  private readonly state = new Map<Tensor, ParamState>();
  private readonly steppedBy: string;
  /** Tensors that the step at hand adds to the state, of yet undefined elements. */
  private readonly added = new Map<Tensor, Record<string, Tensor>>();

  /**
   * @param name of the optimizer, for messages
   * @throws {ArgumentError} when there are no parameters, one is given twice, or an option is unknown or outside its
   *   range
   */
  protected constructor(
    readonly name: string,
    parameters: Optimizable<Options>,
    private readonly rules: Rules<Options>,
    defaults: Options,
    options: Partial<Options>,
  ) {
    this.steppedBy = `${name}.step()`;
    this.ruleList = Object.entries<Rule>(rules);
    examples.set(name, `new optim.${name}(model.parameters(), { lr: 0.1 })`);
    this.defaults = readOptions(name, options, rules, defaults);
    this.checkTogether(this.defaults);
    const given = listed<Tensor | ParamGroupInput<Options>>(parameters, 'the parameters', name);
    if (given.length === 0)
      throw new ArgumentError('there are no parameters to optimise', { where: name, hint: 'pass model.parameters()' });
    if (given.every(isTensor)) this.addParams(given, {});
    else for (const group of given as ParamGroupInput<Options>[]) this.addParamGroup(group);
  }

  /** Moves one parameter by its gradient. */
  protected abstract update(param: Tensor, grad: Tensor, group: ParamGroup<Options>): void;

  /** What is remembered for parameters under these options. */
  protected abstract layout(options: Options): StateLayout;

  /** Checks options that depend on one another; the others are checked already. Override it where there are any. */
  protected checkTogether(_options: Options): void {}

  /**
   * Moves every parameter that has a gradient; the others stay as they are, as does what is remembered about them.
   * When it throws, no parameter has moved and nothing is remembered of the attempt: the same step can be tried again.
   *
   * @throws {OutOfMemoryError} when there is no room for what is to be remembered (on the first step of a parameter)
   * @throws {ArgumentError} when an option of a group was set to what it may not be, or a gradient is not a tensor
   * @throws {DisposedTensorError} when a parameter, its gradient or what is remembered about it was freed
   * @throws {ShapeError} when a gradient has another shape than its parameter
   * @throws {DTypeError} when a gradient is not float32
   */
  step(): void {
    this.prepare();
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        if (param.grad === null) continue;
        markOverwritten(param, this.steppedBy);
        this.update(param, param.grad, group);
      }
    }
    if (this.added.size > 0) this.dropAdded();
  }

  /** Makes all checks of a step and takes all memory that it needs: what follows cannot fail half-way. */
  private prepare(): void {
    try {
      for (let i = 0; i < this.paramGroups.length; i++) this.prepareGroup(this.paramGroups[i]!, i);
    } catch (error) {
      this.dropAdded();
      throw error;
    }
  }

  /** Of the operation, for messages. */
  private get stepName(): string {
    return `${this.name}.step`;
  }

  private prepareGroup(group: ParamGroup<Options>, i: number): void {
    for (const [option, { holds, expected }] of this.ruleList) {
      const value = (group as unknown as Record<string, unknown>)[option];
      if (holds(value)) continue;
      const problem = `${option} of group ${i} must be ${expected}, not ${show(value)}`;
      throw new ArgumentError(problem, { where: this.stepName });
    }
    const { params } = group;
    const { required } = this.layout(group);
    for (let j = 0; j < params.length; j++) {
      const param = params[j]!;
      const { grad } = param;
      if (grad === null) continue;
      if (!fits(grad, param)) throw wrongGradient(grad, param, `parameter ${j} of group ${i}`, this.stepName);
      const entries = this.state.get(param);
      for (let k = 0; k < required.length; k++) {
        const name = required[k]!;
        const entry = entries?.[name] as Tensor | undefined;
        if (entry === undefined) this.add(param, name);
        else if (entry.disposed) {
          const hint = 'stateDict() gives the tensors in use: do not free them';
          throw freed(`${name} of parameter ${j} of group ${i}`, this.stepName, hint);
        }
      }
    }
  }

  /** Takes the memory of what is to be remembered of `param` under `name`. */
  private add(param: Tensor, name: string): Record<string, Tensor> {
    let tensors = this.added.get(param);
    if (tensors === undefined) this.added.set(param, (tensors = {}));
    tensors[name] ??= empty(param.shape).keep();
    return tensors;
  }

  private dropAdded(): void {
    for (const tensors of this.added.values()) free(tensors);
    this.added.clear();
  }

  /** Frees the gradients, so that the next `backward()` begins new sums. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) for (const param of params) param.zeroGrad();
  }

  /**
   * Adds parameters with options of their own, for example layers that join in after a warm-up. Schedulers that are
   * there already take the group in at their next `step()`; its `lr` is its initial rate for them.
   *
   * @throws {ArgumentError} when a parameter is not a leaf or in a group already, or an option is unknown or outside
   *   its range
   * @throws {DTypeError} when a parameter is not float32
   */
  addParamGroup(group: ParamGroupInput<Options>): void {
    if (!isRecord(group)) {
      throw new ArgumentError(`a group must be { params, …options }, not ${show(group)}`, { where: this.name });
    }
    const { params, ...options } = group;
    this.addParams(listed(params ?? [], 'params of a group', this.name), options);
  }

  private addParams(params: readonly Tensor[], options: object): void {
    if (params.length === 0)
      throw new ArgumentError(`group ${this.paramGroups.length} has no parameters`, {
        where: this.name,
        hint: 'a group is { params, …options }',
      });
    const taken = new Set(this.paramGroups.flatMap((other) => other.params));
    params.forEach((param, i) => {
      const which = `parameter ${i} of group ${this.paramGroups.length}`;
      if (!isTensor(param)) throw new ArgumentError(`${which} is not a tensor`, { where: this.name });
      if (param.dtype !== 'float32')
        throw new DTypeError(`${which} is ${param.dtype}, only float32 can be optimised`, { where: this.name });
      if (param.node !== null)
        throw new ArgumentError(`${which} is the result of ${param.node.name}`, {
          where: this.name,
          hint: 'only leaves can be optimised: parameters, or tensors made with { requiresGrad: true }',
        });
      if (taken.has(param))
        throw new ArgumentError(`${which} is there twice`, {
          where: this.name,
          hint: 'every parameter belongs to one group, once',
        });
      taken.add(param);
    });
    const whole: ParamGroup<Options> = { ...this.defaults, ...withoutUndefined(options), params };
    this.checkChange(whole);
    if (this.paramGroups.some(({ initialLr }) => initialLr !== undefined)) whole.initialLr ??= whole.lr;
    this.paramGroups.push(whole);
  }

  /**
   * The options of the groups and what is remembered about each parameter, under PyTorch's names. Its tensors are those
   * in use, not copies.
   */
  stateDict(): OptimizerState {
    const state: Record<string, ParamState> = {};
    let first = 0;
    const paramGroups = this.paramGroups.map((group) => {
      const { params, ...options } = group;
      const { required } = this.layout(group);
      const numbers = params.map((param, i) => {
        const entries = this.state.get(param);
        if (entries !== undefined) {
          // An option that has changed since the last step (a momentum above 0) may ask for more than that step made.
          for (const name of required) this.remembered(param, name);
          state[first + i] = { ...entries };
        }
        return first + i;
      });
      first += params.length;
      const saved = Object.entries(options).map(([option, value]) => [snakeCase(option), copied(value)]);
      return { ...Object.fromEntries(saved), params: numbers };
    });
    return { state, paramGroups };
  }

  /**
   * Takes over what `stateDict()` gave, for parameters of the same shapes in the same groups; the tensors are copied.
   * Nothing is changed when something does not fit, or memory does not suffice for the copies. (A learning rate that
   * rounding left below 0, by at most a millionth of the initial rate, is taken for 0.)
   *
   * @throws {CheckpointError} when groups, parameters, options, entries or shapes are not those of this optimizer
   * @throws {OutOfMemoryError} when there is no room for the copies beside what they replace
   */
  loadStateDict(given: OptimizerState): void {
    const { options, entries } = readState(
      {
        name: this.name,
        groups: this.paramGroups,
        rules: this.rules,
        layout: (own) => this.layout(own),
        check: (own) => this.checkOptions(own),
      },
      given,
    );
    const copies = copyEntries(entries);
    this.dispose();
    for (const [param, own] of copies) this.state.set(param, own);
    options.forEach((own, i) => {
      const group = this.paramGroups[i]!;
      delete group.initialLr;
      Object.assign(group, own);
    });
  }

  /** Frees what is remembered about the parameters (which stay): the next step begins anew. */
  dispose(): void {
    for (const entries of this.state.values()) free(entries);
    this.state.clear();
    this.dropAdded();
  }

  /** @throws {ArgumentError} when a group could not have the options of `change` in place of its own @internal */
  checkChange(group: ParamGroup<Options>, change: object = {}, where = this.name): void {
    const { params: _params, ...options } = { ...group, ...change };
    this.checkOptions(options as unknown as Options, where);
  }

  /** Counts a step of `param`: 1 the first time. */
  protected countStep(param: Tensor): number {
    const entries = this.entriesOf(param);
    const step = ((entries.step ?? 0) as number) + 1;
    entries.step = step;
    return step;
  }

  /** The product of the factors of all steps of `param`, `factor` of this one included. */
  protected multiplied(param: Tensor, factor: number): number {
    const entries = this.entriesOf(param);
    const product = ((entries.mu_product ?? 1) as number) * factor;
    entries.mu_product = product;
    return product;
  }

  /** Whether something is remembered about `param` under `name`. */
  protected remembers(param: Tensor, name: string): boolean {
    return this.state.get(param)?.[name] !== undefined;
  }

  /** The tensor of the shape of `param` that is remembered under `name`; the first time, full of `initial`. */
  protected remembered(param: Tensor, name: string, initial = 0): Tensor {
    const known = this.state.get(param)?.[name];
    if (known !== undefined) return known as Tensor;
    const added = this.add(param, name);
    const tensor = added[name]!;
    delete added[name];
    tensor.view().fill(initial);
    this.entriesOf(param)[name] = tensor;
    return tensor;
  }

  private entriesOf(param: Tensor): ParamState {
    let entries = this.state.get(param);
    if (entries === undefined) this.state.set(param, (entries = {}));
    return entries;
  }

  private checkOptions(options: Options, where = this.name): void {
    const rules = { ...this.rules, initialLr: optional(notNegative) };
    readOptions(where, options, rules as Rules<Options>);
    this.checkTogether(options);
  }
}

function listed<Item>(given: Iterable<Item>, what: string, where: string): Item[] {
  if (typeof given?.[Symbol.iterator] !== 'function') {
    throw new ArgumentError(`${what} must be a list, not ${show(given)}`, { where, hint: 'pass model.parameters()' });
  }
  return [...given];
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
