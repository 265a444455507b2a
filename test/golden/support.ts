/** What the golden tests share: reading the files that `make.py` wrote, and comparing tensors with them. */
import fs from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DType, init, memory, scope, type Tensor, tensor } from '../../src/index.js';
import { setGuards } from '../../src/runtime/guards.js';

/** A tensor as it stands in the files. NaN and infinities are strings there; float32 unless it says otherwise. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
  readonly dtype?: DType;
}

export interface Golden<Case> {
  readonly about: string;
  readonly pytorch: string;
  readonly cases: readonly Case[];
}

/** Reads `<family>.json`. */
export function golden<Case, Shared = object>(family: string): Golden<Case> & Shared {
  return JSON.parse(fs.readFileSync(new URL(`./${family}.json`, import.meta.url), 'utf8')) as Golden<Case> & Shared;
}

export function fromGolden({ shape, data, dtype = 'float32' }: GoldenTensor): Tensor {
  return tensor(data.map(Number), { shape, dtype });
}

/** How far a result may be from PyTorch's (which is computed in double precision and rounded to float32 once). */
export interface Tolerance {
  /** Relative to the largest value of the tensor. */
  readonly ofLargest?: number;
  /** Relative to each value by itself, besides (so a case may have huge and tiny values). */
  readonly ofEach?: number;
  /** As a number, besides. */
  readonly absolute?: number;
}

/** Integers have to be PyTorch's, whatever the tolerance. */
export function expectClose(
  got: { readonly shape: readonly number[]; readonly dtype: DType; view(): ArrayLike<number> },
  want: GoldenTensor,
  tolerance: Tolerance,
  what: string,
): void {
  expect(got.shape, `shape of ${what}`).toEqual(want.shape);
  expect(got.dtype, `dtype of ${what}`).toBe(want.dtype ?? 'float32');
  expectNumbers(got.view(), want.data, got.dtype === 'float32' ? tolerance : {}, what);
}

export function expectNumbers(
  values: ArrayLike<number>,
  data: readonly (number | string)[],
  tolerance: Tolerance,
  what: string,
): void {
  const wanted = data.map(Number);
  expect(values.length, `size of ${what}`).toBe(wanted.length);
  let largest = 0;
  for (const value of wanted) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  wanted.forEach((value, i) => {
    if (values[i] === value || (Number.isNaN(values[i]) && Number.isNaN(value))) return;
    const allowed =
      (tolerance.ofLargest ?? 0) * largest + (tolerance.ofEach ?? 0) * Math.abs(value) + (tolerance.absolute ?? 0);
    const error = Math.abs(values[i]! - value);
    if (!(error <= allowed)) {
      expect.fail(
        `${what}: element ${i} is ${values[i]}, PyTorch's is ${value} (error ${error.toExponential(2)}, ` +
          `allowed ${allowed.toExponential(2)}; largest value ${largest})`,
      );
    }
  });
}

/** One case of a differentiable operation. */
export interface OperationCase {
  readonly name: string;
  readonly op: string;
  /** Null: an optional input that is left out. */
  readonly inputs: readonly (GoldenTensor | null)[];
  readonly args: Readonly<Record<string, unknown>>;
  readonly y: GoldenTensor;
  /** Gradient of the output, and what follows for each input (null: it has none). */
  readonly dy?: GoldenTensor;
  readonly grads?: readonly (GoldenTensor | null)[];
}

/** Runs an operation on the inputs of a case; `args` are its named arguments. */
export type Run<Args = never> = (inputs: readonly Tensor[], args: Args) => Tensor;

/**
 * Tests that every case of a family has the value and the gradients that it has in PyTorch, leaves no tensor behind,
 * and that every operation named in `runs` has cases.
 */
export function testOperations(
  family: string,
  runs: Readonly<Record<string, Run>>,
  tolerance: Tolerance | ((row: OperationCase) => Tolerance),
): void {
  const { cases } = golden<OperationCase>(family);
  beforeAll(async () => {
    await init();
    setGuards(true);
  });
  describe(`${family} as PyTorch's`, () => {
    test('every operation has cases, and the other way round', () => {
      expect([...new Set(cases.map(({ op }) => op))].sort()).toEqual(Object.keys(runs).sort());
    });
    for (const row of cases) {
      test(row.name, () => {
        const allowed = typeof tolerance === 'function' ? tolerance(row) : tolerance;
        const before = memory();
        scope(() => {
          const inputs = row.inputs.map((input) => (input === null ? null : fromGolden(input)));
          row.grads?.forEach((gradient, i) => {
            if (gradient !== null) inputs[i]!.requireGrad();
          });
          // An input that is left out is undefined to the operation.
          const y = runs[row.op]!(inputs.map((input) => input ?? undefined) as Tensor[], row.args as never);
          expectClose(y, row.y, allowed, 'y');
          if (row.dy === undefined) return;
          y.backward({ gradient: fromGolden(row.dy) });
          row.grads!.forEach((gradient, i) => {
            if (gradient === null) return;
            const { grad } = inputs[i]!;
            if (grad === null) expect.fail(`input ${i} got no gradient`);
            expectClose(grad, gradient, allowed, `gradient of input ${i}`);
            inputs[i]!.zeroGrad();
          });
        });
        const after = memory();
        expect({ tensors: after.tensors, bytes: after.bytes }, 'nothing is left alive').toEqual({
          tensors: before.tensors,
          bytes: before.bytes,
        });
      });
    }
  });
}
