/**
 * The program of the reports, bundled by scripts/build.mjs into one module, `dist/report.js`, that has two users: every
 * report.html carries it and it brings the figures to life there; and the writer of reports imports it for the
 * pictures.
 */
import {
  CustomChart as CustomSeries,
  HeatmapChart as HeatmapSeries,
  LineChart as LineSeries,
  ParallelChart as ParallelSeries,
} from 'echarts/charts';
import {
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  ParallelComponent,
  TitleComponent,
  ToolboxComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Chart, Curve } from '../chart.js';
import { heightOf, optionOf } from './options.js';
import { DASHES, dark, light, type Theme } from './theme.js';

use([
  LineSeries,
  CustomSeries,
  HeatmapSeries,
  ParallelSeries,
  ParallelComponent,
  GridComponent,
  TooltipComponent,
  LegendComponent,
  DataZoomComponent,
  ToolboxComponent,
  VisualMapComponent,
  TitleComponent,
  SVGRenderer,
]);

const PICTURE_WIDTH = 860;
/** Of the printable part of a page of A4, in CSS pixels. */
const PAPER_WIDTH = 660;

/** A chart as the text of an SVG file, on white ground, with its title and legend. */
export function pictureOf(chart: Chart, width = PICTURE_WIDTH): string {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height: heightOf(chart, width) + 60 });
  drawing.setOption(optionOf(chart, { theme: light, picture: true, width }));
  const text = drawing.renderToSVGString();
  drawing.dispose();
  return text;
}

const prefersDark = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

/** The live chart of one chart: follows the width of its place and the colours of the page. */
class LiveChart {
  readonly #drawing;
  readonly #hidden = new Set<string>();
  readonly #legend: HTMLElement;
  #printing = false;

  constructor(
    readonly chart: Chart,
    readonly place: HTMLElement,
    legend: HTMLElement,
  ) {
    this.#legend = legend;
    place.replaceChildren();
    this.#drawing = init(place, null, { renderer: 'svg', width: this.#width, height: heightOf(chart, this.#width) });
    this.draw();
    // The wheel scrolls the page; with Ctrl, or as two fingers move apart, it zooms. The library would take it in any
    // case.
    for (const name of ['wheel', 'mousewheel'])
      place.addEventListener(
        name,
        (event) => {
          if (!(event as WheelEvent).ctrlKey) event.stopPropagation();
        },
        { capture: true, passive: true },
      );
    new ResizeObserver(() => this.fit()).observe(place);
  }

  get #width(): number {
    return this.#printing ? PAPER_WIDTH : Math.max(240, this.place.clientWidth);
  }

  get #theme(): Theme {
    return !this.#printing && prefersDark().matches ? dark : light;
  }

  draw(): void {
    this.#drawing.setOption(optionOf(this.chart, { theme: this.#theme, picture: false, width: this.#width }), {
      notMerge: true,
    });
    for (const name of this.#hidden) this.#drawing.dispatchAction({ type: 'legendUnSelect', name });
    if (this.chart.kind === 'lines') this.#drawLegend(this.chart.curves);
  }

  fit(): void {
    if (this.#printing || this.#drawing.getWidth() === this.#width) return;
    this.#resize();
  }

  print(printing: boolean): void {
    this.#printing = printing;
    this.#resize();
    this.draw();
  }

  #resize(): void {
    this.#drawing.resize({ width: this.#width, height: heightOf(this.chart, this.#width) });
  }

  /** Buttons, so that keys and screen readers reach them; the library's own legend stays out of sight. */
  #drawLegend(curves: readonly Curve[]): void {
    this.#legend.replaceChildren(
      ...curves.map((curve) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.setAttribute('aria-pressed', String(!this.#hidden.has(curve.name)));
        button.append(swatch(curve, this.#theme), curve.name + (curve.note === undefined ? '' : ` (${curve.note})`));
        button.addEventListener('click', () => {
          if (!this.#hidden.delete(curve.name)) this.#hidden.add(curve.name);
          button.setAttribute('aria-pressed', String(!this.#hidden.has(curve.name)));
          this.#drawing.dispatchAction({ type: 'legendToggleSelect', name: curve.name });
        });
        return button;
      }),
    );
  }
}

function swatch({ color, dash }: Curve, theme: Theme): SVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  picture.setAttribute('viewBox', '0 0 26 10');
  picture.setAttribute('aria-hidden', 'true');
  const line = picture.appendChild(document.createElementNS(space, 'line'));
  const pattern = DASHES[dash];
  for (const [name, value] of Object.entries({
    x1: 1,
    x2: 25,
    y1: 5,
    y2: 5,
    stroke: theme.palette[color % theme.palette.length]!,
    'stroke-width': 2.5,
    ...(pattern === 'solid' ? {} : { 'stroke-dasharray': pattern.join(' ') }),
  }))
    line.setAttribute(name, String(value));
  return picture;
}

function start(): void {
  const charts = JSON.parse(document.getElementById('charts')?.textContent ?? '[]') as Chart[];
  const live = charts.flatMap((chart) => {
    const [place, legend] = ['chart', 'legend'].map((part) =>
      document.querySelector<HTMLElement>(`[data-${part}="${CSS.escape(chart.id)}"]`),
    ) as [HTMLElement | null, HTMLElement | null];
    return place === null || legend === null ? [] : [new LiveChart(chart, place, legend)];
  });
  prefersDark().addEventListener('change', () => {
    for (const each of live) each.draw();
  });
  const folded = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')];
  const print = (printing: boolean): void => {
    for (const each of live) each.print(printing);
    // On paper nothing can be unfolded.
    for (const each of folded) each.open = printing;
  };
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
}

if (typeof document !== 'undefined') start();
