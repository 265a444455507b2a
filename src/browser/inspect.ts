/** Looks into a model: what its first layer looks for, what its layers make of an image, how their outputs spread. */
import { nn, noGrad, scope, type Tensor } from '../index.js';

/** Small pictures of one size, one after the other. */
export interface Pictures {
  readonly title: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

export interface Spread {
  readonly mean: number;
  readonly deviation: number;
  /** Share of the values in each of the bins. */
  readonly shares: Float64Array;
}

/** The outputs of one hidden layer over many images, before its normalisation and after it (null: it has none). */
export interface Histogram {
  readonly title: string;
  /** Of the bins of both. */
  readonly low: number;
  readonly high: number;
  readonly before: Spread;
  readonly after: Spread | null;
}

const MOST_PICTURES = 64;
const BINS = 60;

type Affine = nn.Linear | nn.Conv2d;
const isAffine = (module: nn.AnyModule): module is Affine & nn.AnyModule =>
  module instanceof nn.Linear || module instanceof nn.Conv2d;
const isNorm = (module: nn.AnyModule): boolean => module instanceof nn.BatchNorm1d || module instanceof nn.BatchNorm2d;

/**
 * Runs `body` on the model as it is used, not trained, and without gradients. Who calls it sees to its mode afterwards.
 */
export function inUse<R>(model: nn.Module, body: () => R): R {
  model.eval();
  return noGrad(() => scope(body));
}

/**
 * The weights of the first layer, as pictures: of a Linear one for each unit, in the shape of the image that it sees.
 */
export function firstFilters(model: nn.Module, [channels, height, width]: readonly [number, number, number]): Pictures {
  const first = model.modules().find(isAffine);
  if (first === undefined) throw new Error('the model has no layer with weights');
  const { shape } = first.weight;
  const [h, w] = first instanceof nn.Conv2d ? [shape[2]!, shape[3]!] : [height, width];
  const size = h * w;
  const count = Math.min(MOST_PICTURES, shape[0]!);
  const all = first.weight.data('float32');
  const perUnit = all.length / shape[0]!;
  const values = new Float32Array(count * size);
  for (let i = 0; i < count; i++) values.set(all.subarray(i * perUnit, i * perUnit + size), i * size);
  const kind = first instanceof nn.Conv2d ? `${h}×${w} kernels` : 'units';
  return {
    title: `${count}${count < shape[0]! ? ` of ${shape[0]}` : ''} ${kind}${channels > 1 ? ', first channel' : ''}`,
    count,
    height: h,
    width: w,
    values,
  };
}

/** What each hidden layer makes of one image [1,C,H,W]: its maps, or its units side by side. */
export function featureMaps(model: nn.Module, image: Tensor): Pictures[] {
  const maps: Pictures[] = [];
  let layer = '';
  observed(model, image, ({ module, output }) => {
    if (isAffine(module)) layer = module.constructor.name;
    if (module instanceof nn.Residual) layer = 'Residual';
    if (!(module instanceof nn.ReLU)) return;
    const y = output as Tensor;
    const [, count = 1, height = 1, width = 1] = y.shape;
    const values = y.data('float32');
    const number = maps.length + 1;
    if (y.rank === 4) {
      const shown = Math.min(MOST_PICTURES, count);
      maps.push({
        title: `${number}. ${layer}: ${count} maps of ${height}×${width}`,
        count: shown,
        height,
        width,
        values: values.slice(0, shown * height * width),
      });
    } else {
      const columns = Math.min(32, count);
      const rows = Math.ceil(count / columns);
      const padded = new Float32Array(rows * columns);
      padded.set(values);
      maps.push({
        title: `${number}. ${layer}: ${count} units`,
        count: 1,
        height: rows,
        width: columns,
        values: padded,
      });
    }
  });
  return maps;
}

/** How the outputs of the hidden layers spread over these images, before and after BatchNorm. */
export function histograms(model: nn.Module, images: Tensor): Histogram[] {
  const found: { title: string; before: Float32Array; after: Float32Array | null }[] = [];
  /** The output of the affine layer that came last, and what it is called. */
  let last: { title: string; output: Tensor } | null = null;
  observed(model, images, ({ module, path, inputs, output }) => {
    const [x] = inputs as Tensor[];
    if (isAffine(module)) {
      last = { title: `layer ${path}, ${module.constructor.name}`, output: output as Tensor };
    } else if (last !== null && x === last.output && (isNorm(module) || module instanceof nn.ReLU)) {
      found.push({
        title: last.title,
        before: x.data('float32'),
        after: isNorm(module) ? (output as Tensor).data('float32') : null,
      });
      last = null;
    }
  });
  return found.map(({ title, before, after }) => {
    const spreads = [before, ...(after === null ? [] : [after])].map(momentsOf);
    // Four deviations hold all but what lies far out, which goes to the outer bins.
    const low = Math.min(...spreads.map(({ mean, deviation }) => mean - 4 * deviation));
    const high = Math.max(...spreads.map(({ mean, deviation }) => mean + 4 * deviation));
    return {
      title,
      low,
      high,
      before: spreadOf(before, low, high),
      after: after === null ? null : spreadOf(after, low, high),
    };
  });
}

function observed(model: nn.Module, x: Tensor, look: (event: nn.ForwardEvent) => void): void {
  const end = nn.observeForward(look);
  try {
    model.forward(x);
  } finally {
    end();
  }
}

function momentsOf(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function spreadOf(values: Float32Array, low: number, high: number): Spread {
  const shares = new Float64Array(BINS);
  const scale = high > low ? BINS / (high - low) : 0;
  for (const value of values)
    shares[Math.min(BINS - 1, Math.max(0, Math.floor((value - low) * scale)))]! += 1 / values.length;
  return { ...momentsOf(values), shares };
}
