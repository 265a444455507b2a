/** The part of the page that shows what a network learned. */
import uPlot from 'uplot';
import { grouped, percent } from '../text/numbers.js';
import { type ArrivingDigits, type Digit, digitAt } from './digits.js';
import { byId, cssVariable, element } from './dom.js';
import { digits3 } from './format.js';
import type { Histogram, Pictures } from './inspect.js';
import { showError } from './notices.js';
import { digitCanvas, drawDigit, pictureGrid } from './pictures.js';
import type { Run } from './run.js';
import type { Learned, TestResults } from './training.worker.js';

const WORST_SHOWN = 20;
/** Larger tables of confusions than this are not shown. */
const MOST_CLASSES = 30;

export class LearnedView {
  readonly #filters = byId('filters', HTMLElement);
  readonly #maps = byId('maps', HTMLElement);
  readonly #histograms = byId('histograms', HTMLElement);
  readonly #confusion = byId('confusion', HTMLElement);
  readonly #worst = byId('worst', HTMLElement);
  readonly #index = byId('map-digit', HTMLInputElement);
  readonly #digitCanvas = byId('map-digit-picture', HTMLCanvasElement);
  #run: Run | null = null;
  #digits: ArrivingDigits | null = null;
  #digit: Digit | null = null;
  #plots: {
    readonly figure: HTMLElement;
    readonly texts: HTMLElement;
    readonly holder: HTMLElement;
    readonly plot: uPlot;
  }[] = [];
  #shown: readonly Histogram[] = [];
  #busy = false;
  #again = false;

  /** @param pick called with a test image that was chosen from the most wrong ones */
  constructor(readonly pick: (index: number) => void) {
    this.#index.addEventListener('change', () => {
      void this.chooseDigit(this.#index.valueAsNumber || 0);
    });
    byId('map-next', HTMLButtonElement).addEventListener('click', () => {
      void this.chooseDigit(this.#index.valueAsNumber + 1);
    });
  }

  set digits(digits: ArrivingDigits) {
    this.#digits = digits;
    this.#index.max = String(digits.test.count - 1);
    void this.chooseDigit(0);
  }

  /** The run that is looked at; null shows nothing. */
  look(run: Run | null): void {
    this.#run = run;
    if (run === null || !run.alive) this.#clear();
    else void this.refresh(true);
  }

  /** Takes the test image at this position for the feature maps. */
  async chooseDigit(index: number): Promise<void> {
    const digits = this.#digits;
    if (digits === null) return;
    const at = ((Math.trunc(index) % digits.test.count) + digits.test.count) % digits.test.count;
    this.#index.value = String(at);
    this.#digit = await digitAt(digits, digits.test, at);
    drawDigit(this.#digitCanvas, this.#digit.pixels, digits.height, digits.width);
    this.#digitCanvas.setAttribute('aria-label', `Test image ${at}, a ${digits.classes[this.#digit.label]}`);
    if (this.#run?.alive) await this.refresh(false);
  }

  /**
   * Asks the run anew. While it is at it, further calls make it do so once more at the end.
   *
   * @param whole also all test images, which takes a moment
   */
  async refresh(whole: boolean): Promise<void> {
    if (this.#busy) {
      this.#again ||= whole;
      return;
    }
    this.#busy = true;
    try {
      const run = this.#run;
      if (run === null || !run.alive) return;
      const learned = await run.ask<Learned>('learned');
      const maps = this.#digit === null ? [] : await run.ask<Pictures[]>('maps', this.#digit.pixels);
      if (run !== this.#run) return;
      this.#showLearned(learned, maps);
      if (whole) {
        const results = await run.test();
        if (run === this.#run) await this.#showResults(results);
      }
    } catch (error) {
      // A run that was ended meanwhile has told so itself.
      if (this.#run?.alive && this.#run.phase !== 'empty') showError(error);
    } finally {
      this.#busy = false;
      if (this.#again) {
        this.#again = false;
        void this.refresh(true);
      }
    }
  }

  /** Draws the charts anew, as after a change of colours. */
  redraw(): void {
    this.#showHistograms(this.#shown, true);
  }

  #clear(): void {
    this.#showHistograms([]);
    for (const part of [this.#filters, this.#maps, this.#histograms, this.#confusion, this.#worst])
      part.replaceChildren(element('p', { class: 'empty' }, 'Train a network, or load weights.'));
  }

  #showLearned({ filters, histograms }: Learned, maps: readonly Pictures[]): void {
    this.#filters.replaceChildren(pictureGrid(filters, 'weights'));
    this.#maps.replaceChildren(...maps.map((picture) => pictureGrid(picture, 'outputs')));
    this.#showHistograms(histograms);
  }

  /** Charts stay where they are the same ones as before. */
  #showHistograms(histograms: readonly Histogram[], anew = false): void {
    const kinds = (list: readonly Histogram[]): string =>
      list.map(({ title, after }) => `${title} ${after !== null}`).join();
    const same = !anew && histograms.length > 0 && this.#plots.length > 0 && kinds(histograms) === kinds(this.#shown);
    this.#shown = histograms;
    if (!same) {
      for (const { plot } of this.#plots) plot.destroy();
      this.#plots = histograms.map(({ title, after }) => {
        const [texts, holder] = [element('p', { class: 'spread' }), element('div', { role: 'img' })];
        const figure = element('figure', { class: 'histogram' }, element('figcaption', {}, title), texts, holder);
        return { figure, texts, holder, plot: new uPlot(this.#histogramOptions(after !== null), [[]], holder) };
      });
      this.#histograms.replaceChildren(
        ...(histograms.length === 0
          ? [element('p', { class: 'empty' }, 'No hidden layer.')]
          : this.#plots.map(({ figure }) => figure)),
      );
    }
    histograms.forEach(({ title, before, after, low, high }, i) => {
      const { texts, holder, plot } = this.#plots[i]!;
      const spreads = [
        { name: 'before', when: after === null ? 'no BatchNorm' : 'before', spread: before },
        ...(after === null ? [] : [{ name: 'after', when: 'after', spread: after }]),
      ];
      texts.replaceChildren(
        ...spreads.map(({ name, when, spread }) => element('span', { class: name }, spreadText(when, spread))),
      );
      holder.setAttribute(
        'aria-label',
        `${title}: ${spreads.map(({ when, spread }) => spreadText(when, spread)).join('; ')}`,
      );
      const bins = before.shares.length;
      const x = Array.from({ length: bins }, (_, bin) => low + ((high - low) * (bin + 0.5)) / bins);
      plot.setData([x, ...spreads.map(({ spread }) => Array.from(spread.shares, (share) => 100 * share))]);
    });
  }

  #histogramOptions(normalised: boolean): uPlot.Options {
    const ink = cssVariable('--muted');
    const lines = { stroke: cssVariable('--grid'), width: 1 };
    const font = '11px system-ui, sans-serif';
    const bars = (name: string): Pick<uPlot.Series, 'stroke' | 'fill' | 'width' | 'points' | 'paths'> => ({
      stroke: cssVariable(name),
      fill: `color-mix(in srgb, ${cssVariable(name)} 25%, transparent)`,
      width: 1,
      points: { show: false },
      paths: uPlot.paths.stepped!({ align: 1 }),
    });
    const value = (_plot: uPlot, raw: number | null): string => (raw === null ? '–' : `${raw.toFixed(1)} %`);
    return {
      width: Math.max(200, Math.min(420, this.#histograms.clientWidth)),
      height: 130,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, high] } },
      axes: [
        { stroke: ink, grid: lines, ticks: lines, font, size: 24 },
        {
          stroke: ink,
          grid: lines,
          ticks: lines,
          font,
          size: 46,
          values: (_plot, ticks) => ticks.map((tick) => `${tick} %`),
        },
      ],
      series: [
        {},
        { label: 'before', value, ...bars('--before') },
        ...(normalised ? [{ label: 'after', value, ...bars('--after') }] : []),
      ],
    };
  }

  async #showResults(results: TestResults): Promise<void> {
    const digits = this.#digits;
    if (digits === null) return;
    this.#confusion.replaceChildren(
      digits.classes.length > MOST_CLASSES
        ? element('p', { class: 'empty' }, `There are too many classes (${digits.classes.length}) for a table.`)
        : confusionTable(results, digits.classes),
    );
    const wrong = [...results.labels.keys()]
      .filter((i) => results.predicted[i] !== results.labels[i])
      .sort((i, j) => results.truth[i]! - results.truth[j]!);
    const figures = await Promise.all(
      wrong.slice(0, WORST_SHOWN).map(async (i) => {
        const { pixels, label } = await digitAt(digits, digits.test, i);
        const [right, taken] = [digits.classes[label]!, digits.classes[results.predicted[i]!]!];
        const button = element(
          'button',
          { type: 'button', title: `Test image ${i}: look at it below` },
          digitCanvas(pixels, digits.height, digits.width, `Test image ${i}`),
          element('span', {}, `${right} → ${taken}`),
          element('small', {}, `${Math.round(100 * results.confidence[i]!)} %`),
        );
        button.addEventListener('click', () => this.pick(i));
        return element('li', {}, button);
      }),
    );
    this.#worst.replaceChildren(
      element(
        'p',
        { class: 'summary' },
        `${grouped(wrong.length)} of ${grouped(results.images)} test images are taken ` +
          `for another (${percent(results.accuracy)} right).`,
      ),
      element('ol', { class: 'worst' }, ...figures),
    );
  }
}

