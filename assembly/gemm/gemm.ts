import { assertShare, assertWords } from '../assert';
import { OptionalAddress } from '../optional';
import { packAcross, packAlong, packLineAcross } from './pack';
import { assertGemmOperands, assertGemmShape, GemmShape } from './shape';
import { narrowTile, wholeTile } from './tile';
import { BLOCK_DEPTH, BLOCK_ROWS, PACK_COLUMNS, TILE_COLUMNS, TILE_ROWS } from './tuning';

/** Floats of scratch that `f32_gemm` needs: an edge tile, zeros to start from, panels of B, a block of A. */
export function f32_gemm_scratch(shape: GemmShape): i32 {
  const depth = depthOfBlocks(shape.k);
  const blockRows = min(roundUp(shape.m, TILE_ROWS), BLOCK_ROWS);
  return TILE_ROWS * TILE_COLUMNS + TILE_COLUMNS + PACK_COLUMNS * depth + blockRows * depth;
}

/**
 * Length of the blocks that the sum is cut into: even, so that the last one is not a sliver; fours suit the packing.
 */
export function depthOfBlocks(k: i32): i32 {
  const blocks = max((k + BLOCK_DEPTH - 1) / BLOCK_DEPTH, 1);
  return roundUp((k + blocks - 1) / blocks, 4);
}

// @ts-ignore: decorator
@inline
export function roundUp(value: i32, step: i32): i32 {
  return (value + step - 1) / step * step;
}

/**
 * Matrix product, rows [begin, end) of C.
 *
 *     C[i,j] = start + Σ_k A[i,k]·B[k,j],  start = C[i,j] if `accumulate`, else bias[j], else 0
 *
 * and of that max(0, ·) if `relu` (NaN and −0 stay).
 *
 * C must not overlap A, B or bias. Each element is summed in the order of k, one product after the other, starting from
 * `start`: its bits depend neither on the range of rows or columns nor on the tiles.
 *
 * @param bias [n], or 0 for none
 * @param scratch `f32_gemm_scratch(shape)` floats
 * @work (end - begin) * shape.n * shape.k / 4
 */
export function f32_gemm(
  c: usize, a: usize, b: usize, bias: OptionalAddress, shape: GemmShape, scratch: usize, accumulate: bool, relu: bool,
  begin: i32, end: i32,
): void {
  assertGemmShape(shape);
  assertShare(begin, end);
  assertGemmOperands(shape, c, a, b);
  assertWords(c | a | b | bias | scratch);
  gemmRange(c, a, b, bias, shape, scratch, accumulate, relu, begin, end, 0, shape.n);
}

/**
 * The same as `f32_gemm`, but columns [begin, end) of C: shares of a wide product pack less, as each packs all rows of
 * A and its own columns of B only.
 *
 * @work (end - begin) * shape.m * shape.k / 4
 */
export function f32_gemm_columns(
  c: usize, a: usize, b: usize, bias: OptionalAddress, shape: GemmShape, scratch: usize, accumulate: bool, relu: bool,
  begin: i32, end: i32,
): void {
  assertGemmShape(shape);
  assertShare(begin, end);
  assertGemmOperands(shape, c, a, b);
  assertWords(c | a | b | bias | scratch);
  gemmRange(c, a, b, bias, shape, scratch, accumulate, relu, 0, shape.m, begin, end);
}

/**
 * Matrix products number [begin, end) of a batch, each as `f32_gemm` without bias: C [m,n] stand one after the other,
 * those of A and B are `aStep` and `bStep` elements apart (0: the same one for all).
 *
 * @param scratch `f32_gemm_scratch(shape)` floats
 * @work (end - begin) * shape.m * shape.n * shape.k / 4
 */
export function f32_gemm_batch(
  c: usize, a: usize, b: usize, shape: GemmShape, scratch: usize, aStep: i32, bStep: i32, begin: i32, end: i32,
): void {
  assertGemmShape(shape);
  assertShare(begin, end);
  assertWords(c | a | b | scratch);
  const m = shape.m, n = shape.n;
  for (let i = begin; i < end; i++) {
    const at = c + (<usize>(i * m * n) << 2), left = a + (<usize>(i * aStep) << 2);
    const right = b + (<usize>(i * bStep) << 2);
    gemmRange(at, left, right, 0, shape, scratch, false, false, 0, m, 0, n);
  }
}

