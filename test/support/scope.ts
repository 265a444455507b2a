import { afterEach, beforeEach, expect } from 'vitest';
import { memory } from '../../src/index.js';
import { closeScope, openScope, type Scope } from '../../src/tensor/scope.js';

/** Makes every test of a file a scope, and checks that it leaves no tensor alive. */
export function eachTestInScope(): void {
  let turn: Scope;
  beforeEach(() => {
    turn = openScope('the end of the test');
  });
  afterEach(() => {
    closeScope(turn);
    expect(memory().tensors, 'nothing is left alive').toBe(0);
  });
}
