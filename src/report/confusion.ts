/** Which classes are taken for which. */
import { grouped, percent, plural } from '../text/numbers.js';
import type { Cell, HeatChart } from './chart.js';
import { type Block, cell, columns, type Table } from './document.js';
import type { Judgement } from './judge.js';

/** A grid of more has cells that nobody sees. */
const MOST_IN_CHART = 100;
/** Classes in a table. */
const MOST_IN_TABLE = 50;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export function confusionBlocks({ counts, worst }: Judgement, classes: readonly string[]): Block[] {
  const errors = sum(counts.map((row, right) => sum(row) - row[right]!));
  if (errors === 0) return [{ kind: 'text', text: 'All test samples are classified correctly.' }];
  const few = worst.length === errors ? 'The ' : `The ${worst.length} `;
  return [
    ...(counts.length > MOST_IN_CHART ? [] : [{ kind: 'chart', chart: confusionChart(counts, classes) } as const]),
    classTable(counts, classes),
    {
      kind: 'pictures',
      caption: `${few}most wrong of ${plural(errors, 'error')}: those whose right class has the lowest probability.`,
      pictures: worst.flatMap(({ picture, right, predicted, predictedShare, rightShare, index }) =>
        picture === null
          ? []
          : [
              {
                source: picture,
                text: `${classes[right]!}, taken for ${classes[predicted]!}`,
                about: `${percent(predictedShare, 1)} against ${percent(rightShare, 1)}; test sample ${index}`,
              },
            ],
      ),
    },
  ];
}

/** Errors by colour; the diagonal has the counts of what is right, in grey. */
function confusionChart(counts: Judgement['counts'], classes: readonly string[]): HeatChart {
  const values = counts.map((_, i) => i);
  const cells = counts.flatMap((row, right) =>
    row.map((count, predicted): Cell => {
      const place = { x: predicted, y: right };
      return right === predicted
        ? { ...place, value: null, text: String(count), note: `${grouped(count)} of ${grouped(sum(row))} right` }
        : { ...place, value: count };
    }),
  );
  return {
    kind: 'heat',
    id: 'confusion',
    title: 'Confusion matrix',
    caption:
      'How many samples of each class (row) were taken for each other class (column). In grey: those that are right.',
    x: { name: 'predicted class', values, labels: classes },
    y: { name: 'right class', values, labels: classes, down: true },
    value: { name: 'samples' },
    cells,
  };
}

function classTable(counts: Judgement['counts'], classes: readonly string[]): Table {
  const rows = counts
    .map((row, right) => {
      const all = sum(row);
      const other = row.map((count, predicted) => (predicted === right ? -1 : count));
      const most = other.indexOf(Math.max(...other));
      return { right, all, share: all === 0 ? null : row[right]! / all, most, times: other[most] ?? 0 };
    })
    .sort((a, b) => (a.share ?? 2) - (b.share ?? 2) || a.right - b.right);
  return {
    kind: 'table',
    caption: rows.length > MOST_IN_TABLE ? `The ${MOST_IN_TABLE} classes with most errors` : 'Classes',
    note: 'Those with the largest share of errors first.',
    columns: columns('class', '#samples', '#right', 'most often taken for'),
    rows: rows
      .slice(0, MOST_IN_TABLE)
      .map(({ right, all, share, most, times }) => [
        cell(classes[right]!),
        cell(grouped(all)),
        cell(share === null ? '–' : percent(share)),
        cell(times < 1 ? '–' : `${classes[most]!} (${times})`),
      ]),
  };
}