/** Rows [firstRow, lastRow) and columns [firstColumn, lastColumn) of C. */
function gemmRange(
  c: usize, a: usize, b: usize, bias: usize, shape: GemmShape, scratch: usize, accumulate: bool, relu: bool,
  firstRow: i32, lastRow: i32, firstColumn: i32, lastColumn: i32,
): void {
  const m = shape.m, n = shape.n, k = shape.k, transposeA = shape.transposeA != 0, transposeB = shape.transposeB != 0;
  const edge = scratch;
  const zeros = edge + <usize>(TILE_ROWS * TILE_COLUMNS) * 4;
  const panelsB = zeros + <usize>TILE_COLUMNS * 4;
  const blockDepth = depthOfBlocks(k);
  const blockA = panelsB + <usize>(PACK_COLUMNS * blockDepth) * 4;
  memory.fill(zeros, 0, TILE_COLUMNS * 4);

  const cStep = <usize>n << 2;
  let k0 = 0;
  do {
    const depth = min(blockDepth, k - k0);
    const finish = relu && k0 + depth >= k;
    // Where the tiles start from: after the first block of terms always from what C has so far.
    const resume = accumulate || k0 > 0;
    const startStep = resume ? cStep : 0;
    for (let i0 = firstRow; i0 < lastRow; i0 += BLOCK_ROWS) {
      const rows = min(BLOCK_ROWS, lastRow - i0);
      packRows(blockA, a, transposeA, m, k, i0, rows, k0, depth);
      for (let j0 = firstColumn; j0 < lastColumn; j0 += PACK_COLUMNS) {
        const packed = min(PACK_COLUMNS, lastColumn - j0);
        packColumns(panelsB, b, transposeB, n, k, j0, packed, k0, depth);
        for (let at = 0; at < packed; at += TILE_COLUMNS) {
          const j = j0 + at;
          const tileC = c + (<usize>(i0 * n + j) << 2);
          const start = resume ? tileC : bias != 0 ? bias + (<usize>j << 2) : zeros;
          stackOfTiles(
            tileC, cStep, start, startStep, blockA, panelsB + (<usize>(at * depth) << 2), depth, rows,
            min(TILE_COLUMNS, packed - at), finish, edge);
        }
      }
    }
    k0 += blockDepth;
  } while (k0 < k);
}

/** All rows of a block, one panel of B. */
export function stackOfTiles(
  c: usize, cStep: usize, start: usize, startStep: usize, panelA: usize, panelB: usize, depth: i32, rows: i32,
  columns: i32, relu: bool, edge: usize,
): void {
  for (let left = rows; left > 0; left -= TILE_ROWS) {
    if (left >= TILE_ROWS && columns == TILE_COLUMNS) {
      wholeTile(c, cStep, start, startStep, panelA, panelB, depth, relu);
    }
    else if (left >= TILE_ROWS && columns == 4) narrowTile(c, cStep, start, startStep, panelA, panelB, depth, relu);
    else edgeTile(edge, c, cStep, start, startStep, panelA, panelB, depth, min(left, TILE_ROWS), columns, relu);
    c += cStep * TILE_ROWS;
    start += startStep * TILE_ROWS;
    panelA += <usize>(depth * TILE_ROWS) << 2;
  }
}

/** Packs `rows` rows of A from row i0, terms [k0, k0 + depth), as panels one after the other. */
export function packRows(
  block: usize, a: usize, transposed: bool, m: i32, k: i32, i0: i32, rows: i32, k0: i32, depth: i32,
): void {
  const panelBytes = <usize>(depth * TILE_ROWS) << 2;
  for (let i = 0; i < rows; i += TILE_ROWS, block += panelBytes) {
    if (transposed) {
      packAcross(block, TILE_ROWS << 2, a + (<usize>(k0 * m + i0 + i) << 2), <usize>m << 2, rows - i, depth);
    }
    else packAlong(block, TILE_ROWS << 2, a + (<usize>((i0 + i) * k + k0) << 2), <usize>k << 2, rows - i, depth);
  }
}

/** Packs columns [j, j + columns) of B, terms [k0, k0 + depth), as panels one after the other. */
export function packColumns(
  panels: usize, b: usize, transposed: bool, n: i32, k: i32, j: i32, columns: i32, k0: i32, depth: i32,
): void {
  const panelBytes = <usize>(depth * TILE_COLUMNS) << 2;
  if (!transposed && columns == PACK_COLUMNS) {
    packLineAcross(panels, panelBytes, b + (<usize>(k0 * n + j) << 2), <usize>n << 2, depth);
    return;
  }
  for (let at = 0; at < columns; at += 4) {
    const strip = panels + <usize>(at / TILE_COLUMNS) * panelBytes + (<usize>(at % TILE_COLUMNS) << 2);
    if (transposed) {
      packAlong(strip, TILE_COLUMNS << 2, b + (<usize>((j + at) * k + k0) << 2), <usize>k << 2, columns - at, depth);
    }
    else packAcross(strip, TILE_COLUMNS << 2, b + (<usize>(k0 * n + j + at) << 2), <usize>n << 2, columns - at, depth);
  }
}

/** A tile that is cut by the edge of C: computed whole in `edge`, from where the part inside is copied. */
function edgeTile(
  edge: usize, c: usize, cStep: usize, start: usize, startStep: usize, panelA: usize, panelB: usize, depth: i32,
  rows: i32, columns: i32, relu: bool,
): void {
  const rowBytes = <usize>TILE_COLUMNS << 2;
  copyTile(edge, rowBytes, start, startStep, rows, columns);
  if (columns <= 4) narrowTile(edge, rowBytes, edge, rowBytes, panelA, panelB, depth, relu);
  else wholeTile(edge, rowBytes, edge, rowBytes, panelA, panelB, depth, relu);
  copyTile(c, cStep, edge, rowBytes, rows, columns);
}

function copyTile(target: usize, targetStep: usize, source: usize, sourceStep: usize, rows: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  for (let row = 0; row < rows; row++, target += targetStep, source += sourceStep) {
    for (let at: usize = 0; at < bytes; at += 4) store<f32>(target + at, load<f32>(source + at));
  }
}
