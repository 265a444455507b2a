/** What a pickle is made of, before it becomes values of JavaScript. */
import type { ElementType } from '../elements.js';

/** A class or function that a pickle names. It is never looked up: what may be named is in `classes.ts`. */
export class Global {
  constructor(readonly name: string) {}
}

/** A dict of any class. */
export class Dict {
  /** By the text of the key: `0` and `'0'` are the same. */
  readonly entries = new Map<string, unknown>();
}

/** The elements that tensors are views of. */
export class Storage {
  /** Set once the storage has been found in the file. */
  bytes: Uint8Array | undefined;
  at: number | undefined;

  constructor(
    readonly key: string,
    readonly type: ElementType,
    /** Elements. */
    readonly count: number,
    /** The first element in the storage of that key. */
    readonly begin = 0,
  ) {}
}

/** A tensor that is a view of a storage. */
export class View {
  constructor(
    readonly storage: Storage,
    readonly type: ElementType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}
