/** Resize and Upsample: a product with a matrix of weights along each axis that changes. */
import { mixAlong } from '../../ops/movement/interpolate.js';
import { FLOAT } from '../elements.js';
import { Value } from '../values.js';
import type { Call, Operator, Operators } from './call.js';
import { checkFew } from './host.js';
import { axisOf, pickAxes } from './pick.js';

/** Where element `i` of a new axis lies on the old one. */
type Place = (i: number, scale: number, from: number, to: number) => number;

const halfPixel: Place = (i, scale) => (i + 0.5) / scale - 0.5;

/** As align_corners, of the whole length: what PyTorch computes, and means where it writes align_corners. */
const WHOLE_CORNERS = 'lanewise.align_corners';

const PLACES: Readonly<Record<string, Place>> = {
  half_pixel: halfPixel,
  pytorch_half_pixel: (i, scale, from, to) => (to > 1 ? halfPixel(i, scale, from, to) : 0),
  // The new length is that before it was cut to a whole number, as ONNX's own cases have it.
  align_corners: (i, scale, from, to) => (to === 1 ? 0 : (i * (from - 1)) / (scale * from - 1)),
  [WHOLE_CORNERS]: (i, _, from, to) => (to === 1 ? 0 : (i * (from - 1)) / (to - 1)),
  asymmetric: (i, scale) => i / scale,
  tf_half_pixel_for_nn: (i, scale) => (i + 0.5) / scale,
};

const NEAREST: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** The weights of the positions around a place, by their distance from the one before it. */
function weightsAt(part: number, mode: string, a: number): readonly (readonly [offset: number, weight: number])[] {
  if (mode === 'linear')
    return [
      [0, 1 - part],
      [1, part],
    ];
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [
    [-1, far(1 + part)],
    [0, near(part)],
    [1, near(1 - part)],
    [2, far(2 - part)],
  ];
}

interface Settings {
  readonly mode: string;
  readonly place: Place;
  readonly nearest: (x: number) => number;
  readonly a: number;
  readonly excludeOutside: boolean;
}

function settingsOf(call: Call): Settings {
  const old = call.node.type === 'Upsample' || call.opset < 11;
  const mode = call.text('mode', 'nearest');
  const named = call.text('coordinate_transformation_mode', 'half_pixel');
  // PyTorch's exporter can be told by nearest_mode, which it writes in every mode.
  const isPyTorch = named === 'align_corners' && mode !== 'nearest' && call.has('nearest_mode');
  const place = PLACES[old ? 'asymmetric' : isPyTorch ? WHOLE_CORNERS : named];
  const nearest = NEAREST[old ? 'floor' : call.text('nearest_mode', 'round_prefer_floor')];
  if (place === undefined || nearest === undefined || !['nearest', 'linear', 'cubic'].includes(mode))
    throw call.unsupported('it resizes in a way that is not supported');
  const a = call.float('cubic_coeff_a', -0.75);
  return { mode, place, nearest, a, excludeOutside: call.flag('exclude_outside') };
}

/** Row i: the weights of the old elements in new element i. */
function matrixOf(from: number, to: number, scale: number, settings: Settings): Float32Array {
  const { mode, place, a, excludeOutside } = settings;
  const matrix = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const x = place(i, scale, from, to);
    const first = Math.floor(x);
    const around = weightsAt(x - first, mode, a).map(([offset, weight]) => {
      const at = first + offset;
      const inside = at >= 0 && at < from;
      return [Math.min(Math.max(at, 0), from - 1), inside || !excludeOutside ? weight : 0] as const;
    });
    const total = excludeOutside ? around.reduce((sum, [, weight]) => sum + weight, 0) : 1;
    for (const [at, weight] of around) matrix[i * from + at]! += weight / total;
  }
  return Float32Array.from(matrix);
}

/** How long each axis becomes, and by which factor. */
function targets(call: Call): { sizes: number[]; scales: number[] } {
  const { shape } = call.x;
  const upsample = call.node.type === 'Upsample';
  const given = upsample && call.opset < 9 ? call.floats('scales') : undefined;
  const scalesAt = upsample || call.opset < 11 ? 1 : 2;
  const named = call.ints('axes')?.map((axis) => axisOf(call, axis, shape.length)) ?? shape.map((_, axis) => axis);
  const each = (list: readonly number[], otherwise: (axis: number) => number) =>
    shape.map((_, axis) => (named.includes(axis) ? list[named.indexOf(axis)]! : otherwise(axis)));
  const wanted = call.optional(3)?.list ?? [];
  if (scalesAt === 2 && wanted.length > 0) {
    const sizes = each(wanted, (axis) => shape[axis]!);
    return { sizes, scales: sizes.map((size, axis) => size / shape[axis]!) };
  }
  const list = given ?? call.input(scalesAt).list;
  const scales = each(list, () => 1);
  return { sizes: scales.map((scale, axis) => Math.floor(shape[axis]! * scale)), scales };
}

function resize(call: Call): Value {
  const settings = settingsOf(call);
  const { sizes, scales } = targets(call);
  const { shape, type } = call.x;
  let y: Value = call.x;
  shape.forEach((from, axis) => {
    const [to, scale] = [sizes[axis]!, scales[axis]!];
    if (to === from && scale === 1) return;
    if (!(to >= 0 && from > 0)) throw call.unsupported(`an axis of ${from} cannot become ${to}`);
    checkFew(to * from, call);
    if (settings.mode === 'nearest') {
      const positions = Array.from({ length: to }, (_, i) =>
        Math.min(Math.max(settings.nearest(settings.place(i, scale, from, to)), 0), from - 1),
      );
      y = pickAxes(
        call,
        y,
        shape.map((_, i) => (i === axis ? positions : null)),
      );
    } else {
      const weights = Value.numbers(FLOAT, [to, from], matrixOf(from, to, scale, settings)).tensor;
      y = Value.of(mixAlong(y.tensor, axis, weights), type);
    }
  });
  return y;
}

const RESIZE: Operator = {
  takes: ['float', 'any'],
  untrained: [1, 2],
  refuse: (attributes) => {
    if (attributes.flag('antialias')) return 'it smooths while it resizes';
    if (attributes.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch') return 'it keeps the ratio of the sides';
    const mode = attributes.text('coordinate_transformation_mode', 'half_pixel');
    return Object.hasOwn(PLACES, mode) ? undefined : `its coordinates are ${mode}`;
  },
  run: resize,
};

export const resizing: Operators = { Resize: { ...RESIZE, since: 10 }, Upsample: RESIZE };
