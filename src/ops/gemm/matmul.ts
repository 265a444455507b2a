import { recordOp } from '../../autograd/tape.js';
import { type Address, offset } from '../../runtime/address.js';
import { checkArguments } from '../../runtime/arguments.js';
import { ShapeError } from '../../runtime/errors.js';
import { empty, zeros } from '../../tensor/create.js';
import { broadcastShapes, formatShape, type Shape, sameShape, sizeOf, stridesOf } from '../../tensor/shape.js';
import { addressOf, type Tensor } from '../../tensor/tensor.js';
import { requireFloat } from '../elementwise/float.js';
import { transpose } from '../movement/permute.js';
import { gemm, gemmBatch } from './gemm.js';

/**
 * Matrix product over the last two axes; the axes before them are batch axes and broadcast.
 *
 * c[…,i,j] = Σₖ a[…,i,k]·b[…,k,j]
 *
 * Shapes:   a […,M,K] · b […,K,N] → […,M,N]. A vector a [K] counts as one row, a vector b [K] as one column, and the
 *           axis so added does not appear in the result (two vectors give a scalar).
 * Backward: saves a, b; da = dc·bᵀ, db = aᵀ·dc, summed over the batch axes that were broadcast
 * Cost:     2·M·N·K FLOP for each matrix of the batch
 * @throws {ShapeError} when the inner sizes differ, the batch axes do not broadcast, or an operand is a scalar
 * @throws {DTypeError} when an operand is not float32
 * @see same as torch.matmul
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkArguments('matmul(a, b)', a, b);
  requireFloat('matmul', { a, b });
  checkOperands(a, b);
  const aShape = a.rank === 1 ? [1, ...a.shape] : a.shape;
  const bShape = b.rank === 1 ? [...b.shape, 1] : b.shape;
  const aBatch = aShape.slice(0, -2);
  const bBatch = bShape.slice(0, -2);
  const batch = broadcastShapes(aBatch, bBatch, 'matmul');
  const k = aShape.at(-1)!;
  const n = bShape.at(-1)!;
  let m = aShape.at(-2)!;
  let aAt = batchPositions(batch, aBatch);
  let bAt = batchPositions(batch, bBatch);
  const c = empty([...batch, ...(a.rank === 1 ? [] : [m]), ...(b.rank === 1 ? [] : [n])]);
  if (sizeOf(bBatch) === 1 && aAt.length > 1) {
    // One matrix on the right for all on the left: their rows are one tall matrix.
    m *= aAt.length;
    aAt = [0];
    bAt = [0];
  }

  const count = aAt.length;
  const [aStep, bStep] = [stepOf(aAt), stepOf(bAt)];
  const regular = count > 0 && aStep !== null && bStep !== null;
  if (regular) gemmBatch(addressOf(c), addressOf(a), addressOf(b), count, m, n, k, aStep * m * k, bStep * k * n);
  else
    for (let i = 0; i < count; i++)
      gemm(matrix(c, i, m, n), matrix(a, aAt[i]!, m, k), matrix(b, bAt[i]!, k, n), m, n, k);
  return recordOp('matmul', c, [a, b], {}, (dc) => {
    let da: Tensor | null = null;
    let db: Tensor | null = null;
    if (a.requiresGrad) {
      if (regular && aStep === 1) {
        da = empty(a.shape);
        gemmBatch(addressOf(da), addressOf(dc), addressOf(b), count, m, k, n, m * n, bStep * k * n, {
          transposeB: true,
        });
      } else
        da = sumOfProducts(a.shape, aAt, (i, target, accumulate) =>
          gemm(matrix(target, aAt[i]!, m, k), matrix(dc, i, m, n), matrix(b, bAt[i]!, k, n), m, k, n, {
            transposeB: true,
            accumulate,
          }),
        );
    }
    if (b.requiresGrad) {
      if (regular && bStep === 1) {
        db = empty(b.shape);
        gemmBatch(addressOf(db), addressOf(a), addressOf(dc), count, k, n, m, aStep * m * k, m * n, {
          transposeA: true,
        });
      } else
        db = sumOfProducts(b.shape, bAt, (i, target, accumulate) =>
          gemm(matrix(target, bAt[i]!, k, n), matrix(a, aAt[i]!, m, k), matrix(dc, i, m, n), k, n, m, {
            transposeA: true,
            accumulate,
          }),
        );
    }
    return [da, db];
  });
}

/**
 * a·bᵀ for the matrices of the last two axes. Where both operands have the same batch axes, b is read as it lies and
 * not copied.
 *
 * @internal
 */
