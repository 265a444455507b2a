import { addressOf, type Tensor } from '../../tensor/tensor.js';

/** The memory of a tensor, for another tensor to share. @throws {DisposedTensorError} when it was freed @internal */
export function storageOf(source: Tensor): NonNullable<Tensor['storage']> {
  addressOf(source); // Throws, with the reason, where there is none any more.
  return source.storage!;
}
