/** A chart of the runs, step by step, drawn by uPlot: drag to zoom, double-click to see all, hover for values. */
import uPlot from 'uplot';
import { plural } from '../text/numbers.js';
import { cssVariable, element } from './dom.js';
import type { Run } from './run.js';
import type { Side } from './settings.js';

export type CurveKind = 'loss' | 'accuracy';

const KINDS = {
  loss: {
    title: 'Loss',
    axis: 'cross-entropy, nats',
    of: (run: Run) => run.losses,
    scale: 1,
    text: (value: number) => value.toFixed(4),
  },
  accuracy: {
    title: 'Accuracy',
    axis: 'accuracy, %',
    of: (run: Run) => run.accuracies,
    scale: 100,
    text: (value: number) => `${value.toFixed(2)} %`,
  },
} as const;

const HEIGHT = 260;
/** The charts' cursors move together. */
const SYNC = 'curves';

/**
 * Means of the last so many steps, weighted less the longer they are past; at the beginning of those that there are.
 */
class Smoothed {
  readonly values: number[] = [];
  #sum = 0;
  #weight = 0;

  constructor(readonly window: number) {}

  follow(source: readonly number[], scale: number): readonly number[] {
    if (source.length < this.values.length) {
      this.values.length = 0;
      this.#sum = this.#weight = 0;
    }
    const keep = 1 - 1 / this.window;
    for (let i = this.values.length; i < source.length; i++) {
      this.#sum = keep * this.#sum + source[i]! * scale;
      this.#weight = keep * this.#weight + 1;
      this.values.push(this.#sum / this.#weight);
    }
    return this.values;
  }
}

export class Curves {
  readonly #holder = element('div', { class: 'plot', role: 'img' });
  #plot: uPlot | null = null;
  #sides: readonly Side[] = [];
  #smoothed = new Map<Side, Smoothed>();
  #window = 20;
  #logarithmic = false;
  #zoomed = false;
  #runs: readonly Run[] = [];

  constructor(
    readonly parent: HTMLElement,
    readonly kind: CurveKind,
  ) {
    parent.append(this.#holder);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(parent);
  }

  /** Over how many steps the training curves are smoothed. */
  set window(steps: number) {
    this.#window = steps;
    this.#smoothed.clear();
    this.show(this.#runs);
  }

  set logarithmic(on: boolean) {
    this.#logarithmic = on;
    this.rebuild();
  }

  /** Draws anew, as after a change of colours. */
  rebuild(): void {
    this.#plot?.destroy();
    this.#plot = null;
    this.#zoomed = false;
    this.show(this.#runs);
  }

  /** Shows all again. */
  unzoom(): void {
    this.#zoomed = false;
    this.#plot?.setData(this.#plot.data, true);
  }

  show(runs: readonly Run[]): void {
    this.#runs = runs;
    const sides = runs.map(({ side }) => side);
    if (this.#plot === null || sides.join() !== this.#sides.join()) {
      this.#plot?.destroy();
      this.#sides = sides;
      this.#plot = new uPlot(this.#options(sides), this.#data(runs), this.#holder);
      this.#plot.over.addEventListener('dblclick', () => {
        this.#zoomed = false;
      });
    } else {
      this.#plot.setData(this.#data(runs), !this.#zoomed);
      if (this.#zoomed) this.#plot.redraw();
    }
    this.#holder.setAttribute('aria-label', this.#inWords(runs));
  }

  /** The canvas as it is now, for a picture of it. */
  get canvas(): HTMLCanvasElement | null {
    return this.#plot?.ctx.canvas ?? null;
  }

  get title(): string {
    return `${KINDS[this.kind].title} (${KINDS[this.kind].axis})`;
  }

  #data(runs: readonly Run[]): uPlot.AlignedData {
    const { of, scale } = KINDS[this.kind];
    const steps = Math.max(0, ...runs.map((run) => Math.max(run.steps, run.tests.at(-1)?.step ?? 0)));
    const x = Array.from({ length: steps + 1 }, (_, i) => i);
    const rows = runs.flatMap((run) => {
      const smoothed = this.#smoothed.get(run.side) ?? new Smoothed(this.#window);
      this.#smoothed.set(run.side, smoothed);
      const train: (number | null)[] = [null, ...smoothed.follow(of(run), scale)];
      const test = new Array<number | null>(steps + 1).fill(null);
      for (const point of run.tests) test[point.step] = point[this.kind] * scale;
      while (train.length <= steps) train.push(null);
      return [train, test];
    });
    return [
      x,
      ...rows.map((row) =>
        this.#logarithmic ? row.map((value) => (value === null ? null : Math.max(value, 1e-6))) : row,
      ),
    ];
  }

  #options(sides: readonly Side[]): uPlot.Options {
    const { axis, text } = KINDS[this.kind];
    const ink = cssVariable('--muted');
    const lines = { stroke: cssVariable('--grid'), width: 1 };
    const font = '12px system-ui, sans-serif';
    const value = (_plot: uPlot, raw: number | null): string => (raw === null ? '–' : text(raw));
    return {
      ...this.#size(),
      cursor: { sync: { key: SYNC }, drag: { x: true, y: true, uni: 40 }, points: { size: 6 } },
      legend: { markers: { width: 2, fill: 'transparent', dash: (_plot, i) => (i % 2 === 1 ? 'solid' : 'dashed') } },
      scales: { x: { time: false }, y: { distr: this.#logarithmic ? 3 : 1 } },
      axes: [
        { stroke: ink, grid: lines, ticks: lines, font, labelFont: font, label: 'step', labelSize: 18, size: 34 },
        { stroke: ink, grid: lines, ticks: lines, font, labelFont: font, label: axis, labelSize: 18, size: 48 },
      ],
      series: [
        { label: 'step', value: (_plot, raw: number | null) => (raw === null ? '–' : String(raw)) },
        ...sides.flatMap((side): uPlot.Series[] => {
          const stroke = cssVariable(`--${side}`);
          return [
            { label: `${side.toUpperCase()} train`, stroke, width: 1.5, points: { show: false }, value },
            {
              label: `${side.toUpperCase()} test`,
              stroke,
              width: 1.5,
              dash: [5, 4],
              spanGaps: true,
              points: { show: true, size: 5, fill: stroke },
              value,
            },
          ];
        }),
      ],
      hooks: {
        setSelect: [
          (plot) => {
            if (plot.select.width > 0) this.#zoomed = true;
          },
        ],
      },
    };
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, Math.floor(this.parent.clientWidth)), height: HEIGHT };
  }

  #inWords(runs: readonly Run[]): string {
    const { title, text, of, scale } = KINDS[this.kind];
    const parts = runs
      .filter(({ steps }) => steps > 0)
      .map((run) => {
        const test = run.tests.at(-1);
        return (
          `${run.name} after ${plural(run.steps, 'step')}: ` +
          `train ${text(of(run).at(-1)! * scale)}${test === undefined ? '' : `, test ${text(test[this.kind] * scale)}`}`
        );
      });
    return `${title} by step. ${parts.length === 0 ? 'Nothing trained yet.' : parts.join('; ')}`;
  }
}
