/**
 * TensorFlow.js with its wasm backend as a contender. Its images are [N, H, W, C], its kernels [KH, KW, I, O] and the
 * weights of its dense layers [I, O]: what goes in and comes out is turned round outside the timed part.
 */
import { createRequire } from 'node:module';
import type { Inputs } from '../inputs.js';
import { shapeAfter } from '../networks.js';
import { type Contender, serve, type Task, Unsupported } from '../serve.js';
import { CHECKED_STEPS, type Layer, LEARNING_RATES, type Network, type Work } from '../work.js';

/** The part of @tensorflow/tfjs that is used here; the package is optional, and so are its types. */
interface Tensor {
  readonly shape: number[];
  dispose(): void;
  dataSync(): Float32Array;
  add(other: Tensor): Tensor;
  reshape(shape: number[]): Tensor;
  mean(axes: number[]): Tensor;
}
interface Variable extends Tensor {
  assign(value: Tensor): void;
}
interface Optimizer {
  minimize(loss: () => Tensor, returnCost: true): Tensor;
  dispose(): void;
}
interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  ready(): Promise<void>;
  readonly version: { readonly tfjs: string };
  tidy<T>(body: () => T): T;
  tensor(data: Float32Array | Int32Array | Uint8Array, shape: readonly number[], dtype?: 'float32' | 'int32'): Tensor;
  variable(value: Tensor): Variable;
  transpose(x: Tensor, order: readonly number[]): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  conv2d(x: Tensor, kernel: Tensor, strides: number, padding: number | 'valid'): Tensor;
  relu(x: Tensor): Tensor;
  maxPool(x: Tensor, size: number, strides: number, padding: 'valid'): Tensor;
  avgPool(x: Tensor, size: number, strides: number, padding: 'valid'): Tensor;
  moments(x: Tensor, axes: number[]): { mean: Tensor; variance: Tensor };
  batchNorm(x: Tensor, mean: Tensor, variance: Tensor, offset: Tensor, scale: Tensor, epsilon: number): Tensor;
  zeros(shape: readonly number[]): Tensor;
  ones(shape: readonly number[]): Tensor;
  oneHot(labels: Tensor, classes: number): Tensor;
  readonly losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor };
  readonly train: { momentum(lr: number, momentum: number): Optimizer; adam(lr: number): Optimizer };
}

const CLASSES = 10;
const EPS = 1e-5;

/** [N,C,H,W] → [N,H,W,C]; [O,C,H,W] → [H,W,C,O]; and the way back of images. */
const TO_NHWC = [0, 2, 3, 1];
const TO_HWIO = [2, 3, 1, 0];
const TO_NCHW = [0, 3, 1, 2];

/** Runs `body`; an operation that the backend lacks, or lacks the gradient of, is unsupported. */
function supported<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    const { message } = error as Error;
    if (/not registered|gradient function not found|no gradient/i.test(message))
      throw new Unsupported(message.split('\n')[0]);
    throw error;
  }
}

class Builder {
  private readonly kept: Tensor[] = [];

  constructor(
    private readonly tf: TensorFlow,
    private readonly inputs: Inputs,
  ) {}

  private readonly close = (): void => {
    for (const tensor of this.kept.splice(0)) tensor.dispose();
  };

  private keep<T extends Tensor>(tensor: T): T {
    this.kept.push(tensor);
    return tensor;
  }

