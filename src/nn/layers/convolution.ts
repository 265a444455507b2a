import { type Pair, pairOf } from '../../ops/pool/window.js';
import { ArgumentError } from '../../runtime/errors.js';
import { empty } from '../../tensor/create.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer } from '../core/layer.js';
import { Parameter } from '../core/parameter.js';
import { shown } from '../core/shown.js';
import type { Channels, Sizes } from '../core/sizes.js';
import { fillByFanIn } from '../init.js';

/** What a convolution takes besides the options of the operation. */
export interface BiasOption {
  /** Whether a learned bias is added to each channel. Default: true. */
  readonly bias?: boolean;
}

interface CommonOptions extends BiasOption {
  readonly stride?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

/** The one number of a window over sequences, as `pairOf` gives the two of one over images. */
export const single = (value: Pair): readonly [number] => [value as number];

/** Reads a number, or several, one for each axis. */
type Reader<Window> = (value: Pair, name: string, where: string, least: number) => Window;

/**
 * What convolutions share: the weight [to,from / groups,KH,KW], or [to,from / groups,K] for sequences, and the bias of
 * the output channels.
 */
export abstract class Convolution<
  In extends number = number,
  Out extends number = number,
  Window extends readonly number[] = readonly [number, number],
> extends Layer<[Tensor], Tensor, Sizes<Channels<In>, Channels<Out>>> {
  weight: Parameter;
  bias: Parameter | null;
  readonly kernelSize: Window;
  readonly stride: Window;
  readonly dilation: Window;
  readonly groups: number;

  /**
   * @param weightChannels the first two sizes of the weight, before the second is divided by `groups`
   * @param read the sizes of the window
   */
  protected constructor(
    readonly inChannels: In,
    readonly outChannels: Out,
    kernelSize: Pair,
    weightChannels: readonly [number, number],
    { stride = 1, dilation = 1, groups = 1, bias = true }: CommonOptions,
    read = pairOf as unknown as Reader<Window>,
  ) {
    super();
    const where = this.constructor.name;
    for (const [name, channels] of Object.entries({ inChannels, outChannels })) {
      if (channels % groups !== 0)
        throw new ArgumentError(`${name} = ${channels} cannot be shared out among ${groups} groups`, { where });
    }
    this.kernelSize = read(kernelSize, 'kernelSize', where, 1);
    this.stride = read(stride, 'stride', where, 1);
    this.dilation = read(dilation, 'dilation', where, 1);
    this.groups = groups;
    this.weight = new Parameter(empty([weightChannels[0], weightChannels[1] / groups, ...this.kernelSize]));
    this.bias = bias ? new Parameter(empty([outChannels])) : null;
    this.resetParameters();
  }

  /** Draws the initial values anew. */
  resetParameters(): void {
    fillByFanIn(this.weight, this.bias);
  }

  /** Options of the kind of convolution, for `toString()`. */
  protected abstract paddings(): string[];

  protected override extraRepr(): string {
    return [
      this.inChannels,
      this.outChannels,
      ...shown('kernelSize', this.kernelSize),
      ...shown('stride', this.stride),
      ...this.paddings(),
      ...shown(
        'dilation',
        this.dilation,
        this.dilation.map(() => 1),
      ),
      ...shown('groups', this.groups, 1),
      ...shown('bias', this.bias !== null, true),
    ].join(', ');
  }
}
