/** Parallel coordinates, in the terms of the chart library. */
import type { ParallelAxis, ParallelChart } from '../chart.js';
import { axisName, exact, type Look, logTicks, tick } from './axis.js';
import { VIRIDIS } from './theme.js';
import { lineTip, tipStyle } from './tips.js';

export function parallelOption(chart: ParallelChart, look: Look): Record<string, unknown> {
  const { theme, picture, width } = look;
  const values = chart.lines.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const axes = [...chart.axes, chart.value];
  const quiet = { color: theme.quiet, fontSize: width < 500 ? 10 : 12 };
  const place = (axis: ParallelAxis, dim: number): Record<string, unknown> => ({
    dim,
    name: axisName(axis),
    nameTextStyle: quiet,
    ...scaleOf(axis, [...chart.lines.map(({ at, value }) => at[dim] ?? value)]),
  });
  return {
    parallel: {
      left: 40,
      right: 70,
      top: picture ? 70 : 44,
      bottom: 60,
      parallelAxisDefault: {
        axisLine: { lineStyle: { color: theme.rule } },
        axisTick: { lineStyle: { color: theme.rule } },
        axisLabel: { color: theme.quiet, fontSize: 11 },
        nameGap: 14,
        splitLine: { show: false },
        splitArea: { show: false },
      },
    },
    parallelAxis: axes.map(place),
    visualMap: {
      type: 'continuous',
      dimension: axes.length - 1,
      min: low,
      max: high === low ? low + 1e-9 : high,
      calculable: !picture,
      orient: 'horizontal',
      left: 'center',
      bottom: 4,
      itemHeight: Math.min(220, width - 120),
      itemWidth: 14,
      textStyle: { color: theme.ink, fontSize: 11 },
      formatter: (value: unknown) => exact(chart.value, Number(value)),
      inRange: { color: VIRIDIS },
      precision: 4,
    },
    series: [
      {
        type: 'parallel',
        smooth: false,
        lineStyle: { width: 2, opacity: 0.75 },
        emphasis: { lineStyle: { width: 4, opacity: 1 } },
        // The best on top.
        data: chart.lines
          .toSorted((a, b) => a.value - b.value)
          .map(({ name, at, value }) => ({ name, value: [...at, value] })),
      },
    ],
    ...(picture
      ? {}
      : {
          tooltip: {
            confine: true,
            transitionDuration: 0,
            formatter: ({ name }: { name: string }) => lineTip(chart, name),
            ...tipStyle(theme),
          },
        }),
  };
}

function scaleOf(axis: ParallelAxis, values: readonly number[]): Record<string, unknown> {
  if (axis.values !== undefined) return { type: 'category', data: axis.values };
  const formatter = (value: number): string => tick(axis, value);
  if (axis.scale !== 'log') return { type: 'value', scale: true, axisLabel: { formatter } };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { type: 'log', min: low, max: high, axisLabel: { formatter, customValues: logTicks(low, high) } };
}