  private input(name: string): Tensor {
    const { data, shape } = this.inputs[name]!;
    return this.keep(this.tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32'));
  }

  private turned(x: Tensor, order: readonly number[]): Tensor {
    return this.keep(this.tf.transpose(x, order));
  }

  private forward(apply: () => Tensor, turnBack = false): Task {
    const { tf } = this;
    return {
      run: () =>
        tf.tidy(() => {
          apply();
        }),
      outputs: () =>
        supported(() => ({ y: tf.tidy(() => (turnBack ? tf.transpose(apply(), TO_NCHW) : apply()).dataSync()) })),
      close: this.close,
    };
  }

  build(work: Work): Task {
    const { tf } = this;
    switch (work.kind) {
      case 'matmul': {
        const [a, b] = [this.input('a'), this.input('b')];
        return this.forward(() => tf.matMul(a, b));
      }
      case 'linear': {
        const [x, weight, bias] = [this.input('x'), this.turned(this.input('weight'), [1, 0]), this.input('bias')];
        return this.forward(() => tf.matMul(x, weight).add(bias));
      }
      case 'conv': {
        const [x, weight, bias] = [
          this.turned(this.input('x'), TO_NHWC),
          this.turned(this.input('weight'), TO_HWIO),
          this.input('bias'),
        ];
        return this.forward(() => tf.conv2d(x, weight, work.stride, work.padding).add(bias), true);
      }
      case 'infer': {
        const { apply } = this.network(work.network);
        const x = this.images(this.inputs.x!.data as Float32Array, work.batch, work.network);
        return this.forward(() => apply(x, false));
      }
      case 'train':
        return this.train(work);
      default:
        throw new Unsupported(`${work.kind} is not measured with TensorFlow.js`);
    }
  }

  private images(data: Float32Array, batch: number, { input }: Network): Tensor {
    const x = this.keep(this.tf.tensor(data, [batch, ...input]));
    return input.length === 3 ? this.turned(x, TO_NHWC) : x;
  }

  /** The network and its variables; `parameters` are those of p0, p1, … as they lie here. */
  private network({ input, layers }: Network): {
    apply: (x: Tensor, training: boolean) => Tensor;
    variables: Variable[];
    starts: Tensor[];
  } {
    const { tf } = this;
    const starts: Tensor[] = [];
    const variables: Variable[] = [];
    const parameter = (turn: (start: Tensor) => Tensor = (start) => start): Variable => {
      const start = turn(this.input(`p${starts.length}`));
      starts.push(start);
      const variable = this.keep(tf.variable(start));
      variables.push(variable);
      return variable;
    };
    type Apply = (x: Tensor, training: boolean) => Tensor;
    const sequence = (list: readonly Layer[], from: readonly number[]): Apply => {
      let shape = from;
      let flattened: readonly number[] | null = null;
      const steps = list.map((spec): Apply => {
        const before = shape;
        shape = shapeAfter(spec, before);
        switch (spec.layer) {
          case 'linear': {
            // Behind a Flatten the features come in the order H, W, C here.
            const [channels, height, width] = flattened ?? [];
            flattened = null;
            const weight = parameter((start) =>
              this.keep(
                tf.tidy(() =>
                  channels === undefined
                    ? tf.transpose(start, [1, 0])
                    : tf
                        .transpose(start.reshape([spec.out, channels, height!, width!]), TO_HWIO)
                        .reshape([spec.in, spec.out]),
                ),
              ),
            );
            const bias = parameter();
            return (x) => tf.matMul(x, weight).add(bias);
          }
          case 'conv': {
            const weight = parameter((start) => this.turned(start, TO_HWIO));
            const bias = spec.bias ? parameter() : null;
            return (x) => {
              const y = tf.conv2d(x, weight, spec.stride, spec.padding);
              return bias === null ? y : y.add(bias);
            };
          }
          case 'batchNorm': {
            const [scale, shift] = [parameter(), parameter()];
            const [zeros, ones] = [this.keep(tf.zeros([spec.channels])), this.keep(tf.ones([spec.channels]))];
            const axes = spec.images ? [0, 1, 2] : [0];
            // The running statistics, which training would also move, are left out: a little less work than the others
            // do.
            return (x, training) => {
              const { mean, variance } = training ? tf.moments(x, axes) : { mean: zeros, variance: ones };
              return tf.batchNorm(x, mean, variance, shift, scale, EPS);
            };
          }
          case 'relu':
            return (x) => tf.relu(x);
          case 'maxPool':
            return (x) => tf.maxPool(x, spec.size, spec.size, 'valid');
          case 'averagePool':
            return (x) => tf.avgPool(x, spec.size, spec.size, 'valid');
          case 'globalAveragePool':
            return (x) => x.mean([1, 2]);
          case 'flatten': {
            flattened = before.length === 3 && before[1]! * before[2]! > 1 ? before : null;
            return (x) => x.reshape([x.shape[0]!, -1]);
          }
          case 'lstm':
          case 'block':
          case 'meanOverSteps':
            throw new Unsupported(`${spec.layer} is not measured with TensorFlow.js`);
          case 'residual': {
            const body = sequence(spec.body, before);
            const shortcut = sequence(spec.shortcut, before);
            return (x, training) => body(x, training).add(shortcut(x, training));
          }
        }
      });
      return (x, training) => steps.reduce((y, step) => step(y, training), x);
    };
    return { apply: sequence(layers, input), variables, starts };
  }

  private train({ network, batch, optimizer: name }: Extract<Work, { kind: 'train' }>): Task {
    const { tf } = this;
    const { apply, variables, starts } = this.network(network);
    const size = network.input.reduce((product, length) => product * length, 1);
    const [x, labels] = [this.inputs.x!.data as Float32Array, this.inputs.labels!.data as Int32Array];
    const batches = Array.from({ length: Math.floor(labels.length / batch) }, (_, i) => ({
      images: this.images(x.slice(i * batch * size, (i + 1) * batch * size), batch, network),
      targets: this.keep(
        tf.tidy(() => tf.oneHot(tf.tensor(labels.slice(i * batch, (i + 1) * batch), [batch], 'int32'), CLASSES)),
      ),
    }));
    const makeOptimizer = () =>
      name === 'sgd' ? tf.train.momentum(LEARNING_RATES.sgd, 0.9) : tf.train.adam(LEARNING_RATES.adam);
    let optimizer = makeOptimizer();
    let turn = 0;
    const step = (): number =>
      tf.tidy(() => {
        const { images, targets } = batches[turn++ % batches.length]!;
        return optimizer
          .minimize(() => tf.losses.softmaxCrossEntropy(targets, apply(images, true)), true)
          .dataSync()[0]!;
      });
    return {
      run: () => {
        step();
      },
      outputs: () => supported(() => ({ losses: Array.from({ length: CHECKED_STEPS }, step) })),
      reset: () => {
        optimizer.dispose();
        variables.forEach((variable, i) => variable.assign(starts[i]!));
        optimizer = makeOptimizer();
        turn = 0;
      },
      close: () => {
        optimizer.dispose();
        this.close();
      },
    };
  }
}

await serve(async (): Promise<Contender> => {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs') as TensorFlow;
  require('@tensorflow/tfjs-backend-wasm');
  if (!(await tf.setBackend('wasm'))) throw new Error('its wasm backend does not start');
  await tf.ready();
  if (tf.getBackend() !== 'wasm') throw new Error(`its backend is ${tf.getBackend()}`);
  return {
    version: tf.version.tfjs,
    threads: 1,
    fast: false,
    open: (work, inputs) => new Builder(tf, inputs).build(work),
  };
});
