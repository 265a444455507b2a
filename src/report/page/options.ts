/** A chart in the terms of the chart library. */
import type { CustomSeriesRenderItem } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';
import { setting } from '../../text/numbers.js';
import type { Axis, Chart, Curve, HeatChart, LineChart } from '../chart.js';
import { DASHES, type Theme, VIRIDIS } from './theme.js';

export interface Look {
  readonly theme: Theme;
  /** A picture that nobody can hover over carries its title and legend itself. */
  readonly picture: boolean;
  /** In pixels. */
  readonly width: number;
}

/** Height of a chart of this width, in pixels. */
export const heightOf = (chart: Chart, width: number): number =>
  chart.kind === 'heat'
    ? Math.min(Math.round(0.62 * width) + 110, 560)
    : Math.max(280, Math.min(Math.round(0.5 * width), 380));

const FONT = 'system-ui, sans-serif';

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

const axisName = ({ name, percent }: Axis): string => (percent === true ? `${name}, %` : name);

/** The option that `setOption` takes for a chart. */
export function optionOf(chart: Chart, look: Look): EChartsCoreOption {
  const { theme, picture } = look;
  return {
    animation: false,
    backgroundColor: picture ? theme.ground : 'transparent',
    textStyle: { fontFamily: FONT, color: theme.ink },
    title: picture
      ? { text: chart.title, left: 'center', top: 6, textStyle: { fontSize: 14, fontWeight: 600, color: theme.ink } }
      : undefined,
    ...(chart.kind === 'lines' ? linesOption(chart, look) : heatOption(chart, look)),
  };
}

