/** Every case in lanewise's terms. Runs in pages too. */
import type * as Lanewise from '../src/index.js';
import type { InputArray, Inputs } from './inputs.js';
import { sequenceLayer } from './sequences.js';
import { type Task, Unsupported } from './timing.js';
import {
  CHECKED_STEPS,
  type Layer,
  LEARNING_RATES,
  type Milestone,
  type Network,
  type OptimizerName,
  type Recipe,
  type Work,
} from './work.js';

type Tensor = Lanewise.Tensor;

export type LoadMnist = () => Promise<Lanewise.LoadedData>;

/** A batch in the shape that the network takes. */
function shaped(images: Tensor, { input }: Network): Tensor {
  return images.reshape([images.shape[0]!, ...input]);
}

/** Builds the tasks of one case, with lanewise's public interface. */
export class Builder {
  /** Everything that lives as long as the case. */
  private readonly kept: { dispose(): void }[] = [];

  /** @param loadMnist for the cases that read the data set themselves */
  constructor(
    private readonly lw: typeof Lanewise,
    private readonly inputs: Inputs,
    private readonly loadMnist: LoadMnist,
  ) {}

  private close = (): void => {
    for (const thing of this.kept.splice(0)) thing.dispose();
  };

  private input(name: string, requiresGrad = false): Tensor {
    const { shape, data } = this.inputs[name] as InputArray;
    const made = this.lw.tensor(data, { shape, requiresGrad });
    this.kept.push(made);
    return made;
  }

  build(work: Work): Task | Promise<Task> {
    const { lw } = this;
    switch (work.kind) {
      case 'matmul': {
        const [a, b] = [this.input('a'), this.input('b')];
        return this.forward(() => lw.matmul(a, b));
      }
      case 'linear':
        return this.threePasses(work.pass, (x, weight, bias) => lw.linear(x, weight, bias));
      case 'conv':
        return this.threePasses(work.pass, (x, weight, bias) =>
          lw.conv2d(x, weight, bias, { stride: work.stride, padding: work.padding }),
        );
      case 'batchNorm': {
        const training = work.pass === 'backward';
        const [x, weight, bias] = [
          this.input('x', training),
          this.input('weight', training),
          this.input('bias', training),
        ];
        const [runningMean, runningVar] = [lw.zeros([work.shape[1]!]), lw.ones([work.shape[1]!])];
        this.kept.push(runningMean, runningVar);
        const apply = () => lw.batchNorm(x, { weight, bias, runningMean, runningVar, training: true });
        return training ? this.backward(apply, { dx: x, dWeight: weight, dBias: bias }) : this.forward(apply);
      }
      case 'relu':
        return this.onePass(work.pass, (x) => lw.relu(x));
      case 'maxPool':
        return this.onePass(work.pass, (x) => lw.maxPool2d(x, 2));
      case 'averagePool':
        return this.onePass(work.pass, (x) => lw.avgPool2d(x, 2));
      case 'bias': {
        const [x, bias] = [this.input('x'), this.input('bias')];
        return this.forward(() => lw.add(x, bias));
      }
      case 'softmaxCrossEntropy': {
        const [x, labels] = [this.input('x', work.pass === 'backward'), this.input('labels')];
        const apply = () => lw.crossEntropy(x, labels);
        return work.pass === 'forward' ? this.forward(apply) : this.backward(apply, { dx: x }, null);
      }
      case 'update':
        return this.update(work.optimizer);
      case 'train':
        return this.train(work);
      case 'epoch':
        return this.epoch(work);
      case 'ceiling':
        throw new Unsupported('ceilings are measured without lanewise');
      case 'infer': {
        const model = this.network(work.network.layers);
        this.kept.push(model);
        const x = this.input('x');
        model.eval();
        return this.forward(() => model.forward(x));
      }
    }
  }

  /** Times `apply` without recording. */
  private forward(apply: () => Tensor): Task {
    const { noGrad } = this.lw;
    return {
      run: () =>
        noGrad(() => {
          apply();
        }),
      outputs: () => noGrad(() => ({ y: apply().data() })),
      close: this.close,
    };
  }

