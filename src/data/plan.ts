/** What a list of transforms means for a dataset: the arguments of the gather kernels. */
import { ArgumentError, DTypeError, ShapeError } from '../runtime/errors.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Cut, Transform } from './transforms.js';

/** Where a random window may lie on an image; see the kernel `f32_gather_augmented_u8`. */
export interface Window {
  readonly height: number;
  readonly width: number;
  readonly rows: number;
  readonly columns: number;
  readonly top: number;
  readonly down: number;
  readonly left: number;
  readonly right: number;
  readonly flip: boolean;
}

/** What the gather kernels are told. @internal */
export interface GatherPlan {
  readonly channels: number;
  readonly mean: readonly number[] | null;
  readonly std: readonly number[] | null;
  readonly window: Window | null;
}

/**
 * @throws {ArgumentError} when a transform is given twice, or does not fit the number of channels or the size of image
 * @throws {ShapeError} when `x` is not a batch of images, and a transform works on images
 * @throws {DTypeError} when `x` is int32
 * @internal
 */
export function planGather(transforms: readonly Transform[], x: Tensor): GatherPlan {
  if (x.dtype === 'int32')
    throw new DTypeError('transforms work on uint8 and float32 inputs, not on int32', { where: 'transforms' });
  const kinds = transforms.map(({ kind }) => (kind === 'randomShift' ? 'randomCrop' : kind));
  if (new Set(kinds).size < kinds.length) {
    throw new ArgumentError('each transform can be given once, and only one of randomCrop and randomShift', {
      where: 'transforms',
    });
  }
  const channels = x.rank === 4 ? x.shape[1]! : 1;
  const scaling = transforms.find((transform) => transform.kind === 'normalize');
  const cut = transforms.find(
    (transform): transform is Cut => transform.kind === 'randomCrop' || transform.kind === 'randomShift',
  );
  const flip = transforms.some((transform) => transform.kind === 'horizontalFlip');
  return {
    channels,
    mean: scaling === undefined ? null : perChannel(scaling.mean, channels),
    std: scaling === undefined ? null : perChannel(scaling.std, channels),
    window: cut === undefined && !flip ? null : windowOn(x, cut, flip),
  };
}

function perChannel(values: readonly number[], channels: number): readonly number[] {
  if (values.length !== channels && values.length !== 1)
    throw new ArgumentError(`${values.length} numbers for ${channels} channels`, { where: 'normalize' });
  return values.length === channels ? values : Array.from({ length: channels }, () => values[0]!);
}

function windowOn(x: Tensor, cut: Cut | undefined, flip: boolean): Window {
  const [, , height, width] = x.shape;
  if (x.rank !== 4)
    throw new ShapeError(`images are [N, C, H, W], not ${formatShape(x.shape)}`, {
      where: cut?.kind ?? 'horizontalFlip',
    });
  const [vertical, horizontal] = cut?.reach ?? [0, 0];
  const [rows, columns] = cut?.size ?? [height!, width!];
  const down = height! + 2 * vertical - rows;
  const right = width! + 2 * horizontal - columns;
  if (down < 0 || right < 0) {
    throw new ArgumentError(
      `cannot cut ${rows}×${columns} out of ${height}×${width} with padding ${vertical} and ${horizontal}`,
      { where: 'randomCrop' },
    );
  }
  return { height: height!, width: width!, rows, columns, top: -vertical, down, left: -horizontal, right, flip };
}
