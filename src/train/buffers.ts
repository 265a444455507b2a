import type { Module } from '../nn/core/module.js';

/** The buffers of a model (running statistics) as they were before a batch, to be put back when it fails. */
export class BufferCopies {
  readonly #kept;

  constructor(model: Module) {
    this.#kept = model.namedBuffers().map(([key, buffer]) => ({ key, buffer, values: buffer.data() }));
  }

  /** Copies the buffers as they are now. */
  take(): void {
    for (const { buffer, values } of this.#kept) if (!buffer.disposed) values.set(buffer.view());
  }

  /** Gives the buffers the values that they had. */
  putBack(): void {
    for (const { buffer, values } of this.#kept) if (!buffer.disposed) buffer.assign(values);
  }

  /** The key of a buffer in which a number that is saved was finite and is not now. */
  spoiled(): string | undefined {
    for (const { key, buffer, values } of this.#kept) {
      if (buffer.dtype !== 'float32' || !buffer.persistent || buffer.disposed) continue;
      const now = buffer.view();
      let zero = 0; // NaN, once a number is not finite: this runs at every step.
      for (let i = 0; i < now.length; i++) zero += now[i]! * 0;
      if (zero !== 0 && now.some((value, i) => !Number.isFinite(value) && Number.isFinite(values[i]!))) return key;
    }
    return undefined;
  }
}
