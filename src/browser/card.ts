/** The card of a run: how far it is, its results, what it runs on. */

import type { RuntimeInfo } from '../slim/index.js';
import { grouped, percent, plural } from '../text/numbers.js';
import { element } from './dom.js';
import { digits3, megabytes } from './format.js';
import type { Phase, Run } from './run.js';

const PHASES: Readonly<Record<Phase, string>> = {
  empty: 'not started',
  starting: 'starting',
  running: 'running',
  paused: 'paused',
  ended: 'done',
  failed: 'stopped',
};

const ROWS = {
  trainLoss: 'Train loss',
  trainAccuracy: 'Train acc.',
  testLoss: 'Test loss',
  testAccuracy: 'Test acc.',
  speed: 'Speed',
  step: 'Step time',
  engine: 'Engine',
  memory: 'Memory',
} as const;

type RowName = keyof typeof ROWS;

export interface CardActions {
  save(run: Run): void;
  load(run: Run, file: File): void;
}

export class Card {
  readonly root: HTMLElement;
  readonly #phase = element('span', { class: 'phase' });
  readonly #title = element('span', { class: 'title' });
  readonly #progress: HTMLProgressElement;
  readonly #place = element('span', { class: 'place' });
  readonly #values: Readonly<Record<RowName, HTMLElement>>;
  readonly #digest = element('code', { class: 'digest' });
  readonly #save = element('button', { type: 'button' }, 'Save weights');

  constructor(
    readonly run: Run,
    actions: CardActions,
  ) {
    const { name, side } = run;
    this.#progress = element('progress', { max: '1', value: '0', 'aria-label': `Progress of run ${name}` });
    this.#values = Object.fromEntries(
      Object.keys(ROWS).map((row) => [row, element('dd', { 'data-value': row })]),
    ) as Record<RowName, HTMLElement>;
    const file = element('input', {
      type: 'file',
      accept: '.safetensors',
      class: 'visually-hidden',
      'aria-label': `Load weights into run ${name}`,
      'data-load': side,
    });
    file.addEventListener('change', () => {
      const [chosen] = file.files ?? [];
      if (chosen !== undefined) actions.load(run, chosen);
      file.value = '';
    });
    this.#save.addEventListener('click', () => actions.save(run));
    this.root = element(
      'article',
      { class: `card run side-${side}`, 'aria-label': `Run ${name}`, 'data-side': side },
      element('header', {}, element('span', { class: 'badge' }, name), this.#title, this.#phase),
      element('div', { class: 'progress' }, this.#progress, this.#place),
      element(
        'dl',
        {},
        ...Object.entries(ROWS).map(([row, label]) =>
          element('div', {}, element('dt', {}, label), this.#values[row as RowName]),
        ),
      ),
      element('div', { class: 'digest-row' }, element('span', {}, 'Digest'), this.#digest),
      element('div', { class: 'actions' }, this.#save, element('label', { class: 'button' }, 'Load weights…', file)),
    );
    this.show();
  }

  show(): void {
    const { run } = this;
    const { latest, memory, info } = run;
    this.root.dataset.phase = run.phase;
    this.#phase.textContent = run.silent ? 'no answer' : PHASES[run.phase];
    this.#title.textContent = run.recipe?.title ?? '';
    this.#progress.value = run.total > 0 && Number.isFinite(run.total) ? run.steps / run.total : 0;
    this.#place.textContent =
      latest === null ? '' : `step ${grouped(latest.step)} of ${grouped(run.total)}, epoch ${latest.epoch}`;
    const test = run.tests.at(-1);
    const speed = latest?.imagesPerSecond ?? null;
    const texts: Record<RowName, string> = {
      trainLoss: latest === null ? '' : digits3(latest.trainLoss),
      trainAccuracy: latest?.trainAccuracy == null ? '' : percent(latest.trainAccuracy),
      testLoss: test === undefined ? '' : digits3(test.loss),
      testAccuracy: test === undefined ? '' : percent(test.accuracy),
      speed: speed === null ? '' : `${grouped(speed)} images/s`,
      step:
        speed === null || run.recipe === null ? '' : `${digits3((1000 * run.recipe.settings.batchSize) / speed)} ms`,
      engine: info === null ? '' : engineOf(info.runtime),
      memory: memory === null ? '' : megabytes(memory.bytes),
    };
    for (const [row, text] of Object.entries(texts))
      this.#values[row as RowName].textContent = text === '' ? '–' : text;
    if (test !== undefined) this.#values.testAccuracy.append(element('small', {}, ` of ${grouped(test.images)}`));
    this.#digest.textContent = run.digest === null ? '–' : run.digest;
    this.#digest.title =
      run.digest === null
        ? 'SHA-256 of the weights, once the run has ended'
        : 'SHA-256 of the weights: the same in every engine and with any number of threads';
    this.#save.disabled = !run.alive;
  }
}

/** `SIMD, 2 threads` */
const VARIANTS = { simd: 'SIMD', wide: 'wide SIMD', relaxed: 'relaxed SIMD' };

function engineOf({ variant, threads }: RuntimeInfo): string {
  return `${VARIANTS[variant]}, ${plural(threads, 'thread')}`;
}
