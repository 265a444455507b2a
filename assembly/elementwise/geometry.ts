/**
 * How inputs broadcast: a table in scratch memory of `rank` ≥ 1 rows, outermost axis first, each
 *
 *   | size | stride of a | stride of b | … |      (i32 each, in elements; stride 0: the input repeats along the axis)
 *
 * for `inputs` inputs. The output is row-major over the sizes. On the last axis strides are 0 or 1. The caller has
 * merged adjacent axes that step alike, so the last axis is as long as it can be.
 */

/** Length of the last axis. */
// @ts-ignore: decorator
@inline
export function innerSize(geometry: usize, rank: i32, inputs: i32): i32 {
  return load<i32>(geometry + (<usize>((rank - 1) * (inputs + 1)) << 2));
}

/** Stride of one input on the last axis: 0 or 1. */
// @ts-ignore: decorator
@inline
export function innerStride(geometry: usize, rank: i32, inputs: i32, input: i32): i32 {
  return load<i32>(geometry + (<usize>((rank - 1) * (inputs + 1) + 1 + input) << 2));
}

/** Offset in one input, in elements, at which output row `row` (of the last axis) begins. */
// @ts-ignore: decorator
@inline
export function rowOffset(geometry: usize, rank: i32, inputs: i32, input: i32, row: i32): i32 {
  return rank == 2
    ? row * load<i32>(geometry + (<usize>(1 + input) << 2))
    : rowOffsetOfMany(geometry, rank, inputs, input, row);
}

/** The same for any rank. */
function rowOffsetOfMany(geometry: usize, rank: i32, inputs: i32, input: i32, row: i32): i32 {
  let offset = 0;
  for (let axis = rank - 2; axis > 0; axis--) {
    const entry = geometry + (<usize>(axis * (inputs + 1)) << 2);
    const size = load<i32>(entry);
    const next = row / size;
    offset += (row - next * size) * load<i32>(entry + (<usize>(1 + input) << 2));
    row = next;
  }
  return rank > 1 ? offset + row * load<i32>(geometry + (<usize>(1 + input) << 2)) : 0;
}
