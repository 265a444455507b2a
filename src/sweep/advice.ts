/** What a sweep's results suggest to try next. */
import { percent, plural, setting } from '../text/numbers.js';
import type { SweepPlan } from './manifest.js';
import type { RankedTrial } from './ranking.js';

/** A parameter of which all values are numbers. */
interface NumericParam {
  readonly name: string;
  readonly values: readonly number[];
  readonly log: boolean;
}

/** Values so many times apart are seen on a logarithmic scale. */
const LOG_RATIO = 20;
/** The least trials of which the best quarter says something. */
const LEAST = 8;

/** The parameters that vary and have numbers only, with their values in ascending order. */
export function numericParams(trials: SweepPlan['trials']): NumericParam[] {
  return Object.keys(trials[0] ?? {}).flatMap((name) => {
    const all = trials.map((values) => values[name]);
    if (!all.every((value): value is number => typeof value === 'number')) return [];
    const values = [...new Set(all)].sort((a, b) => a - b);
    if (values.length < 2) return [];
    return [{ name, values, log: values[0]! > 0 && values.at(-1)! / values[0]! >= LOG_RATIO }];
  });
}

/**
 * Sentences on what to try next, the most useful first.
 *
 * @param ranking the best first
 * @param images that trials are judged by, about; null where that is not known
 */
export function adviceOf(
  { trials }: Pick<SweepPlan, 'trials'>,
  ranking: readonly RankedTrial[],
  images: number | null,
): string[] {
  const done = ranking.filter(
    (trial): trial is RankedTrial & { validationAccuracy: number } =>
      trial.status === 'done' && trial.validationAccuracy !== null,
  );
  const [best] = done;
  if (best === undefined)
    return ['No trial was trained to its end. Try smaller learning rates, or look at the errors.'];
  const params = numericParams(trials);
  return [
    ...atEdges(params, best),
    ...nearTheBest(params, done),
    ...ofEpochs(best),
    ...withinChance(done, images),
    ...diverged(params, ranking),
  ];
}

function atEdges(params: readonly NumericParam[], best: RankedTrial): string[] {
  return params.flatMap(({ name, values }) => {
    if (values.length < 3) return [];
    const value = best.values[name] as number;
    const end = value === values[0] ? 'smallest' : value === values.at(-1) ? 'largest' : null;
    // Below zero there is nothing to try.
    if (end === null || value === 0) return [];
    return [
      `The best trial has the ${end} \`${name}\` that was tried, ${setting(value)}: ` +
        `try ${end === 'largest' ? 'larger' : 'smaller'} ones.`,
    ];
  });
}

function nearTheBest(params: readonly NumericParam[], done: readonly RankedTrial[]): string[] {
  if (done.length < LEAST) return [];
  const quarter = done.slice(0, Math.ceil(done.length / 4));
  return params.flatMap(({ name, values, log }) => {
    const there = quarter.map((trial) => trial.values[name] as number).sort((a, b) => a - b);
    const [low, high] = [there[0]!, there.at(-1)!];
    const [first, last] = [values[0]!, values.at(-1)!];
    const wide = log ? (high / low) ** 2 > last / first : 2 * (high - low) > last - first;
    if (low === high || wide) return [];
    return [
      `The best quarter of the trials has \`${name}\` from ${setting(low)} to ${setting(high)}: ` +
        'search there more closely.',
    ];
  });
}

function ofEpochs({ epochs, bestEpoch }: RankedTrial): string[] {
  if (bestEpoch === null || epochs < 2) return [];
  if (bestEpoch === epochs)
    return [`The best trial was at its best after its last epoch, ${epochs}: train for more epochs.`];
  if (bestEpoch > epochs / 2) return [];
  return [
    `The best trial was at its best after epoch ${bestEpoch} of ${epochs}: fewer epochs do, or more regularisation ` +
      '(`weightDecay`, `dropout`, `augment`).',
  ];
}

function withinChance(
  done: readonly (RankedTrial & { validationAccuracy: number })[],
  images: number | null,
): string[] {
  if (images === null) return [];
  const best = done[0]!.validationAccuracy;
  const error = Math.sqrt(Math.max(best * (1 - best), 1 / images) / images);
  const close = done.filter(({ validationAccuracy }) => validationAccuracy >= best - error).length;
  if (close < 2) return [];
  return [
    `${plural(close, 'trial')} lie within one standard error ` +
      `(${percent(error)}, of about ${plural(images, 'image')}) ` +
      'of the best accuracy: chance may have chosen among them. Repeat them with several seeds (`seed=1,2,3`).',
  ];
}

function diverged(params: readonly NumericParam[], ranking: readonly RankedTrial[]): string[] {
  const rates = params.find(({ name }) => name === 'lr');
  const gone = ranking.filter(({ status }) => status === 'diverged');
  if (rates === undefined || gone.length === 0) return [];
  const stable = ranking.filter(({ status }) => status === 'done').map(({ values }) => values.lr as number);
  const least = Math.min(...gone.map(({ values }) => values.lr as number));
  if (stable.some((lr) => lr >= least)) return [];
  return [`All trials with \`lr\` ${setting(least)} or more diverged: smaller ones only need to be searched.`];
}