  /**
   * Times the way back from the result of `apply`, computed once, to `leaves`: outputs by the name of each gradient.
   */
  private backward(
    apply: () => Tensor,
    leaves: Readonly<Record<string, Tensor>>,
    dy: Tensor | null = this.input('dy'),
  ): Task {
    const { lw } = this;
    const y = apply();
    this.kept.push(y);
    // A scalar whose gradient with respect to y is dy, at no cost: backward() itself would first copy a gradient given
    // to it.
    const root = dy === null ? y : lw.record('seed', lw.zeros([]), [y], () => [dy.detach()]);
    if (root !== y) this.kept.push(root);
    const back = () => root.backward({ retainGraph: true });
    const clear = () => {
      for (const leaf of Object.values(leaves)) leaf.zeroGrad();
    };
    return {
      run: () => {
        back();
        clear();
      },
      outputs: () => {
        back();
        const gradients = Object.fromEntries(Object.entries(leaves).map(([name, leaf]) => [name, leaf.grad!.data()]));
        clear();
        return gradients;
      },
      close: this.close,
    };
  }

  private onePass(pass: 'forward' | 'backward', apply: (x: Tensor) => Tensor): Task {
    const x = this.input('x', pass === 'backward');
    return pass === 'forward' ? this.forward(() => apply(x)) : this.backward(() => apply(x), { dx: x });
  }

  private threePasses(
    pass: 'forward' | 'backward-input' | 'backward-weight',
    apply: (x: Tensor, weight: Tensor, bias: Tensor | null) => Tensor,
  ): Task {
    const x = this.input('x', pass === 'backward-input');
    const weight = this.input('weight', pass === 'backward-weight');
    if (pass === 'backward-input') return this.backward(() => apply(x, weight, null), { dx: x });
    if (pass === 'backward-weight') return this.backward(() => apply(x, weight, null), { dWeight: weight });
    const bias = this.input('bias');
    return this.forward(() => apply(x, weight, bias));
  }

  private optimizer(
    name: OptimizerName,
    parameters: readonly Tensor[],
    lr = LEARNING_RATES[name],
    betas: readonly [number, number] = [0.9, 0.999],
  ): Lanewise.optim.SGD | Lanewise.optim.Adam {
    const { optim } = this.lw;
    return name === 'sgd'
      ? new optim.SGD(parameters, { lr, momentum: 0.9 })
      : new optim.Adam(parameters, { lr, betas });
  }

  private update(name: OptimizerName): Task {
    const param = this.input('param', true);
    param.grad = this.input('grad');
    let optimizer = this.optimizer(name, [param]);
    const reset = () => {
      optimizer.dispose();
      param.assign(this.inputs.param!.data);
      optimizer = this.optimizer(name, [param]);
    };
    return {
      run: () => optimizer.step(),
      outputs: () => {
        for (let step = 0; step < CHECKED_STEPS; step++) optimizer.step();
        return { param: param.data() };
      },
      reset,
      close: () => {
        optimizer.dispose();
        this.close();
      },
    };
  }

  /** The model, with the parameters p0, p1, …; the caller disposes of it. */
  private network(layers: readonly Layer[]): Lanewise.nn.Sequential {
    const model = this.sequential(layers);
    model.parameters().forEach((parameter, i) => parameter.assign(this.inputs[`p${i}`]!.data));
    return model;
  }

  private sequential(layers: readonly Layer[]): Lanewise.nn.Sequential {
    return new this.lw.nn.Sequential(...layers.map((spec) => this.layer(spec)));
  }

  private layer(spec: Layer): Lanewise.nn.Module {
    const { nn } = this.lw;
    switch (spec.layer) {
      case 'linear':
        return new nn.Linear(spec.in, spec.out);
      case 'conv':
        return new nn.Conv2d(spec.in, spec.out, spec.kernel, {
          stride: spec.stride,
          padding: spec.padding,
          bias: spec.bias,
        });
      case 'batchNorm':
        return spec.images ? new nn.BatchNorm2d(spec.channels) : new nn.BatchNorm1d(spec.channels);
      case 'relu':
        return new nn.ReLU();
      case 'maxPool':
        return new nn.MaxPool2d(spec.size);
      case 'averagePool':
        return new nn.AvgPool2d(spec.size);
      case 'globalAveragePool':
        return new nn.AdaptiveAvgPool2d(1);
      case 'flatten':
        return new nn.Flatten();
      case 'lstm':
      case 'block':
      case 'meanOverSteps':
        return sequenceLayer(this.lw, spec);
      case 'residual':
        return new nn.Residual(
          this.sequential(spec.body),
          spec.shortcut.length === 0 ? new nn.Identity() : this.sequential(spec.shortcut),
        );
    }
  }

