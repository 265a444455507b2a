/** The whole report of a study, from top to bottom. */
import type { Manifest } from '../experiments/study.js';
import { duration, plural } from '../text/numbers.js';
import type { Chart } from './chart.js';
import type { Block, Report } from './document.js';
import { factsOf } from './facts.js';
import { countRange, type Results } from './outcome.js';
import { type ComparedTable, differences, shownRanking, shownTable } from './publishedTables.js';
import { groupTable, runsTable, troubles } from './runTables.js';

export function composeReport(results: Results, compared: readonly ComparedTable[], charts: readonly Chart[]): Report {
  const { manifest } = results;
  const { study } = manifest;
  return {
    title: study.title,
    blocks: [
      ...noticesOf(results),
      { kind: 'text', text: summary(results) },
      ...section(
        'What is asked',
        study.question.map((text): Block => ({ kind: 'text', text })),
      ),
      ...section('Published, and ours', [
        ...(compared.length + study.rankings.length === 0 ? [] : [{ kind: 'text', text: HOW_TO_READ } as const]),
        ...compared.map(shownTable),
        ...study.rankings.map((ranking) => shownRanking(ranking, results)),
      ]),
      ...section('Where ours differ', differing(results, compared)),
      ...section(
        'Figures',
        charts.map((chart): Block => ({ kind: 'chart', chart })),
      ),
      ...section(
        'What was run',
        study.groups.map(
          (group): Block =>
            groupTable(group, results) ?? {
              kind: 'text',
              text: `${group.title}: its settings follow from results that are not there yet.`,
            },
        ),
      ),
      ...section('Diverged and failed', list(troubles(results))),
      ...section('Choices where the published report is silent', list(study.choices)),
      ...section('How it was run', [
        { kind: 'facts', facts: factsOf(manifest, [['Seeds', seedsText(study.groups, manifest.rows)]]) },
        ...(results.all.length === 0 ? [] : [runsTable(results)]),
      ]),
    ],
  };
}

const HOW_TO_READ =
  'Ours stands above, as mean ± standard deviation over the seeds that did not diverge (over all where all ' +
  'did); what was published, below. Marked with ≠: ours is off by more than ' +
  'its own seeds are apart, or never got there.';

function section(heading: string, blocks: readonly Block[]): Block[] {
  return blocks.length === 0 ? [] : [{ kind: 'heading', text: heading }, ...blocks];
}

const list = (items: readonly string[]): Block[] => (items.length === 0 ? [] : [{ kind: 'list', items }]);

/** What a reader has to know before any number. */
function noticesOf({ manifest, all, planned }: Results): Block[] {
  return [
    ...(all.length < planned || manifest.ended === null
      ? [
          {
            kind: 'notice',
            text:
              `Not complete: ${all.length} of ${plural(planned, 'run')} ${all.length === 1 ? 'is' : 'are'} ` +
              `at ${all.length === 1 ? 'its' : 'their'} end. The same command goes on.`,
          } as const,
        ]
      : []),
    ...(manifest.quick
      ? [
          {
            kind: 'notice',
            text:
              'This is the small version of the study, for a first look: fewer images or epochs, so its ' +
              'figures are not to be held against the published ones.',
          } as const,
        ]
      : []),
    ...[...new Set([...(manifest.notes ?? []), ...all.flatMap(({ notes }) => notes)])].map(
      (text): Block => ({ kind: 'notice', text: `Of the data: ${text}.` }),
    ),
  ];
}

function summary({ manifest, all }: Results): string {
  const { rows } = manifest;
  const of = (status: string): number => all.filter((run) => run.status === status).length;
  const outcomes = [
    `${of('done')} done`,
    ...(['diverged', 'failed'] as const).flatMap((status) => (of(status) === 0 ? [] : [`${of(status)} ${status}`])),
  ].join(', ');
  return `${plural(rows.length, 'setting')}, ${countRange(
    rows.map(({ seeds }) => seeds.length),
    'seed',
  )} each: ${outcomes}. ${duration(all.reduce((sum, run) => sum + run.seconds, 0))} of training and evaluation in all.`;
}

function differing({ manifest }: Results, compared: readonly ComparedTable[]): Block[] {
  if (manifest.quick) return [];
  const cells = compared.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
  const items = differences(compared);
  const told = cells.filter((each) => each !== null && each.differs !== null).length;
  const lead =
    items.length > 0
      ? list(items)
      : told > 0
        ? [
            {
              kind: 'text',
              text: `No figure of ours is off by more than its own seeds are apart, of ${told} that can be told of.`,
            } as const,
          ]
        : cells.length > 0
          ? [{ kind: 'text', text: 'With one seed it cannot be told what is chance.' } as const]
          : [];
  return [...lead, ...manifest.study.remarks.map((text): Block => ({ kind: 'text', text }))];
}

/** `1, 2, 3`; where groups differ, of which: `1, 2, 3; Coarse search: 1` */
function seedsText(groups: Manifest['study']['groups'], rows: Manifest['rows']): string {
  const text = (seeds: readonly number[]): string => seeds.join(', ');
  const most = rows.map(({ seeds }) => seeds).reduce((a, b) => (b.length > a.length ? b : a), []);
  const fewer = groups.flatMap(({ id, title }) => {
    const seeds = rows.find(({ group }) => group === id)?.seeds ?? most;
    return seeds.length < most.length ? [`${title}: ${text(seeds)}`] : [];
  });
  return [text(most), ...fewer].join('; ');
}
