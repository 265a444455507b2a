/** What baseline and wide kernels are compared on: hot kernels on fixed inputs that fit the second-level cache. */
import type { Address, RecordAddress } from './address.js';
import type { Kernels } from './kernels.generated.js';

/** One instance of kernels, and what a trial may do with its memory. */
export interface Machine {
  readonly kernels: Kernels;
  /** Address of so many floats, the same on every machine: numbers between −1 and 1, of them `zeros` of eight are 0. */
  floats(count: number, zeros?: number): Address;
  /** Address of a record. */
  record<Name extends string>(...values: number[]): RecordAddress<Name>;
  bytes(at: Address, floats: number): Uint8Array;
}

/** A kernel made ready: `run` computes the same each time, `result` is a copy of what it wrote. */
interface Ready {
  run(): void;
  result(): Uint8Array;
}

type Trial = (machine: Machine) => Ready;

export function machineOf(instance: WebAssembly.Instance, memory: WebAssembly.Memory): Machine {
  const kernels = instance.exports as unknown as Kernels;
  let next = Math.ceil(kernels.heap_base() / 64) * 64;
  let arrays = 0;
  const reserve = (bytes: number): number => {
    const at = next;
    next += Math.ceil(bytes / 64) * 64;
    return at;
  };
  return {
    kernels,
    floats(count, zeros = 0) {
      const at = reserve(4 * count);
      const view = new Float32Array(memory.buffer, at, count);
      // By its number, as scratch differs in length.
      let state = ++arrays;
      for (let i = 0; i < count; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
        view[i] = ((state >>> 8) & 7) < zeros ? 0 : state / 2 ** 31;
      }
      return at as Address;
    },
    record<Name extends string>(...values: number[]) {
      const at = reserve(4 * values.length);
      new Int32Array(memory.buffer, at, values.length).set(values);
      return at as RecordAddress<Name>;
    },
    bytes: (at, floats) => new Uint8Array(memory.buffer.slice(at, at + 4 * floats)),
  };
}

const SIZE = 64;
const ELEMENTS = 4096;

const product: Trial = ({ kernels, floats, record, bytes }) => {
  const [a, b, c] = [floats(SIZE ** 2), floats(SIZE ** 2), floats(SIZE ** 2)];
  const shape = record<'GemmShape'>(SIZE, SIZE, SIZE, 0, 0);
  const scratch = floats(kernels.f32_gemm_scratch(shape));
  return {
    run: () => kernels.f32_gemm(c, a, b, 0, shape, scratch, false, false, 0, SIZE),
    result: () => bytes(c, SIZE ** 2),
  };
};

const skippingProduct: Trial = ({ kernels, floats, record, bytes }) => {
  const [a, b, c] = [floats(SIZE ** 2, 5), floats(SIZE ** 2), floats(SIZE ** 2)];
  const shape = record<'GemmShape'>(SIZE, SIZE, SIZE, 0, 0);
  const lists = floats(2 * kernels.f32_nonzero_list_entries(shape));
  const ends = floats(kernels.f32_nonzero_list_count(shape));
  const panels = kernels.f32_gemm_sparse_panels(shape);
  const [flags, scratch] = [floats(panels), floats(kernels.f32_gemm_sparse_scratch(shape))];
  return {
    run() {
      kernels.f32_nonzero_lists(lists, ends, a, shape, 0, SIZE);
      kernels.f32_gemm_sparse(c, flags, lists, ends, b, 0, shape, scratch, false, false, 0, panels);
    },
    result: () => bytes(c, SIZE ** 2),
  };
};

/** Images and weights of a 3×3 convolution that keeps the size of its images. */
function convolution({ floats, record }: Machine, images: number, channels: number, size: number) {
  const plane = size ** 2;
  const shape = record<'ConvShape'>(images, channels, size, size, channels, size, size, 3, 3, 1, 1, 1, 1, 1, 1, 1);
  const pixels = images * channels * plane;
  return { shape, pixels, x: floats(pixels), y: floats(pixels), weight: floats(9 * channels ** 2) };
}

const directConvolution: Trial = (machine) => {
  const { kernels, floats, bytes } = machine;
  const images = 2;
  const { shape, pixels, x, y, weight } = convolution(machine, images, 4, 16);
  const scratch = floats(kernels.f32_conv2d_direct_forward_scratch(shape));
  return {
    run: () => kernels.f32_conv2d_direct_forward(y, x, weight, 0, shape, scratch, false, 0, images),
    result: () => bytes(y, pixels),
  };
};

const winograd: Trial = (machine) => {
  const { kernels, floats, bytes } = machine;
  const channels = 16;
  const { shape, pixels, x, y, weight } = convolution(machine, 2, channels, 16);
  const u = floats(kernels.f32_conv2d_winograd_filters_size(shape));
  const scratch = floats(kernels.f32_conv2d_winograd_forward_scratch(shape));
  const strips = kernels.f32_conv2d_winograd_strips(shape);
  kernels.f32_conv2d_winograd_filters(u, weight, shape, false, 0, channels);
  return {
    run: () => kernels.f32_conv2d_winograd_forward(y, x, u, 0, shape, scratch, false, 0, strips),
    result: () => bytes(y, pixels),
  };
};

const exponential: Trial = ({ kernels, floats, bytes }) => {
  const [x, y] = [floats(ELEMENTS), floats(ELEMENTS)];
  return { run: () => kernels.f32_exp(y, x, 0, ELEMENTS), result: () => bytes(y, ELEMENTS) };
};

export const trials: readonly Trial[] = [product, skippingProduct, directConvolution, winograd, exponential];