  private train({ network, batch, optimizer: optimizerName }: Extract<Work, { kind: 'train' }>): Task {
    const { lw } = this;
    const x = this.inputs.x!;
    const labels = this.inputs.labels!;
    const size = network.input.reduce((product, length) => product * length, 1);
    const batches = Array.from(
      { length: Math.floor(labels.data.length / batch) },
      (_, i) =>
        [
          lw.tensor(x.data.slice(i * batch * size, (i + 1) * batch * size), { shape: [batch, ...network.input] }),
          lw.tensor(labels.data.slice(i * batch, (i + 1) * batch)),
        ] as const,
    );
    this.kept.push(...batches.flat());

    const learner = this.learner(network.layers, optimizerName);
    let turn = 0;
    const step = (): number => lw.scope(() => learner.step(...batches[turn++ % batches.length]!));
    return {
      run: () => {
        step();
      },
      outputs: () => ({ losses: Array.from({ length: CHECKED_STEPS }, step) }),
      reset: () => {
        learner.reset();
        turn = 0;
      },
      settle: learner.settle,
      close: () => {
        learner.close();
        this.close();
      },
    };
  }

  private async epoch({ network, batch, count, optimizer }: Extract<Work, { kind: 'epoch' }>): Promise<Task> {
    const { lw } = this;
    const { train, test } = await this.loadMnist();
    this.kept.push(train, test);
    const loader = new lw.DataLoader(lw.limit(train, count), { batchSize: batch, shuffle: true });
    const learner = this.learner(network.layers, optimizer);
    const run = (): number => {
      let last = NaN;
      for (const [images, classes] of loader) last = learner.step(shaped(images, network), classes);
      return last;
    };
    return {
      run: () => {
        run();
      },
      outputs: () => ({ loss: [run()] }),
      reset: () => {
        learner.reset();
        loader.epoch = 0;
      },
      settle: learner.settle,
      close: () => {
        learner.close();
        this.close();
      },
    };
  }

  /** Trains by a recipe; reading the files of MNIST is part of it. */
  async reach(
    { network, batch, optimizer: name, lr, betas, oneCycle, epochs, until = 1, ...recipe }: Recipe,
    seed: number,
  ): Promise<Milestone[]> {
    const { lw } = this;
    const { standardise = false, labelSmoothing = 0 } = recipe;
    const begin = performance.now();
    const { train, test } = await this.loadMnist();
    const transforms = standardise ? [lw.transforms.normalize({ mean: [0.1307], std: [0.3081] })] : [];
    const loader = new lw.DataLoader(train, { batchSize: batch, shuffle: true, seed, transforms });
    const tests = new lw.DataLoader(test, { batchSize: 1000, transforms });
    const model = this.network(network.layers);
    const optimizer = this.optimizer(name, model.parameters(), lr, betas);
    const totalSteps = epochs * loader.length;
    const schedule = oneCycle
      ? new lw.optim.OneCycleLR(optimizer, { maxLr: lr, totalSteps, cycleMomentum: betas === undefined })
      : null;
    const milestones: Milestone[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      model.train();
      for (const [images, classes] of loader) {
        optimizer.zeroGrad();
        lw.crossEntropy(model.forward(shaped(images, network)), classes, { labelSmoothing }).backward();
        optimizer.step();
        schedule?.step();
      }
      model.eval();
      let right = 0;
      lw.noGrad(() => {
        for (const [images, classes] of tests)
          right += lw.countCorrect(model.forward(shaped(images, network)), classes);
      });
      milestones.push({ seconds: (performance.now() - begin) / 1e3, accuracy: right / test.length });
      if (right / test.length > until) break;
    }
    return milestones;
  }

  /** A model that begins with p0, p1, …, and its optimizer. The caller gives `step` a scope. */
  private learner(
    layers: readonly Layer[],
    optimizerName: OptimizerName,
  ): { step(x: Tensor, classes: Tensor): number; reset(): void; settle(): void; close(): void } {
    const { lw } = this;
    const begin = () => {
      const model = this.network(layers);
      return { model, optimizer: this.optimizer(optimizerName, model.parameters()) };
    };
    let state = begin();
    const close = () => {
      state.optimizer.dispose();
      state.model.dispose();
    };
    return {
      step(x, classes) {
        const { model, optimizer } = state;
        optimizer.zeroGrad();
        const loss = lw.crossEntropy(model.forward(x), classes);
        loss.backward();
        optimizer.step();
        return loss.item();
      },
      reset() {
        close();
        state = begin();
      },
      settle: () => state.optimizer.zeroGrad(),
      close,
    };
  }
}
