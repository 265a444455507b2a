/** A chart in the terms of the chart library. */
import type { EChartsCoreOption } from 'echarts/core';
import type { Chart } from '../chart.js';
import { FONT, type Look } from './axis.js';
import { heatOption } from './heat.js';
import { linesOption } from './lines.js';
import { parallelOption } from './parallel.js';

/** Height of a chart of this width, in pixels. */
export const heightOf = (chart: Chart, width: number): number =>
  chart.kind === 'heat'
    ? Math.min(Math.round(0.62 * width) + 110, 560)
    : Math.max(280, Math.min(Math.round(0.5 * width), 380));

function chartOption(chart: Chart, look: Look): Record<string, unknown> {
  switch (chart.kind) {
    case 'lines':
      return linesOption(chart, look);
    case 'heat':
      return heatOption(chart, look);
    case 'parallel':
      return parallelOption(chart, look);
  }
}

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
    ...chartOption(chart, look),
  };
}
