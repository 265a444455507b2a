import { checkArguments } from '../../runtime/arguments.js';
import { isTensor } from '../../tensor/tensor.js';
import { bufferOf } from '../core/buffer.js';
import { Layer } from '../core/layer.js';

/** A loss that is an operation with options. They are its properties; of tensors it has copies, as buffers. */
export abstract class OptionLoss<In extends readonly unknown[], Options extends object> extends Layer<In> {
  readonly #names: readonly string[];

  /**
   * @param example the options in an example of a call
   * @param defaults of all options; null where there is none
   */
  protected constructor(example: string, options: Options, defaults: object) {
    super();
    checkArguments(`new nn.${this.constructor.name}({ ${example} })`, options);
    this.#names = Object.keys(defaults);
    for (const [name, standard] of Object.entries(defaults)) {
      const value = (options as Record<string, unknown>)[name] ?? standard;
      Object.assign(this, { [name]: isTensor(value) ? bufferOf(value) : value });
    }
  }

  /** The options as the operation takes them. */
  protected get options(): Options {
    const own = this as unknown as Record<string, unknown>;
    return Object.fromEntries(this.#names.map((name) => [name, own[name] ?? undefined])) as Options;
  }
}
