import process from 'node:process';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** A signal so soon after the first is the same key press: the terminal sends it to npm and to us, npm passes it on. */
const SAME_PRESS_MS = 500;

/** Turns Ctrl-C into an AbortSignal: the first ends the work in good order, the second at once. */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #listeners: [keyof typeof EXIT_CODES, () => void][];
  #received: keyof typeof EXIT_CODES | null = null;
  #receivedAt = 0;

  /** @param onFirst tells people what happens now */
  constructor(onFirst: () => void) {
    this.#listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => [
      name,
      () => {
        if (this.#received === null) {
          this.#received = name;
          this.#receivedAt = performance.now();
          onFirst();
          this.#controller.abort();
        } else if (performance.now() - this.#receivedAt > SAME_PRESS_MS) {
          process.exit(EXIT_CODES[name]);
        }
      },
    ]);
    for (const [name, listener] of this.#listeners) process.on(name, listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 130 after Ctrl-C, 143 after a request to terminate, null when neither came. */
  get exitCode(): number | null {
    return this.#received === null ? null : EXIT_CODES[this.#received];
  }

  /** Ends the work in good order because its output is no longer read. */
  abort(): void {
    this.#controller.abort();
  }

  close(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }
}