const spreadText = (when: string, { mean, deviation }: { readonly mean: number; readonly deviation: number }): string =>
  `${when}: mean ${digits3(mean)}, deviation ${digits3(deviation)}`;

/** Rows: what the images are; columns: what they are taken for. */
function confusionTable({ labels, predicted }: TestResults, classes: readonly string[]): HTMLElement {
  const counts = classes.map(() => classes.map(() => 0));
  labels.forEach((label, i) => {
    counts[label]![predicted[i]!]!++;
  });
  const mostWrong = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, j) => j !== i)));
  const cell = (count: number, row: number, column: number): HTMLElement => {
    if (row === column) return element('td', { class: 'right' }, String(count));
    const made = element('td', { class: count === 0 ? 'none' : 'wrong' }, String(count));
    made.style.setProperty('--share', `${Math.round(8 + (40 * count) / mostWrong)}%`);
    return made;
  };
  return element(
    'table',
    { class: 'confusion' },
    element('caption', {}, 'Rows: what the digit is. Columns: what it is taken for.'),
    element(
      'thead',
      {},
      element('tr', {}, element('td', {}), ...classes.map((name) => element('th', { scope: 'col' }, name))),
    ),
    element(
      'tbody',
      {},
      ...counts.map((row, i) =>
        element('tr', {}, element('th', { scope: 'row' }, classes[i]!), ...row.map((count, j) => cell(count, i, j))),
      ),
    ),
  );
}
