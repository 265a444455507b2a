/** The pad: draw a digit, or take one of the test images, and see what each run takes it for. */
import { toImageInput, toMnistInput } from '../slim/index.js';
import { type ArrivingDigits, digitAt } from './digits.js';
import { byId, contextOf, element } from './dom.js';
import { showError } from './notices.js';
import { drawDigit } from './pictures.js';
import type { Run } from './run.js';

/** Pixels of the pad each way, and the width of the pen. */
const SIDE = 196;
const PEN = 15;
const INK = '#ffffff';
const PAPER = '#000000';
const MOST_CLASSES = 10;

export class Pad {
  readonly #canvas = byId('pad', HTMLCanvasElement);
  readonly #context = contextOf(this.#canvas, { willReadFrequently: true });
  readonly #seen = byId('pad-seen', HTMLCanvasElement);
  readonly #bars = byId('probabilities', HTMLElement);
  readonly #verdict = byId('verdict', HTMLElement);
  readonly #index = byId('pad-digit', HTMLInputElement);
  #digits: ArrivingDigits | null = null;
  #runs: readonly Run[] = [];
  /** As the networks see it; null: nothing is drawn. */
  #image: Uint8Array | null = null;
  #last: { x: number; y: number } | null = null;
  #frame = 0;
  #busy = false;
  #stale = false;

  constructor() {
    this.#canvas.width = this.#canvas.height = SIDE;
    this.clear();
    this.#canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.#canvas.setPointerCapture(event.pointerId);
      this.#last = null;
      this.#draw(event);
    });
    this.#canvas.addEventListener('pointermove', (event) => {
      if (!this.#canvas.hasPointerCapture(event.pointerId)) return;
      for (const part of event.getCoalescedEvents?.() ?? []) this.#draw(part);
      this.#draw(event);
    });
    byId('pad-clear', HTMLButtonElement).addEventListener('click', () => this.clear());
    byId('pad-show', HTMLButtonElement).addEventListener('click', () => {
      void this.showTestDigit(this.#index.valueAsNumber || 0);
    });
    this.#index.addEventListener('change', () => {
      void this.showTestDigit(this.#index.valueAsNumber || 0);
    });
  }

  set digits(digits: ArrivingDigits) {
    this.#digits = digits;
    this.#index.max = String(digits.test.count - 1);
    this.clear();
  }

  /** Whom to ask. */
  set runs(runs: readonly Run[]) {
    this.#runs = runs;
    void this.ask();
  }

  clear(): void {
    this.#context.fillStyle = PAPER;
    this.#context.fillRect(0, 0, SIDE, SIDE);
    this.#see(null);
  }

  /** Puts the test image at this position on the pad. */
  async showTestDigit(index: number): Promise<void> {
    const digits = this.#digits;
    if (digits === null) return;
    const at = Math.min(Math.max(0, Math.trunc(index)), digits.test.count - 1);
    this.#index.value = String(at);
    this.show((await digitAt(digits, digits.test, at)).pixels);
  }

  /** Puts an image on the pad, as it is. */
  show(pixels: Uint8Array): void {
    const { height = 28, width = 28 } = this.#digits ?? {};
    if (pixels.length !== height * width) {
      showError(new Error(`the picture has ${pixels.length} pixels, but the networks take ${height}×${width}`));
      return;
    }
    const small = element('canvas');
    drawDigit(small, pixels, height, width);
    this.#context.imageSmoothingEnabled = false;
    this.#context.drawImage(small, 0, 0, SIDE, SIDE);
    this.#see(pixels);
  }

  /** Asks all runs what they see; while one is asked, what changes meanwhile is asked for afterwards. */
  async ask(): Promise<void> {
    if (this.#busy) {
      this.#stale = true;
      return;
    }
    this.#busy = true;
    try {
      const [image, runs] = [this.#image, this.#runs.filter(({ alive }) => alive)];
      if (image === null || runs.length === 0)
        this.#tell([], image === null ? 'Draw a digit, or take a test image.' : 'Train a network, or load weights.');
      else
        this.#tell(
          await Promise.all(
            runs.map(async (run) => ({ run, probabilities: await run.ask<Float32Array>('predict', image) })),
          ),
          '',
        );
    } catch {
      // A run that ended says so itself.
    } finally {
      this.#busy = false;
      if (this.#stale) {
        this.#stale = false;
        void this.ask();
      }
    }
  }

  #draw(event: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    const point = {
      x: ((event.clientX - box.left) * SIDE) / box.width,
      y: ((event.clientY - box.top) * SIDE) / box.height,
    };
    const from = this.#last ?? point;
    const context = this.#context;
    Object.assign(context, { strokeStyle: INK, lineWidth: PEN, lineCap: 'round', lineJoin: 'round' });
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(point.x, point.y);
    context.stroke();
    this.#last = point;
    if (this.#frame === 0)
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#read();
      });
  }

  /** Centres and scales the drawing as MNIST was made. */
  #read(): void {
    const picture = this.#context.getImageData(0, 0, SIDE, SIDE);
    const { height = 28, width = 28 } = this.#digits ?? {};
    const image = height === 28 && width === 28 ? toMnistInput(picture) : toImageInput(picture, [1, height, width]);
    this.#see(image.some((value) => value > 0) ? image : null);
  }

  #see(image: Uint8Array | null): void {
    const { height = 28, width = 28 } = this.#digits ?? {};
    this.#image = image;
    drawDigit(this.#seen, image ?? new Uint8Array(height * width), height, width);
    void this.ask();
  }

  #tell(answers: readonly { readonly run: Run; readonly probabilities: Float32Array }[], otherwise: string): void {
    const classes = this.#digits?.classes ?? [];
    const best = answers.map(({ probabilities }) =>
      probabilities.reduce((top, value, i) => (value > probabilities[top]! ? i : top), 0),
    );
    this.#verdict.textContent =
      answers.length === 0
        ? otherwise
        : answers
            .map(
              ({ run, probabilities }, i) =>
                `${run.name} sees ${classes[best[i]!]} (${Math.round(100 * probabilities[best[i]!]!)} %)`,
            )
            .join(', ');
    // Of many classes, the likeliest.
    const shown = [...classes.keys()]
      .sort((a, b) => highest(answers, b) - highest(answers, a))
      .slice(0, MOST_CLASSES)
      .sort((a, b) => a - b);
    this.#bars.replaceChildren(
      ...shown.map((label) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, classes[label]!),
          element(
            'td',
            {},
            ...answers.map(({ run, probabilities }, i) => {
              const share = probabilities[label]!;
              const bar = element(
                'span',
                { class: `bar side-${run.side}${best[i] === label ? ' best' : ''}` },
                element('span', { class: 'fill' }),
                element('span', { class: 'share' }, `${(100 * share).toFixed(1)} %`),
              );
              bar.style.setProperty('--share', `${100 * share}%`);
              return bar;
            }),
          ),
        ),
      ),
    );
  }
}

const highest = (answers: readonly { readonly probabilities: Float32Array }[], label: number): number =>
  answers.reduce((most, { probabilities }) => Math.max(most, probabilities[label]!), 0);
