import { note } from '../../autograd/trace.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ArgumentError, ShapeError } from '../../runtime/errors.js';
import { empty } from '../../tensor/create.js';
import { scope } from '../../tensor/scope.js';
import { formatShape, sizeOf } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { rand } from './random.js';

/** How indices are drawn. */
export interface MultinomialOptions {
  /** Whether an index may be drawn several times. Default: false. */
  readonly replacement?: boolean;
}

/**
 * Indices drawn at random, index i with a probability in proportion to weights[i]; without `replacement`, each at most
 * once, in the order in which they are drawn. A weight of 0 is never drawn. The numbers come from the stream `sample`.
 *
 * Shapes:   weights [N] or [rows,N] → int32 [numSamples] or [rows,numSamples]
 * Backward: none
 * Cost:     N + numSamples·log₂ N steps for each row
 * @throws {ArgumentError} when a weight is negative or not finite, a row has none above 0, or fewer than numSamples
 *   without replacement
 * @throws {ShapeError} when weights has no axis, or more than two
 * @see torch.multinomial
 * @example
 * const weights = tensor([0, 10, 3, 0]);
 * multinomial(weights, 2).toArray().toString();                          // '1,2' or '2,1'
 * multinomial(weights, 5, { replacement: true }).shape;                  // [5]
 */
export function multinomial(weights: Tensor, numSamples: number, options: MultinomialOptions = {}): Tensor {
  checkArguments('multinomial(weights, numSamples=1, { replacement: true })', weights, numSamples, options);
  requireFloat('multinomial', { weights });
  const where = 'multinomial';
  if (weights.rank !== 1 && weights.rank !== 2)
    throw new ShapeError(`weights must have shape [N] or [rows, N], not ${formatShape(weights.shape)}`, { where });
  const { replacement = false } = options;
  const leading = weights.shape.slice(0, -1);
  const length = weights.shape.at(-1)!;
  const values = weights.view() as Float32Array;
  if (values.some((weight) => !(weight >= 0 && weight < Infinity)))
    throw new ArgumentError('weights must be finite numbers ≥ 0', { where });
  for (let row = 0; row < sizeOf(leading); row++) {
    const own = values.subarray(row * length, (row + 1) * length);
    const choices = own.reduce((count, weight) => count + Number(weight > 0), 0);
    if (choices < (replacement ? 1 : numSamples)) {
      const place = leading.length === 0 ? '' : ` in row ${row}`;
      throw new ArgumentError(
        `cannot draw ${numSamples} of ${choices} weights above 0${place}`,
        replacement || choices === 0
          ? { where }
          : { where, hint: 'pass { replacement: true } to draw one several times' },
      );
    }
  }
  return scope(() => {
    const y = empty([...leading, numSamples], 'int32');
    // Two numbers of 24 bits for each draw: small weights have their share too.
    const uniform = rand([y.size, 2]);
    const [given, drawn, random] = [weights.view(), y.view(), uniform.view()];
    // Node i of the tree has the sum of nodes 2i and 2i + 1; the weights are the last half.
    const tree = new Float64Array(2 * length);
    const addUp = (node: number): void => {
      tree[node] = tree[2 * node]! + tree[2 * node + 1]!;
    };
    for (let i = 0; i < drawn.length; i++) {
      if (i % numSamples === 0) {
        const first = (i / numSamples) * length;
        tree.set(given.subarray(first, first + length), length);
        for (let node = length - 1; node > 0; node--) addUp(node);
      }
      let rest = (random[2 * i]! + random[2 * i + 1]! * 2 ** -24) * tree[1]!;
      let node = 1;
      while (node < length) {
        node *= 2;
        // The left one, unless it is passed; never one without weight.
        if (tree[node] === 0 || (rest >= tree[node]! && tree[node + 1]! > 0)) {
          rest -= tree[node]!;
          node++;
        }
      }
      drawn[i] = node - length;
      if (replacement) continue;
      tree[node] = 0;
      for (node >>= 1; node > 0; node >>= 1) addUp(node);
    }
    return note('multinomial', y, [weights]);
  });
}