export function matmulTransposed(a: Tensor, b: Tensor): Tensor {
  const batch = a.shape.slice(0, -2);
  if (!sameShape(batch, b.shape.slice(0, -2))) return matmul(a, transpose(b));
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-2)!;
  const count = sizeOf(batch);
  const c = empty([...batch, m, n]);
  gemmBatch(addressOf(c), addressOf(a), addressOf(b), count, m, n, k, m * k, n * k, { transposeB: true });
  return recordOp('matmul', c, [a, b], { transposeB: true }, (dc) => {
    let da: Tensor | null = null;
    let db: Tensor | null = null;
    if (a.requiresGrad) {
      da = empty(a.shape);
      gemmBatch(addressOf(da), addressOf(dc), addressOf(b), count, m, k, n, m * n, n * k);
    }
    if (b.requiresGrad) {
      db = empty(b.shape);
      gemmBatch(addressOf(db), addressOf(dc), addressOf(a), count, n, k, m, m * n, m * k, { transposeA: true });
    }
    return [da, db];
  });
}

function checkOperands(a: Tensor, b: Tensor): void {
  const shapes = `${formatShape(a.shape)} and ${formatShape(b.shape)}`;
  if (a.rank === 0 || b.rank === 0) {
    throw new ShapeError(`a scalar is not a matrix: the shapes are ${shapes}`, {
      where: 'matmul',
      hint: 'use mul to scale by a number',
    });
  }
  const bAxis = Math.max(b.rank - 2, 0);
  const inner = a.shape.at(-1)!;
  if (inner !== b.shape[bAxis]) {
    const fits =
      b.rank >= 2 && inner === b.shape.at(-1)
        ? 'transpose the right operand'
        : a.rank >= 2 && a.shape.at(-2) === b.shape[bAxis]
          ? 'transpose the left operand'
          : 'the last axis of the left and the last but one of the right must be equal';
    throw new ShapeError(
      `shapes ${shapes} do not multiply: axis ${a.rank - 1} of the left has ${inner}, ` +
        `axis ${bAxis} of the right has ${b.shape[bAxis]}`,
      {
        where: 'matmul',
        hint: fits,
      },
    );
  }
  for (let back = 3; back <= Math.min(a.rank, b.rank); back++) {
    const left = a.shape.at(-back)!;
    const right = b.shape.at(-back)!;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(`the batch axes of ${shapes} do not broadcast: axis −${back} has ${left} and ${right}`, {
        where: 'matmul',
        hint: 'batch sizes must be equal or 1',
      });
    }
  }
}

/** For each matrix of the whole batch, in order: which matrix of an operand with batch axes `own` it is made from. */
function batchPositions(batch: Shape, own: Shape): number[] {
  const outer = stridesOf(batch);
  const inner = stridesOf(own);
  const skip = batch.length - own.length;
  return Array.from({ length: sizeOf(batch) }, (_, flat) => {
    let position = 0;
    own.forEach((length, axis) => {
      if (length > 1) position += (Math.floor(flat / outer[axis + skip]!) % length) * inner[axis]!;
    });
    return position;
  });
}

/**
 * From one position to the next: 1 where each product has a matrix of its own, 0 where all have the same, null else.
 */
function stepOf(positions: readonly number[]): 0 | 1 | null {
  if (positions.every((position, i) => position === i)) return 1;
  return positions.every((position) => position === 0) ? 0 : null;
}

/** Address of matrix number `index` of a stack of [rows, columns] matrices. */
function matrix(stack: Tensor, index: number, rows: number, columns: number): Address {
  return offset(addressOf(stack), 4 * index * rows * columns);
}

/** The gradient of an operand: product i is added to matrix `positions[i]` (the first one there overwrites). */
function sumOfProducts(
  shape: Shape,
  positions: readonly number[],
  product: (i: number, target: Tensor, accumulate: boolean) => void,
): Tensor {
  if (positions.length === 0) return zeros(shape);
  const target = empty(shape);
  const begun = new Set<number>();
  positions.forEach((position, i) => {
    product(i, target, begun.has(position));
    begun.add(position);
  });
  return target;
}
