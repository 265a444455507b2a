/** What a chart shows where the pointer is. */
import { setting } from '../../text/numbers.js';
import type { Categories, Curve, HeatChart, LineChart, ParallelChart } from '../chart.js';
import { exact, FONT } from './axis.js';
import type { Theme } from './theme.js';

export const tipStyle = (theme: Theme): Record<string, unknown> => ({
  backgroundColor: theme.ground,
  borderColor: theme.rule,
  textStyle: { color: theme.ink, fontSize: 12, fontFamily: FONT },
  extraCssText: 'max-width: min(360px, 90vw); white-space: normal;',
});

export interface TipItem {
  readonly seriesType: string;
  readonly seriesName: string;
  readonly value: readonly [number, number];
  readonly color: string;
}

/** Made of elements: a name is text, whatever it holds. */
export function curvesTip(chart: LineChart, curves: readonly Curve[], items: readonly TipItem[]): HTMLElement | string {
  const lines = items.filter(({ seriesType }) => seriesType === 'line');
  if (lines.length === 0) return '';
  const tip = element('div', `${chart.x.name} ${exact(chart.x, lines[0]!.value[0])}`);
  for (const {
    seriesName,
    value: [x],
    color,
  } of lines) {
    const line = tip.appendChild(element('div'));
    line.style.cssText = 'display: flex; gap: 8px; justify-content: space-between; font-variant-numeric: tabular-nums;';
    const name = line.appendChild(element('span', ` ${seriesName}`));
    const spot = element('span', '●');
    spot.style.color = color;
    name.prepend(spot);
    const curve = curves.find((each) => each.name === seriesName)!;
    const [, y] = curve.points.find(([at]) => at === x)!;
    const seeds = curve.band.find(([at]) => at === x);
    line.append(
      element(
        'b',
        exact(chart.y, y) +
          (seeds === undefined ? '' : ` (${exact(chart.y, seeds[1])} to ${exact(chart.y, seeds[2])})`),
      ),
    );
  }
  return tip;
}

export function cellTip(chart: HeatChart, index: number): HTMLElement {
  const { x, y, value, note, text } = chart.cells[index]!;
  const named = ({ name, labels, values }: Categories, i: number) => `${name} ${labels?.[i] ?? setting(values[i]!)}`;
  const tip = element('div', `${named(chart.x, x)}, ${named(chart.y, y)}`);
  if (text === undefined)
    tip.append(element('div', `${chart.value.name} ${value === null ? 'none' : exact(chart.value, value)}`));
  if (note !== undefined) tip.append(element('div', note));
  return tip;
}

export function lineTip(chart: ParallelChart, name: string): HTMLElement {
  const tip = element('div', name);
  const line = chart.lines.find((each) => each.name === name);
  if (line !== undefined) tip.append(element('div', `${chart.value.name} ${exact(chart.value, line.value)}`));
  return tip;
}

function element(tag: 'div' | 'span' | 'b', text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
