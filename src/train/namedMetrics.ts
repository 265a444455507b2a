/** Metrics of an evaluation, by name. Sums are in double precision; nothing here needs a kernel. */
import { ArgumentError } from '../runtime/errors.js';
import { formatShape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { countCorrect, predictedClasses } from './metrics.js';

/** A metric that is known by its name: see {@link Metrics}. */
export type MetricName = keyof typeof METRICS;

/** A metric of one's own: the mean over the samples of a batch. */
export type MetricFunction = (output: Tensor, target: Tensor) => number | Tensor;

/**
 * What is measured besides the loss, over all samples of an evaluation, for outputs o and targets t:
 *
 *   accuracy   share of samples whose highest score is at the right class
 *   f1         2·TP / (2·TP + FP + FN) of each class that occurs, and the mean over them (macro)
 *   mae        mean of |o − t|
 *   mse        mean of (o − t)²
 *   rmse       √mse
 *   r2         1 − Σ(o − t)² / Σ(t − mean(t))²
 *
 * Functions of one's own are averaged over the batches, weighted by their samples. They are named by the keys of an
 * object, or in a list by their own names.
 */
export type Metrics = readonly (MetricName | MetricFunction)[] | Readonly<Record<string, MetricName | MetricFunction>>;

interface Accumulator {
  add(output: Tensor, target: Tensor): void;
  value(): number;
}

/** Sums of what numbers are judged by. */
class Errors implements Accumulator {
  #count = 0;
  #absolute = 0;
  #squares = 0;
  #mean = 0;
  #spread = 0;

  constructor(private readonly of: 'mae' | 'mse' | 'rmse' | 'r2') {}

  add(output: Tensor, target: Tensor): void {
    if (output.size !== target.size)
      throw new ArgumentError(`outputs ${formatShape(output.shape)} do not fit targets ${formatShape(target.shape)}`, {
        where: this.of,
      });
    const [o, t] = [output.view(), target.view()];
    for (let i = 0; i < t.length; i++) {
      const [error, off] = [o[i]! - t[i]!, t[i]! - this.#mean];
      this.#absolute += Math.abs(error);
      this.#squares += error * error;
      this.#mean += off / ++this.#count;
      this.#spread += off * (t[i]! - this.#mean);
    }
  }

  value(): number {
    const mse = this.#squares / this.#count;
    if (this.of === 'r2') return 1 - this.#squares / this.#spread;
    return this.of === 'mae' ? this.#absolute / this.#count : this.of === 'mse' ? mse : Math.sqrt(mse);
  }
}

/** Right and wrong classes. */
class Classes implements Accumulator {
  #count = 0;
  #correct = 0;
  /** Of each class: how often it was right, and how often it was predicted or the right one. */
  readonly #f1 = new Map<number, [right: number, either: number]>();

  constructor(private readonly of: 'accuracy' | 'f1') {}

  add(output: Tensor, target: Tensor): void {
    this.#correct += countCorrect(output, target);
    this.#count += target.size;
    if (this.of === 'accuracy') return;
    const labels = target.view();
    predictedClasses(output).forEach((predicted, i) => {
      for (const label of [predicted, labels[i]!]) {
        const counts = this.#f1.get(label) ?? [0, 0];
        this.#f1.set(label, counts);
        counts[1]++;
        if (predicted === labels[i]) counts[0] += 0.5;
      }
    });
  }

  value(): number {
    if (this.of === 'accuracy') return this.#correct / this.#count;
    let sum = 0;
    for (const [right, either] of this.#f1.values()) sum += (2 * right) / either;
    return sum / this.#f1.size;
  }
}

const METRICS = {
  accuracy: () => new Classes('accuracy'),
  f1: () => new Classes('f1'),
  mae: () => new Errors('mae'),
  mse: () => new Errors('mse'),
  rmse: () => new Errors('rmse'),
  r2: () => new Errors('r2'),
} satisfies Record<string, () => Accumulator>;

/** The mean of a function over all samples. */
function averageOf(metric: MetricFunction): Accumulator {
  let [sum, count] = [0, 0];
  return {
    add(output, target) {
      const samples = output.shape[0] ?? 1;
      const value = metric(output, target);
      sum += samples * (value instanceof Tensor ? value.item() : value);
      count += samples;
    },
    value: () => sum / count,
  };
}

/** Measures what is named. @throws {ArgumentError} on a name that is none */
export function measureBy(metrics: Metrics, where: string) {
  const named: [string, MetricName | MetricFunction][] = Array.isArray(metrics)
    ? metrics.map((metric: MetricName | MetricFunction) => [typeof metric === 'string' ? metric : metric.name, metric])
    : Object.entries(metrics);
  const entries = named.map(([name, metric]): [string, Accumulator] => {
    if (typeof metric === 'function') return [name, averageOf(metric)];
    if (Object.hasOwn(METRICS, metric)) return [name, METRICS[metric]()];
    throw new ArgumentError(`there is no metric ${String(metric)}`, {
      where,
      hint: `those with names are ${Object.keys(METRICS).join(', ')}; others are functions`,
    });
  });
  return {
    add(output: Tensor, target: Tensor): void {
      for (const [, metric] of entries) metric.add(output, target);
    },
    values: (): Record<string, number> => Object.fromEntries(entries.map(([name, metric]) => [name, metric.value()])),
  };
}
