/** A chart of curves, in the terms of the chart library. */
import type { CustomSeriesRenderItem } from 'echarts';
import type { Axis, Curve, LineChart } from '../chart.js';
import { axisOption, type Look } from './axis.js';
import { DASHES, type Theme } from './theme.js';
import { curvesTip, type TipItem, tipStyle } from './tips.js';

export function linesOption(chart: LineChart, look: Look): Record<string, unknown> {
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

/** So few points that zooming shows no more. */
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

/** A line that leaves a chart ends so many times as high: no engine dashes one of 10¹⁵ pixels. */
const OFF_CHART = 3;

function lineSeries(
  { name, color, dash, points, dots = false }: Curve,
  { y: axis, markers }: LineChart,
  theme: Theme,
): Record<string, unknown> {
  return {
    type: 'line',
    name,
    data: points.map(([x, y]) => [x, Math.min(y, OFF_CHART * (axis.max ?? Infinity))]),
    color: theme.palette[color % theme.palette.length],
    showSymbol: dots || markers === true || points.length === 1,
    symbol: 'circle',
    symbolSize: markers === true ? 7 : 5,
    lineStyle: { width: dots ? 0 : markers === true ? 1 : 1.8, type: DASHES[dash] },
    ...(dots ? { itemStyle: { opacity: 0.6 } } : {}),
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
