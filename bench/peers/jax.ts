/**
 * jax-js with its wasm backend as a contender. Every function takes its arguments over: `x.ref` is one more claim on x,
 * and what is used once is passed as it is.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Inputs } from '../inputs.js';
import { shapeAfter } from '../networks.js';
import { type Contender, serve, type Task, Unsupported } from '../serve.js';
import { CHECKED_STEPS, type Layer, LEARNING_RATES, type Network, type Work } from '../work.js';
import { type Jax, type JaxArray, type Padding, sequenceLayer } from './jaxSequences.js';

const CLASSES = 10;
const EPS = 1e-5;

const same = (padding: number): Padding => [
  [padding, padding],
  [padding, padding],
];

class Builder {
  private readonly kept: JaxArray[] = [];

  constructor(
    private readonly jax: Jax,
    private readonly inputs: Inputs,
  ) {}

  private readonly close = (): void => {
    for (const array of this.kept.splice(0)) array.dispose();
  };

  private keep(array: JaxArray): JaxArray {
    this.kept.push(array);
    return array;
  }

  private input(name: string): JaxArray {
    const { data, shape } = this.inputs[name]!;
    return this.keep(this.jax.numpy.array(data, { shape }));
  }

  private forward(apply: () => JaxArray): Task {
    return {
      run: async () => {
        (await apply().blockUntilReady()).dispose();
      },
      asynchronous: true,
      outputs: () => ({ y: apply().dataSync() }),
      close: this.close,
    };
  }

  build(work: Work): Task {
    const { jit, lax, numpy } = this.jax;
    switch (work.kind) {
      case 'matmul': {
        const [a, b] = [this.input('a'), this.input('b')];
        const apply = jit((left: JaxArray, right: JaxArray) => numpy.matmul(left, right));
        return this.forward(() => apply(a.ref, b.ref));
      }
      case 'linear': {
        const [x, weight, bias] = [this.input('x'), this.input('weight'), this.input('bias')];
        const apply = jit((images: JaxArray, w: JaxArray, b: JaxArray) => numpy.matmul(images, w.transpose()).add(b));
        return this.forward(() => apply(x.ref, weight.ref, bias.ref));
      }
      case 'conv': {
        const [x, weight, bias] = [this.input('x'), this.input('weight'), this.input('bias')];
        const apply = jit((images: JaxArray, w: JaxArray, b: JaxArray) =>
          lax
            .convGeneralDilated(images, w, [work.stride, work.stride], same(work.padding))
            .add(b.reshape([work.out, 1, 1])),
        );
        return this.forward(() => apply(x.ref, weight.ref, bias.ref));
      }
      case 'infer': {
        const parameters = this.parameters();
        const apply = jit((given: JaxArray[], images: JaxArray) => this.network(work.network, given, images, false));
        const x = this.input('x');
        return this.forward(() =>
          apply(
            parameters.map((parameter) => parameter.ref),
            x.ref,
          ),
        );
      }
      case 'train':
        return this.train(work);
      default:
        throw new Unsupported(`${work.kind} is not measured with jax-js`);
    }
  }

  /** p0, p1, … */
  private parameters(): JaxArray[] {
    const count = Object.keys(this.inputs).filter((name) => /^p\d+$/.test(name)).length;
    return Array.from({ length: count }, (_, i) => this.input(`p${i}`));
  }

  /** Applies the network; takes the parameters and x over. */
  private network(
    { input, layers }: Network,
    parameters: readonly JaxArray[],
    start: JaxArray,
    training: boolean,
  ): JaxArray {
    const { lax, nn, numpy } = this.jax;
    let next = 0;
    const parameter = () => parameters[next++]!;
    const walk = (list: readonly Layer[], begin: JaxArray, from: readonly number[]): JaxArray => {
      let x = begin;
      let shape = from;
      for (const spec of list) {
        const before = shape;
        shape = shapeAfter(spec, before);
        const [channels = 0, height = 0, width = 0] = before;
        const batch = x.shape[0]!;
        switch (spec.layer) {
          case 'linear':
            x = numpy.matmul(x, parameter().transpose()).add(parameter());
            break;
          case 'conv': {
            x = lax.convGeneralDilated(x, parameter(), [spec.stride, spec.stride], same(spec.padding));
            if (spec.bias) x = x.add(parameter().reshape([spec.out, 1, 1]));
            break;
          }
          case 'batchNorm': {
            const perChannel = spec.images ? [spec.channels, 1, 1] : [spec.channels];
            const axes = spec.images ? [0, 2, 3] : [0];
            const [scale, shift] = [parameter().reshape(perChannel), parameter().reshape(perChannel)];
            // The running statistics, which training would also move, are left out: a little less work than the others
            // do.
            if (training) {
              const centred = x.ref.sub(numpy.mean(x, axes, { keepdims: true }));
              const variance = numpy.mean(centred.ref.mul(centred.ref), axes, { keepdims: true });
              x = centred
                .div(numpy.sqrt(variance.add(EPS)))
                .mul(scale)
                .add(shift);
            } else
              x = x
                .div(Math.sqrt(1 + EPS))
                .mul(scale)
                .add(shift);
            break;
          }
          case 'relu':
            x = nn.relu(x);
            break;
          case 'maxPool':
            x = numpy.max(
              x.reshape([batch, channels, height / spec.size, spec.size, width / spec.size, spec.size]),
              [3, 5],
            );
            break;
          case 'averagePool':
            x = numpy.mean(
              x.reshape([batch, channels, height / spec.size, spec.size, width / spec.size, spec.size]),
              [3, 5],
            );
            break;
          case 'globalAveragePool':
            x = numpy.mean(x, [2, 3], { keepdims: true });
            break;
          case 'flatten':
            x = x.reshape([batch, channels * height * width]);
            break;
          case 'lstm':
          case 'block':
          case 'meanOverSteps':
            x = sequenceLayer(this.jax, spec, x, parameter);
            break;
          case 'residual': {
            const body = walk(spec.body, x.ref, before);
            x = body.add(walk(spec.shortcut, x, before));
            break;
          }
        }
      }
      return x;
    };
    return walk(layers, start, input);
  }

  private train({ network, batch, optimizer }: Extract<Work, { kind: 'train' }>): Task {
    const { jit, nn, numpy, valueAndGrad } = this.jax;
    const starts = this.parameters();
    const size = network.input.reduce((product, length) => product * length, 1);
    const [x, labels] = [this.inputs.x!.data as Float32Array, this.inputs.labels!.data as Int32Array];
    const batches = Array.from({ length: Math.floor(labels.length / batch) }, (_, i) => ({
      images: this.keep(
        numpy.array(x.slice(i * batch * size, (i + 1) * batch * size), { shape: [batch, ...network.input] }),
      ),
      targets: this.keep(
        nn.oneHot(numpy.array(labels.slice(i * batch, (i + 1) * batch), { dtype: numpy.int32 }), CLASSES),
      ),
    }));
    const loss = (parameters: JaxArray[], images: JaxArray, targets: JaxArray): JaxArray =>
      nn
        .logSoftmax(this.network(network, parameters, images, true), -1)
        .mul(targets)
        .sum()
        .mul(-1 / batch);
    const lr = LEARNING_RATES[optimizer];

    /** One step: parameters and two moments each (SGD uses the first alone), and 1 − βᵗ for the step's number t. */
    const step = jit(
      (
        parameters: JaxArray[],
        first: JaxArray[],
        second: JaxArray[],
        corrections: JaxArray[],
        images: JaxArray,
        targets: JaxArray,
      ) => {
        const [value, gradients] = valueAndGrad(loss)(
          parameters.map((parameter) => parameter.ref),
          images,
          targets,
        );
        const [correctFirst, correctSecond] = corrections as [JaxArray, JaxArray];
        const updated = parameters.map((parameter, i): [JaxArray, JaxArray, JaxArray] => {
          const gradient = gradients[i]!;
          if (optimizer === 'sgd') {
            const velocity = first[i]!.mul(0.9).add(gradient);
            return [parameter.sub(velocity.ref.mul(lr)), velocity, second[i]!];
          }
          const mean = first[i]!.mul(0.9).add(gradient.ref.mul(0.1));
          const square = second[i]!.mul(0.999).add(gradient.ref.mul(gradient).mul(0.001));
          const root = numpy.sqrt(square.ref.div(correctSecond.ref)).add(1e-8);
          return [parameter.sub(mean.ref.div(correctFirst.ref).mul(lr).div(root)), mean, square];
        });
        for (const correction of corrections) correction.dispose();
        return [
          value,
          updated.map(([parameter]) => parameter),
          updated.map(([, moment]) => moment),
          updated.map(([, , moment]) => moment),
        ] as [JaxArray, JaxArray[], JaxArray[], JaxArray[]];
      },
    );

    let state: [JaxArray[], JaxArray[], JaxArray[]] | null = null;
    let turn = 0;
    const clear = () => {
      for (const array of state?.flat() ?? []) array.dispose();
      state = null;
      turn = 0;
    };
    const run = (): number => {
      const zeros = () => starts.map(({ shape }) => numpy.zeros(optimizer === 'adam' ? shape : [1]));
      state ??= [starts.map((parameter) => parameter.ref), starts.map(({ shape }) => numpy.zeros(shape)), zeros()];
      const { images, targets } = batches[turn++ % batches.length]!;
      const corrections = [0.9, 0.999].map((beta) => numpy.array(Float32Array.of(1 - beta ** turn), { shape: [] }));
      const [value, parameters, first, second] = step(...state, corrections, images.ref, targets.ref);
      state = [parameters, first, second];
      return value.dataSync()[0]!;
    };
    return {
      run: () => {
        run();
      },
      outputs: () => ({ losses: Array.from({ length: CHECKED_STEPS }, run) }),
      reset: clear,
      close: () => {
        clear();
        this.close();
      },
    };
  }
}

await serve(async (): Promise<Contender> => {
  const name = '@jax-js/jax';
  const jax = (await import(name)) as Jax;
  if (!(await jax.init('wasm')).includes('wasm')) throw new Error('its wasm backend does not start');
  jax.defaultDevice('wasm');
  const { version } = JSON.parse(
    fs.readFileSync(path.join(import.meta.dirname, '../node_modules', name, 'package.json'), 'utf8'),
  ) as { version: string };
  return { version, threads: 1, fast: false, open: (work, inputs) => new Builder(jax, inputs).build(work) };
});
