import { checkArguments } from '../../runtime/arguments.js';
import { tensor } from '../../tensor/create.js';
import { Tensor } from '../../tensor/tensor.js';
import { storageOf } from './storage.js';

/** What kind of buffer is made. */
export interface BufferOptions {
  /** Whether it is part of `stateDict()`. Default: true. */
  readonly persistent?: boolean;
}

/**
 * A tensor that belongs to a module but is not learned, such as running statistics; exported as `nn.Buffer`.
 *
 * It outlives scopes and takes over the elements of `source`, which is disposed: `new nn.Buffer(zeros([3]))`.
 */
export class BufferTensor extends Tensor {
  /** Whether it is part of `stateDict()`. */
  readonly persistent: boolean;

  constructor(source: Tensor, options: BufferOptions = {}) {
    checkArguments('new nn.Buffer(x, { persistent: true })', source, options);
    super(source.shape, source.dtype, storageOf(source));
    source.free('new Buffer(tensor), which took it over');
    this.keep();
    this.persistent = options.persistent ?? true;
  }
}

/** A buffer with a copy of the elements of a tensor that stays its owner's; null where there is none. */
export function bufferOf(source: Tensor | undefined): BufferTensor | null {
  return source === undefined ? null : new BufferTensor(tensor(source.view(), { shape: source.shape }));
}
