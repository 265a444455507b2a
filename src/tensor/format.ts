/** Tensors as text, the way PyTorch prints them: aligned columns, long axes shortened in the middle. */
import type { DType, TypedArray } from './dtype.js';
import { formatShape, type Shape, sizeOf } from './shape.js';

/** Above this many elements, each axis shows only its ends. */
const SHORTEN_ABOVE = 1_000;
const EDGE = 3;

export function formatTensor(values: TypedArray, shape: Shape, dtype: DType, origin: string | undefined): string {
  const shortened = sizeOf(shape) > SHORTEN_ABOVE;
  const text = numberFormat(values, dtype);
  const indent = 'Tensor('.length;
  const body = sizeOf(shape) === 0 ? '[]' : nested(values, shape, 0, 0, shortened, text, indent);
  const notes = [
    `shape ${formatShape(shape)}`,
    ...(dtype === 'float32' ? [] : [dtype]),
    ...(origin === undefined ? [] : [`grad: ${origin}`]),
  ];
  return `Tensor(${body}, ${notes.join(', ')})`;
}

/** One width for all, so that columns align; scientific where plain decimals would hide the values. */
function numberFormat(values: TypedArray, dtype: DType): (value: number) => string {
  let largest = 0;
  let smallest = Infinity;
  let whole = true;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const size = Math.abs(value);
    if (size > largest) largest = size;
    if (size !== 0 && size < smallest) smallest = size;
    if (!Number.isInteger(value)) whole = false;
  }
  const plain = (value: number): string => {
    if (!Number.isFinite(value)) return String(value);
    if (dtype !== 'float32') return String(value);
    if (whole && largest < 1e8) return `${value}.`;
    return largest >= 1e5 || smallest < 1e-4 ? value.toExponential(4) : value.toFixed(4);
  };
  let width = 0;
  if (values.length <= 10_000) for (const value of values) width = Math.max(width, plain(value).length);
  return (value) => plain(value).padStart(width);
}

function nested(
  values: TypedArray,
  shape: Shape,
  axis: number,
  offset: number,
  shortened: boolean,
  text: (value: number) => string,
  indent: number,
): string {
  if (axis === shape.length) return text(values[offset]!);
  const length = shape[axis]!;
  const stride = sizeOf(shape.slice(axis + 1));
  const last = axis === shape.length - 1;
  const parts: string[] = [];
  for (let i = 0; i < length; i++) {
    if (shortened && length > 2 * EDGE && i === EDGE) {
      parts.push('...');
      i = length - EDGE;
    }
    parts.push(nested(values, shape, axis + 1, offset + i * stride, shortened, text, indent + 1));
  }
  const separator = last ? ', ' : `,${'\n'.repeat(shape.length - axis - 1)}${' '.repeat(indent + 1)}`;
  return `[${parts.join(separator)}]`;
}
