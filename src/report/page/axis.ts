/** The axes of a chart, in the terms of the chart library. */
import { setting } from '../../text/numbers.js';
import type { Axis } from '../chart.js';
import type { Theme } from './theme.js';

export interface Look {
  readonly theme: Theme;
  /** A picture without a pointer over it carries its title and legend itself. */
  readonly picture: boolean;
  /** In pixels. */
  readonly width: number;
}

export const FONT = 'system-ui, sans-serif';

/** A value on an axis, in few characters. */
export function tick(axis: Axis, value: number): string {
  if (axis.percent === true) return `${Number((100 * value).toFixed(2))}`;
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6))
    return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  return Math.abs(value) >= 1e4 ? `${Number((value / 1000).toFixed(1))}k` : String(Number(value.toPrecision(3)));
}

/** A value where there is room for it. */
export function exact(axis: Axis, value: number): string {
  if (axis.percent === true) return `${(100 * value).toFixed(2)} %`;
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : setting(value);
}

export const axisName = ({ name, percent }: Axis): string => (percent === true ? `${name}, %` : name);

/** An axis that holds these values; without any: one of categories. */
export function axisOption(
  axis: Axis,
  { theme, width }: Look,
  values: readonly number[] = [],
): Record<string, unknown> {
  const ends = extent(values, axis);
  return {
    type: axis.scale === 'log' ? 'log' : 'value',
    ...ends.limits,
    name: axisName(axis),
    nameLocation: 'middle',
    nameTextStyle: { color: theme.quiet, fontSize: 12 },
    axisLabel: {
      color: theme.quiet,
      fontSize: 11,
      hideOverlap: true,
      formatter: (value: number) => tick(axis, value),
      ...ends.ticks,
    },
    axisLine: { show: true, lineStyle: { color: theme.rule } },
    axisTick: { lineStyle: { color: theme.rule }, ...ends.ticks },
    splitLine: { lineStyle: { color: theme.rule, opacity: 0.6 } },
    splitNumber: width < 500 ? 4 : 6,
  };
}

/** Ends and ticks of an axis that holds these values. */
function extent(values: readonly number[], axis: Axis): { limits?: object; ticks?: object } {
  if (values.length === 0) return {};
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (axis.max !== undefined) high = Math.min(high, axis.max);
  if (axis.scale === 'log') {
    return { limits: { min: low / 1.05, max: high * 1.05 }, ticks: { customValues: logTicks(low, high) } };
  }
  return {
    limits: {
      scale: true,
      ...(axis.min === undefined ? {} : { min: axis.min }),
      ...(axis.max === undefined ? {} : { max: axis.max }),
      ...(axis.whole === true ? { minInterval: 1 } : {}),
    },
  };
}

/** From sparse to dense: what the powers of ten are multiplied by. */
const LOG_STEPS = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9], Array.from({ length: 90 }, (_, i) => (i + 10) / 10)];

/** Round values between two ends, evenly enough on a logarithmic axis: three to nine where that can be. */
export function logTicks(low: number, high: number): number[] {
  const exponent = (value: number): number => Number(value.toExponential().split('e')[1]);
  const first = exponent(low);
  const powers = Array.from({ length: exponent(high) - first + 1 }, (_, i) => first + i);
  const ticks =
    LOG_STEPS.map((factors) =>
      powers
        .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
        .filter((value) => value >= low && value <= high),
    ).find(({ length }) => length >= 3) ?? [];
  const every = Math.ceil(ticks.length / 9);
  return ticks.filter((_, i) => i % every === 0);
}
