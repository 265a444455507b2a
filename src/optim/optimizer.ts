import '../autograd/methods.js';
import { ArgumentError, CheckpointError, DTypeError } from '../runtime/errors.js';
import { snakeCase } from '../runtime/names.js';
import { empty, full } from '../tensor/create.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import { isTensor, markOverwritten, Tensor } from '../tensor/tensor.js';
import { checkOptions, notNegative, optional, type Rules } from './rules.js';

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
  /** `lr` before any scheduler changed it. */
  initialLr?: number;
};

/** A group as it is given: parameters, and the options in which it differs from those of the optimizer. */
export type ParamGroupInput<Options extends CommonOptions = CommonOptions> = Partial<Options> & { readonly params: Iterable<Tensor> };

/** What there is to optimise: parameters, or groups of them. */
export type Optimizable<Options extends CommonOptions = CommonOptions> = Iterable<Tensor> | Iterable<ParamGroupInput<Options>>;

/** What an optimizer remembers about one parameter, under PyTorch's names. */
export type ParamState = Record<string, Tensor | number>;

/** Nested as PyTorch's: state by the number of the parameter, and the options of each group with the numbers in it. */
export interface OptimizerState {
  readonly state: Record<string, ParamState>;
  readonly paramGroups: Record<string, unknown>[];
}