/** An axis that holds these values; without any: one of categories. */
function axisOption(axis: Axis, { theme, width }: Look, values: readonly number[] = []): Record<string, unknown> {
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

function linesOption(chart: LineChart, look: Look): Record<string, unknown> {
  const { theme, picture } = look;
  const drawn = chart.curves.map((curve) => shown(chart, curve));
  const legendRows = picture
    ? Math.ceil(drawn.reduce((sum, { name }) => sum + 60 + 6.5 * name.length, 0) / (look.width - 40))
    : 0;
  return {
    legend: {
      show: picture,
      left: 'center',
      bottom: 6,
      itemWidth: 30,
      itemHeight: 7,
      itemGap: 22,
      textStyle: { color: theme.ink, fontSize: 12 },
      data: drawn.map(({ name }) => ({ name })),
    },
    grid: {
      left: 14,
      right: 18,
      top: picture ? 38 : 34,
      bottom: picture ? 30 + 22 * legendRows : few(drawn) ? 14 : 38,
      outerBoundsMode: 'same',
      outerBoundsContain: 'all',
    },
    xAxis: {
      ...axisOption(
        chart.x,
        look,
        drawn.flatMap(({ points }) => points.map(([x]) => x)),
      ),
      nameGap: 26,
      splitLine: { show: false },
      ...(chart.x.scale === 'log' ? {} : { max: 'dataMax' }),
    },
    yAxis: {
      ...axisOption(
        chart.y,
        look,
        drawn.flatMap(({ points, band }) => [
          ...points.map(([, y]) => y),
          ...band.flatMap(([, low, high]) => [low, high]),
        ]),
      ),
      nameGap: 44,
    },
    series: [
      ...drawn.map((curve) => lineSeries(curve, chart, theme)),
      ...drawn.flatMap((curve) => bandSeries(curve, theme)),
    ],
    ...(picture
      ? {}
      : {
          tooltip: {
            trigger: 'axis',
            confine: true,
            transitionDuration: 0,
            formatter: (items: unknown) => curvesTip(chart, drawn, items as TipItem[]),
            ...tipStyle(theme),
            axisPointer: { type: 'line', snap: true, lineStyle: { color: theme.quiet } },
          },
          toolbox: {
            right: 4,
            top: 0,
            itemSize: 15,
            itemGap: 10,
            iconStyle: { borderColor: theme.quiet },
            emphasis: { iconStyle: { textFill: theme.ink, borderColor: theme.ink } },
            feature: {
              dataZoom: {
                filterMode: 'none',
                title: { zoom: 'zoom into a box', back: 'step back' },
                brushStyle: { color: theme.quiet, opacity: 0.25 },
              },
              restore: { title: 'show all' },
              saveAsImage: { title: 'save as SVG', name: chart.id },
            },
          },
          dataZoom: [
            {
              type: 'inside',
              xAxisIndex: 0,
              filterMode: 'none',
              zoomOnMouseWheel: 'ctrl',
              moveOnMouseMove: 'shift',
              preventDefaultMouseMove: false,
            },
            ...(few(drawn)
              ? []
              : [
                  {
                    type: 'slider',
                    xAxisIndex: 0,
                    filterMode: 'none',
                    height: 16,
                    bottom: 6,
                    left: 54,
                    right: 24,
                    showDataShadow: false,
                    showDetail: false,
                    brushSelect: false,
                    borderColor: theme.rule,
                    fillerColor: 'rgba(128,140,155,0.2)',
                    handleStyle: { color: theme.ground, borderColor: theme.quiet },
                    moveHandleSize: 0,
                  },
                ]),
          ],
        }),
  };
}

/** So few points that nobody needs to look closer. */
const few = (curves: readonly Curve[]): boolean => curves.every(({ points }) => points.length <= 12);

/** A logarithmic axis shows what lies above zero. */
function shown({ x, y }: LineChart, curve: Curve): Curve {
  const fits = (axis: Axis, value: number): boolean => Number.isFinite(value) && (axis.scale !== 'log' || value > 0);
  return {
    ...curve,
    points: curve.points.filter(([px, py]) => fits(x, px) && fits(y, py)),
    band: curve.band.filter(([px, low, high]) => fits(x, px) && fits(y, low) && fits(y, high)),
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

/** A line that leaves a chart ends so many times as high: no engine dashes one of 10¹⁵ pixels. */
const OFF_CHART = 3;

function lineSeries(
  { name, color, dash, points }: Curve,
  { y: axis, markers }: LineChart,
  theme: Theme,
): Record<string, unknown> {
  return {
    type: 'line',
    name,
    data: points.map(([x, y]) => [x, Math.min(y, OFF_CHART * (axis.max ?? Infinity))]),
    color: theme.palette[color % theme.palette.length],
    showSymbol: markers === true || points.length === 1,
    symbol: 'circle',
    symbolSize: markers === true ? 7 : 5,
    lineStyle: { width: markers === true ? 1 : 1.8, type: DASHES[dash] },
    emphasis: { disabled: true },
    z: 3,
  };
}

/** From the lowest to the highest seed, as a polygon behind the line; its name ties it to the same legend entry. */
function bandSeries({ name, color, band }: Curve, theme: Theme): Record<string, unknown>[] {
  if (band.length < 2) return [];
  // Two points, for the axes to reach from the lowest to the highest; the first of them draws it all.
  const data = [
    [band[0]![0], Math.min(...band.map(([, low]) => low))],
    [band.at(-1)![0], Math.max(...band.map(([, , high]) => high))],
  ];
  const renderItem: CustomSeriesRenderItem = ({ dataIndex }, api) =>
    dataIndex > 0
      ? null
      : {
          type: 'polygon',
          shape: {
            points: [
              ...band.map(([x, , high]) => api.coord([x, high])),
              ...[...band].reverse().map(([x, low]) => api.coord([x, low])),
            ],
          },
          style: { fill: theme.palette[color % theme.palette.length]!, opacity: 0.16 },
          silent: true,
        };
  return [
    {
      type: 'custom',
      name,
      color: theme.palette[color % theme.palette.length],
      data,
      renderItem,
      clip: true,
      silent: true,
      tooltip: { show: false },
      z: 1,
    },
  ];
}

function heatOption(chart: HeatChart, look: Look): Record<string, unknown> {
  const { theme, picture, width } = look;
  const numbers = chart.cells.flatMap(({ value }) => (value === null ? [] : [value]));
  const [low, high] = numbers.length === 0 ? [0, 1] : [Math.min(...numbers), Math.max(...numbers)];
  const narrow = width < 500;
  const roomy = (width - 90) / chart.x.values.length >= 40;
  const labels = (axis: HeatChart['x']) => ({
    ...axisOption(axis, look),
    type: 'category',
    data: axis.values.map((value) => tick({ name: '' }, value)),
    splitLine: { show: false },
    splitArea: { show: false },
    axisLabel: { color: theme.quiet, fontSize: 11, hideOverlap: true },
  });
  return {
    grid: {
      left: 14,
      right: 18,
      top: picture ? 38 : 34,
      bottom: picture ? 56 : 52,
      outerBoundsMode: 'same',
      outerBoundsContain: 'all',
    },
    xAxis: { ...labels(chart.x), nameGap: 28 },
    yAxis: { ...labels(chart.y), nameGap: 52 },
    visualMap: {
      type: 'continuous',
      min: low,
      max: high === low ? low + 1e-9 : high,
      calculable: !picture,
      orient: 'horizontal',
      left: 'center',
      bottom: 4,
      itemHeight: Math.min(220, width - 120),
      itemWidth: 14,
      ...(narrow || !picture
        ? {}
        : { text: [exact(chart.value, high), `${axisName(chart.value)}  ${exact(chart.value, low)}`] }),
      textStyle: { color: theme.ink, fontSize: 11 },
      formatter: (value: unknown) => exact(chart.value, Number(value)),
      inRange: { color: VIRIDIS },
      precision: 4,
      hoverLink: true,
    },
    series: [
      {
        type: 'heatmap',
        emphasis: { itemStyle: { borderColor: theme.ink, borderWidth: 2 } },
        itemStyle: { borderColor: theme.ground, borderWidth: 1 },
        label: {
          show: roomy,
          fontSize: 10,
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const { value } = chart.cells[dataIndex]!;
            return value === null ? '×' : tick(chart.value, Number(value.toFixed(3)));
          },
        },
        data: chart.cells.map(({ x, y, value }) =>
          value === null
            ? {
                value: [x, y, low],
                visualMap: false,
                itemStyle: { color: theme.missing },
                label: { show: true, formatter: '×', color: theme.ink },
              }
            : { value: [x, y, value] },
        ),
      },
    ],
    ...(picture
      ? {}
      : {
          tooltip: {
            confine: true,
            transitionDuration: 0,
            formatter: ({ dataIndex }: { dataIndex: number }) => cellTip(chart, dataIndex),
            ...tipStyle(theme),
          },
          toolbox: {
            right: 4,
            top: 0,
            itemSize: 15,
            iconStyle: { borderColor: theme.quiet },
            emphasis: { iconStyle: { textFill: theme.ink, borderColor: theme.ink } },
            feature: { saveAsImage: { title: 'save as SVG', name: chart.id } },
          },
        }),
  };
}

const tipStyle = (theme: Theme): Record<string, unknown> => ({
  backgroundColor: theme.ground,
  borderColor: theme.rule,
  textStyle: { color: theme.ink, fontSize: 12, fontFamily: FONT },
  extraCssText: 'max-width: min(360px, 90vw); white-space: normal;',
});

interface TipItem {
  readonly seriesType: string;
  readonly seriesName: string;
  readonly value: readonly [number, number];
  readonly color: string;
}

/** Made of elements: a name is text, whatever it holds. */
function curvesTip(chart: LineChart, curves: readonly Curve[], items: readonly TipItem[]): HTMLElement | string {
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

function cellTip(chart: HeatChart, index: number): HTMLElement {
  const { x, y, value, note } = chart.cells[index]!;
  const tip = element(
    'div',
    `${chart.x.name} ${setting(chart.x.values[x]!)}, ${chart.y.name} ${setting(chart.y.values[y]!)}`,
  );
  tip.append(element('div', `${chart.value.name} ${value === null ? 'none' : exact(chart.value, value)}`));
  if (note !== undefined) tip.append(element('div', note));
  return tip;
}

function element(tag: 'div' | 'span' | 'b', text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
