/** A chart of cells by colour, in the terms of the chart library. */
import type { HeatChart } from '../chart.js';
import { axisName, axisOption, exact, type Look, tick } from './axis.js';
import { VIRIDIS } from './theme.js';
import { cellTip, tipStyle } from './tips.js';

export function heatOption(chart: HeatChart, look: Look): Record<string, unknown> {
  const { theme, picture, width } = look;
  const numbers = chart.cells.flatMap(({ value }) => (value === null ? [] : [value]));
  const [low, high] = numbers.length === 0 ? [0, 1] : [Math.min(...numbers), Math.max(...numbers)];
  const narrow = width < 500;
  const roomy = (width - 90) / chart.x.values.length >= 40;
  const labels = (axis: HeatChart['x']) => ({
    ...axisOption(axis, look),
    type: 'category',
    data: axis.labels ?? axis.values.map((value) => tick({ name: '' }, value)),
    inverse: axis.down === true,
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
            const { value, text } = chart.cells[dataIndex]!;
            if (text !== undefined) return text;
            return value === null ? '×' : tick(chart.value, Number(value.toFixed(3)));
          },
        },
        data: chart.cells.map(({ x, y, value, text = '×' }) =>
          value === null
            ? {
                value: [x, y, low],
                visualMap: false,
                itemStyle: { color: theme.missing },
                label: { show: text === '×' || roomy, formatter: text, color: theme.ink },
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