/** The entries that an optimizer keeps for a parameter: whether it counts steps, and the tensors it may and must have. */
export interface StateLayout {
  readonly step: boolean;
  readonly tensors: readonly string[];
  /** Those of `tensors` that a parameter which was ever stepped has, with the options of its group. */
  readonly required: readonly string[];
}

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
  private readonly state = new Map<Tensor, ParamState>();
  private readonly stepName: string;

  /**
   * @param name of the optimizer, for messages
   * @throws {ArgumentError} when there are no parameters, one is given twice, or an option is unknown or outside its range
   */
  protected constructor(readonly name: string, parameters: Optimizable<Options>, private readonly rules: Rules<Options>, defaults: Options, options: Partial<Options>) {
    this.stepName = `${name}.step()`;
    this.defaults = { ...defaults, ...withoutUndefined(options) };
    this.checkOptions(this.defaults);
    const given = [...parameters];
    if (given.length === 0) throw new ArgumentError('there are no parameters to optimise', { where: name, hint: 'pass model.parameters()' });
    if (given.every(isTensor)) this.addParams(given, {});
    else for (const group of given as ParamGroupInput<Options>[]) this.addParamGroup(group);
  }

  /** Moves one parameter by its gradient. */
  protected abstract update(param: Tensor, grad: Tensor, group: ParamGroup<Options>): void;

  /** What is remembered for parameters under these options. */
  protected abstract layout(options: Options): StateLayout;

  /** Checks options that depend on one another; the others are checked already. Override it where there are any. */
  protected checkTogether(_options: Options): void {}

  /** Moves every parameter that has a gradient; the others stay as they are, as does what is remembered about them. */
  step(): void {
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        if (param.grad === null) continue;
        markOverwritten(param, this.stepName);
        this.update(param, param.grad, group);
      }
    }
  }

  /** Frees the gradients, so that the next `backward()` begins new sums. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) for (const param of params) param.zeroGrad();
  }

  /**
   * Adds parameters with options of their own, for example layers that join in after a warm-up.
   *
   * @throws {ArgumentError} when a parameter is no leaf or in a group already, or an option is unknown or outside its range
   * @throws {DTypeError} when a parameter is not float32
   */
  addParamGroup(group: ParamGroupInput<Options>): void {
    const { params, ...options } = group;
    this.addParams([...(params ?? [])], options);
  }

  private addParams(params: readonly Tensor[], options: object): void {
    if (params.length === 0) throw new ArgumentError(`group ${this.paramGroups.length} has no parameters`, { where: this.name, hint: 'a group is { params, …options }' });
    const taken = new Set(this.paramGroups.flatMap((other) => other.params));
    params.forEach((param, i) => {
      const which = `parameter ${i} of group ${this.paramGroups.length}`;
      if (!isTensor(param)) throw new ArgumentError(`${which} is no tensor`, { where: this.name });
      if (param.dtype !== 'float32') throw new DTypeError(`${which} is ${param.dtype}, only float32 can be optimised`, { where: this.name });
      if (param.node !== null) throw new ArgumentError(`${which} is the result of ${param.node.name}`, { where: this.name, hint: 'only leaves can be optimised: parameters, or tensors made with { requiresGrad: true }' });
      if (taken.has(param)) throw new ArgumentError(`${which} is there twice`, { where: this.name, hint: 'every parameter belongs to one group, once' });
      taken.add(param);
    });
    const whole: Options = { ...this.defaults, ...withoutUndefined(options) };
    this.checkOptions(whole);
    this.paramGroups.push({ ...whole, params });
  }

  /**
   * The options of the groups and what is remembered about each parameter, under PyTorch's names. Its tensors are those
   * in use, not copies.
   */
  stateDict(): OptimizerState {
    const state: Record<string, ParamState> = {};
    let first = 0;
    const paramGroups = this.paramGroups.map(({ params, ...options }) => {
      const numbers = params.map((param, i) => {
        const entries = this.state.get(param);
        if (entries !== undefined) state[first + i] = { ...entries };
        return first + i;
      });
      first += params.length;
      return { ...Object.fromEntries(Object.entries(options).map(([option, value]) => [snakeCase(option), value])), params: numbers };
    });
    return { state, paramGroups };
  }

  /**
   * Takes over what `stateDict()` gave, for parameters of the same shapes in the same groups; the tensors are copied.
   * Nothing is changed when something does not fit.
   *
   * @throws {CheckpointError} when groups, parameters, options, entries or shapes are not those of this optimizer
   */
  loadStateDict({ state, paramGroups }: OptimizerState): void {
    if (paramGroups.length !== this.paramGroups.length) {
      throw this.misfit(`the state has ${paramGroups.length} parameter groups, the optimizer ${this.paramGroups.length}`);
    }
    const numbered = new Map<string, Tensor>();
    const loads: (() => void)[] = [];
    paramGroups.forEach((loaded, i) => {
      const group = this.paramGroups[i]!;
      const options = this.readOptions(loaded, i);
      const { params } = loaded;
      if (!Array.isArray(params) || params.length !== group.params.length) {
        throw this.misfit(`group ${i} of the state has ${Array.isArray(params) ? params.length : 'no'} parameters, that of the optimizer ${group.params.length}`);
      }
      params.forEach((number, j) => {
        const param = group.params[j]!;
        if (numbered.has(String(number))) throw this.misfit(`parameter ${number} is there twice`);
        numbered.set(String(number), param);
        const entries = state[String(number)];
        if (entries !== undefined) this.checkEntries(entries, param, String(number), this.layout(options));
      });
      loads.push(() => {
        delete group.initialLr;
        Object.assign(group, options);
      });
    });
    const strangers = Object.keys(state).filter((number) => !numbered.has(number));
    if (strangers.length > 0) throw this.misfit(`the state has entries for parameter ${strangers[0]}, which is in no group`);

    const copies = new Map<Tensor, ParamState>();
    for (const [number, param] of numbered) {
      const entries = state[number];
      if (entries !== undefined) copies.set(param, Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, copyEntry(name, value)])));
    }
    this.dispose();
    for (const [param, entries] of copies) this.state.set(param, entries);
    for (const load of loads) load();
  }

  /** Frees what is remembered about the parameters (which stay): the next step begins anew. */
  dispose(): void {
    for (const entries of this.state.values()) {
      for (const value of Object.values(entries)) if (value instanceof Tensor) value.dispose();
    }
    this.state.clear();
  }

  /** Counts a step of `param`: 1 the first time. */
  protected countStep(param: Tensor): number {
    const entries = this.entriesOf(param);
    const step = ((entries['step'] ?? 0) as number) + 1;
    entries['step'] = step;
    return step;
  }

  /** Whether something is remembered about `param` under `name`. */
  protected remembers(param: Tensor, name: string): boolean {
    return this.state.get(param)?.[name] !== undefined;
  }

  /** The tensor of the shape of `param` that is remembered under `name`; the first time, full of `initial`. */
  protected remembered(param: Tensor, name: string, initial = 0): Tensor {
    const entries = this.entriesOf(param);
    entries[name] ??= full(param.shape, initial).keep();
    return entries[name] as Tensor;
  }

  private entriesOf(param: Tensor): ParamState {
    let entries = this.state.get(param);
    if (entries === undefined) this.state.set(param, (entries = {}));
    return entries;
  }

  private checkOptions(options: Options): void {
    checkOptions(this.name, options, { ...this.rules, initialLr: optional(notNegative) });
    this.checkTogether(options);
  }

  /** The options of a saved group by our names. */
  private readOptions(loaded: Record<string, unknown>, group: number): Options {
    const names = new Map([...Object.keys(this.rules), 'initialLr'].map((option) => [snakeCase(option), option]));
    const options: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(loaded)) {
      if (key === 'params') continue;
      const option = names.get(key);
      if (option === undefined) throw this.misfit(`group ${group} of the state has the option ${key}, which ${this.name} does not know`);
      options[option] = value;
    }
    for (const option of Object.keys(this.rules)) {
      if (!(option in options)) throw this.misfit(`group ${group} of the state lacks the option ${snakeCase(option)}`);
    }
    try {
      this.checkOptions(options as unknown as Options);
    } catch (error) {
      throw this.misfit(`the options of group ${group} of the state are wrong: ${(error as Error).message}`);
    }
    return options as unknown as Options;
  }

  private checkEntries(entries: ParamState, param: Tensor, number: string, { step, tensors, required }: StateLayout): void {
    const needed = step ? ['step', ...required] : required;
    for (const name of needed) if (entries[name] === undefined) throw this.misfit(`parameter ${number} lacks its ${name}`);
    for (const [name, value] of Object.entries(entries)) {
      if (step && name === 'step') {
        const count = numberIn(value);
        if (count === undefined || !Number.isInteger(count) || count < 0) throw this.misfit(`the step of parameter ${number} is no whole number ≥ 0`);
      } else if (!tensors.includes(name)) {
        throw this.misfit(`parameter ${number} has the entry ${name}, which ${this.name} does not know`);
      } else if (!(value instanceof Tensor) || value.dtype !== 'float32' || !sameShape(value.shape, param.shape)) {
        const got = value instanceof Tensor ? `a ${value.dtype} tensor of shape ${formatShape(value.shape)}` : String(value);
        throw this.misfit(`${name} of parameter ${number} is ${got}, but the parameter is float32 of shape ${formatShape(param.shape)}`);
      }
    }
  }

  private misfit(problem: string): CheckpointError {
    return new CheckpointError(problem, { where: `${this.name}.loadStateDict`, hint: 'build the optimizer over the same model, with the same groups, as the one that was saved' });
  }
}

/** PyTorch has the number of steps as a tensor in some optimizers. */
function numberIn(value: Tensor | number | undefined): number | undefined {
  return value instanceof Tensor ? (value.size === 1 ? value.item() : undefined) : value;
}

function copyEntry(name: string, value: Tensor | number): Tensor | number {
  if (name === 'step') return numberIn(value)!;
  return empty((value as Tensor).shape).keep().assign(value as Tensor);
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
