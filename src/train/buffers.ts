import type { Module } from '../nn/module.js';

/** The buffers of a model (running statistics) as they were: before a batch, to be put back when it fails. */
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
}
