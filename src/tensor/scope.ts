/**
 * Lifetimes. A scope owns the tensors made while it is open and frees them when it closes, except those returned from
 * it or kept. Each turn of a `DataLoader` loop is one, so an ordinary training loop frees nothing by hand.
 *
 * A tensor made outside all scopes (or kept) lives until `dispose()`, or until the engine collects its object.
 */
import { checkArguments } from '../runtime/arguments.js';

/** The part of a tensor that its lifetime needs; tensors stand above this file. @internal */
export interface Scoped {
  scope: Scope | null;
  keep(): this;
  free(by: string): void;
}

/** @internal */
export class Scope {
  readonly tensors: Scoped[] = [];
  parent: Scope | null;
  open = true;

  constructor(
    parent: Scope | null,
    readonly label: string,
  ) {
    this.parent = parent;
  }
}

/** The innermost open scope. @internal */
export let currentScope: Scope | null = null;

/** Opens a scope that `closeScope` closes: for loops, whose turns are no function. @internal */
export function openScope(label: string): Scope {
  currentScope = new Scope(currentScope, label);
  return currentScope;
}

/**
 * Frees what the scope still owns. It need not be the innermost one (two loaders may take turns).
 *
 * @param by what closes it, for messages about its tensors
 * @internal
 */
export function closeScope(scope: Scope, by = scope.label): void {
  if (!scope.open) return;
  scope.open = false;
  if (currentScope === scope) currentScope = scope.parent;
  else {
    let inner: Scope | null = currentScope;
    while (inner !== null && inner.parent !== scope) inner = inner.parent;
    if (inner !== null) inner.parent = scope.parent;
  }
  const { tensors } = scope;
  for (let i = 0; i < tensors.length; i++) if (tensors[i]!.scope === scope) tensors[i]!.free(by);
}

/** Hands a tensor from the scope that owns it to `parent` (null: no scope). @internal */
export function moveToScope(tensor: Scoped, parent: Scope | null): void {
  if (parent === null) tensor.keep();
  else {
    tensor.scope = parent;
    parent.tensors.push(tensor);
  }
}

/**
 * Runs `body` and frees every tensor made in it, except what it returns: a tensor, or tensors in (nested) arrays and
 * plain objects, or what `keep()` was called on.
 *
 * `body` must be synchronous: a scope cannot tell whose tensors are made while a promise waits.
 *
 * @throws {TypeError} when `body` returns a promise
 * @example
 * const mean = scope(() => x.sub(y).square().mean());   // the two intermediate tensors are freed
 */
export function scope<R>(body: () => R): R {
  if (typeof body !== 'function') checkArguments('scope(body=() => x.sub(y).square().mean())', body);
  const own = openScope('the end of its scope');
  try {
    const result = body();
    if (result instanceof Promise)
      throw new TypeError('scope: the body must not be async; open a scope in each synchronous part instead');
    moveResult(result, own);
    return result;
  } finally {
    closeScope(own);
  }
}

function moveResult(value: unknown, own: Scope): void {
  if (typeof value !== 'object' || value === null) return;
  if (isScoped(value)) {
    if (value.scope === own) moveToScope(value, own.parent);
  } else if (Array.isArray(value)) {
    for (const item of value) moveResult(item, own);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) moveResult(item, own);
  }
}

function isScoped(value: object): value is Scoped {
  return 'scope' in value && 'storage' in value;
}
