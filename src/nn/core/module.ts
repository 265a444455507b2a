/// <reference lib="esnext.disposable" preserve="true" />
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError } from '../../runtime/errors.js';
import type { Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { BufferTensor } from './buffer.js';
import { warnOfHidden } from './hidden.js';
import { joinPath, snakeCase } from './names.js';
import { Parameter } from './parameter.js';
import type { SIZES, Sizes } from './sizes.js';
import { type LoadableState, type LoadOptions, type LoadResult, loadState, type StateDict } from './state.js';
import { type SummaryOptions, summarize } from './summary.js';
import { register } from './watch.js';

/** A module, whatever it takes and gives: for code that walks a model. */
export type AnyModule = Module<never, unknown>;

/** What a module consists of: its name there, and the thing. */
export type Member = readonly [name: string, value: Parameter | BufferTensor | AnyModule];

/**
 * The base of all layers and models: it finds its parameters, buffers and submodules by itself.
 *
 * A subclass sets properties and defines `forward`. Every own property that is a `Parameter`, a `Buffer`, a `Module`,
 * or an array of them, belongs to it, in the order in which they were set. (`#private` fields are not looked at: keep
 * references to modules that belong elsewhere there. Layers in a plain object, Map or Set are not found, and
 * `parameters()` warns of them.) Keys are the properties in snake_case, joined by dots, the
 * positions in arrays between them: `this.hiddenLayers = [new nn.Linear(4, 2)]` has the key `hidden_layers.0.weight`.
 *
 * `forward` is a plain method: nothing is put in its place or around it. An error from within a {@link Layer} names
 * that layer by its path; see there.
 *
 * @see torch.nn.Module
 * @example
 * class Perceptron extends nn.Module {
 *   hidden = new nn.Linear(784, 128);
 *   output = new nn.Linear(128, 10);
 *   forward(x: Tensor): Tensor {
 *     return this.output.forward(relu(this.hidden.forward(x)));
 *   }
 * }
 */
export abstract class Module<In extends readonly unknown[] = [Tensor], Out = Tensor, S extends Sizes = Sizes> {
  /** Whether layers behave as in training (dropout drops, batch norm uses the batch). Set by `train()` and `eval()`. */
  training = true;

  /**
   * Whether `parameters()` warns of layers in plain objects, Maps and Sets of an instance, where it does not look. Set
   * it to false in a class that keeps modules of others there.
   */
  static readonly warnOfHiddenLayers: boolean = true;

  constructor() {
    register(this);
  }

  /** Computes the output from the inputs. */
  abstract forward(...inputs: In): Out;

  /** What belongs directly to it, in order. Override it to choose other names than those of the properties. */
  protected members(): readonly Member[] {
    return Object.entries(this).flatMap(([property, value]) => membersOf(snakeCase(property), value));
  }

  // ---- Its parts ----

  /** Submodules directly below, with their names; each once. */
  namedChildren(): [string, AnyModule][] {
    const seen = new Set<AnyModule>();
    const children: [string, AnyModule][] = [];
    for (const [name, value] of this.members()) {
      if (!(value instanceof Module) || seen.has(value)) continue;
      seen.add(value);
      children.push([name, value]);
    }
    return children;
  }

  /** Submodules directly below, each once. */
  children(): AnyModule[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** Itself (path '') and every module below, containers before what they contain; each once, by its first path. */
  namedModules(): [string, AnyModule][] {
    const seen = new Map<AnyModule, string>();
    for (const [path, module] of this.places('', [])) if (!seen.has(module)) seen.set(module, path);
    return [...seen].map(([module, path]) => [path, module]);
  }

  /** Itself and every module below, each once. */
  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module);
  }

  /**
   * Everything that is trained, with its key; a shared parameter once, by its first key. Warns once per class where a
   * plain object, Map or Set has layers, which are not found: see {@link Module.warnOfHiddenLayers}.
   */
  namedParameters(): [string, Parameter][] {
    const parameters = this.namedTensors(Parameter);
    const modules = this.modules();
    const found = new Set<unknown>([...modules, ...parameters.map(([, parameter]) => parameter)]);
    const isPart = (value: unknown): boolean => value instanceof Module || value instanceof Parameter;
    for (const module of modules) warnOfHidden(module, (value) => isPart(value) && !found.has(value));
    return parameters;
  }

  /** Everything that is trained; what an optimizer takes. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** State that is not trained, such as running statistics, with its key. */
  namedBuffers(): [string, BufferTensor][] {
    return this.namedTensors(BufferTensor);
  }

  /** State that is not trained. */
  buffers(): BufferTensor[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  /**
   * Itself and all modules below, with their paths: a shared module at each of its places.
   *
   * @throws {ArgumentError} when a module contains itself
   */
  private *places(path: string, above: readonly AnyModule[]): Generator<[string, AnyModule]> {
    const self = this as unknown as AnyModule;
    if (above.includes(self)) {
      throw new ArgumentError(`this module contains itself, at ${path}`, {
        where: this.constructor.name,
        hint: 'keep references to the modules above in a #private field',
      });
    }
    yield [path, self];
    const below = [...above, self];
    for (const [name, value] of this.members())
      if (value instanceof Module) yield* value.places(joinPath(path, name), below);
  }

  private namedTensors<T extends Tensor>(kind: abstract new (...inputs: never) => T): [string, T][] {
    const seen = new Map<T, string>();
    for (const [path, module] of this.namedModules()) {
      for (const [name, value] of module.members()) {
        if (value instanceof kind && !seen.has(value)) seen.set(value, joinPath(path, name));
      }
    }
    return [...seen].map(([tensor, key]) => [key, tensor]);
  }

  /** Calls `fn` on every module: those below first, itself last. */
  apply(fn: (module: AnyModule) => void): this {
    checkArguments('model.apply(fn=(module) => 0)', fn);
    for (const child of this.children()) child.apply(fn);
    fn(this as unknown as AnyModule);
    return this;
  }

  // ---- Training ----

  /** Sets `training` here and below. */
  train(mode = true): this {
    checkArguments('model.train(mode=true)', mode);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** For evaluation: `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Says of all parameters whether they are trained: `requireGrad(false)` freezes them. */
  requireGrad(required = true): this {
    checkArguments('model.requireGrad(required=true)', required);
    for (const parameter of this.parameters()) parameter.requireGrad(required);
    return this;
  }

  /** Frees the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  // ---- State ----

  /**
   * Parameters and persistent buffers by key, in PyTorch's order: those of a module before those of the modules below
   * it, parameters before buffers. The tensors are live: they change as training goes on.
   *
   * @throws {ArgumentError} when two properties have the same key
   */
  stateDict(): StateDict {
    const state: StateDict = {};
    for (const [path, module] of this.places('', [])) {
      const members = module.members();
      const own = [
        ...members.filter(([, value]) => value instanceof Parameter),
        ...members.filter(([, value]) => value instanceof BufferTensor && value.persistent),
      ] as [string, Tensor][];
      for (const [name, value] of own) {
        const key = joinPath(path, name);
        if (Object.hasOwn(state, key))
          throw new ArgumentError(`two properties of ${module.constructor.name} have the key ${key}`, {
            where: 'stateDict',
          });
        state[key] = value;
      }
    }
    return state;
  }

  /**
   * Copies values into the parameters and buffers: all of them, or none where something does not fit.
   *
   * @throws {CheckpointError} that lists the missing and unexpected keys (unless `strict` is false), and the tensors of
   *   another shape or dtype
   */
  loadStateDict(state: LoadableState, options: LoadOptions = {}): LoadResult {
    return loadState(this.constructor.name, this.stateDict(), state, options);
  }

  /**
   * Frees parameters, their gradients, and buffers. Seldom needed: they go when nothing refers to the module any more.
   */
  dispose(): void {
    for (const parameter of this.parameters()) {
      parameter.zeroGrad();
      parameter.dispose();
    }
    for (const buffer of this.buffers()) buffer.dispose();
  }

  // ---- As text ----

  /**
   * A table of the layers: output shape, parameters, totals, memory. It runs `forward` once (as in evaluation, without
   * gradients) on zeros.
   *
   * @param input shape of one sample, without the batch axis (`[1, 28, 28]`); or the inputs themselves
   */
  summary(input: Shape | In, options: SummaryOptions = {}): string {
    return summarize(this as unknown as AnyModule, input, options);
  }

  /** The arguments it was made with, as `toString` shows them. Override it in layers that have some. */
  protected extraRepr(): string {
    return '';
  }

  /** The tree of layers, as PyTorch prints it. */
  toString(): string {
    const extra = this.extraRepr();
    const children = this.namedChildren();
    if (children.length === 0) return `${this.constructor.name}(${extra})`;
    const lines = children.map(([name, child]) => `(${name}): ${child.toString()}`.replaceAll('\n', '\n  '));
    if (extra !== '') lines.unshift(extra);
    return `${this.constructor.name}(\n  ${lines.join('\n  ')}\n)`;
  }
}

function membersOf(name: string, value: unknown): Member[] {
  if (value instanceof Parameter || value instanceof BufferTensor || value instanceof Module) return [[name, value]];
  if (Array.isArray(value)) return value.flatMap((item, i) => membersOf(`${name}.${i}`, item));
  return [];
}

export interface Module<In extends readonly unknown[] = [Tensor], Out = Tensor, S extends Sizes = Sizes>
  extends Disposable {
  /** For the compiler only: what is known of the sizes. @hidden */
  readonly [SIZES]?: S | undefined;
}
if (typeof Symbol.dispose === 'symbol') {
  Object.defineProperty(Module.prototype, Symbol.dispose, {
    value(this: AnyModule) {
      this.dispose();
    },
  });
}
/** `console.log(model)` shows the tree in Node, Deno and Bun. */
Object.defineProperty(Module.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: AnyModule) {
    return this.toString();
  },
});
