/** Networks of many kinds of layers, for what reads and writes models. */
import { models, nn, normalize, randint, randn, relu, softmax, type Tensor } from '../../src/index.js';

class Residual extends nn.Module {
  readonly first = new nn.Conv2d(4, 4, 3, { padding: 1 });
  readonly norm = new nn.BatchNorm2d(4);
  readonly scale = new nn.Parameter(randn([4, 1, 1]));
  forward(x: Tensor): Tensor {
    return relu(this.norm.forward(this.first.forward(x)).mul(this.scale).add(x));
  }
}

class Tokens extends nn.Module {
  readonly embedding = new nn.Embedding(11, 6);
  readonly norm = new nn.LayerNorm(6);
  readonly query = new nn.Linear(6, 6);
  readonly output = new nn.Linear(6, 3);
  forward(ids: Tensor): Tensor {
    const x = this.norm.forward(this.embedding.forward(ids));
    const weights = softmax(
      this.query
        .forward(x)
        .matmul(x.permute([0, 2, 1]))
        .mul(1 / Math.sqrt(6)),
    );
    return this.output.forward(weights.matmul(x).mean(1));
  }
}

class Encoder extends nn.Module {
  readonly embedding = new nn.Embedding(11, 8);
  readonly encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 12, batchFirst: true, activation: 'gelu' }),
    2,
  );
  readonly output = new nn.Linear(8, 3);
  forward(ids: Tensor): Tensor {
    return this.output.forward(this.encoder.forward(this.embedding.forward(ids), { isCausal: true }).mean(1));
  }
}

class Sequences extends nn.Module {
  readonly both = new nn.LSTM(3, 5, { batchFirst: true, bidirectional: true, numLayers: 2 });
  readonly gru = new nn.GRU(10, 4, { batchFirst: true, bias: false });
  readonly rnn = new nn.RNN(4, 4, { batchFirst: true, nonlinearity: 'relu' });
  readonly output = new nn.Linear(4, 2);
  forward(x: Tensor): Tensor {
    const [read, [h]] = this.both.forward(x);
    const [again, last] = this.gru.forward(read, h.slice(0, 1).slice(0, 4, { axis: 2 }));
    return this.output.forward(this.rnn.forward(again, last)[1].select(0, 0));
  }
}

/** Operations that are layers of nothing. */
class Functions extends nn.Module {
  layer = new nn.Linear(3, 3);
  forward(x: Tensor): Tensor {
    const angle = this.layer.forward(x);
    const waves = angle.sin().mul(angle.cos()).add(angle.square());
    const steps = x.mul(4).floor().add(x.mul(3).ceil()).add(x.mul(5).round()).mul(x.sign());
    const mask = x.gt(0).logicalXor(x.lt(1).logicalNot()).logicalAnd(x.isfinite()).logicalOr(x.isnan());
    const chosen = waves.tril({ diagonal: 1 }).add(steps.triu()).maskedFill(mask, 0.5);
    return normalize(chosen)
      .mul(x.any(-1, { keepDim: true }))
      .mul(x.all(1, { keepDim: true }));
  }
}

type Build = () => readonly [model: nn.Module, example: (batch: number) => Tensor];
const images = (channels: number, size: number) => (batch: number) => randn([batch, channels, size, size]);
const { Conv2d, BatchNorm2d, ReLU, Linear, Flatten, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d } = nn;

/** Networks, by name. */
export const NETWORKS: Readonly<Record<string, Build>> = {
  mlp: () => [models.mlp({ hidden: [16, 8], batchNorm: true }), (n) => randn([n, 784])],
  lenet: () => [models.lenet5(), images(1, 28)],
  cnn: () => [models.cnn(), images(1, 28)],
  'mini ResNet': () => [models.miniResNet(), images(1, 28)],
  'residual block': () => [new Residual(), images(4, 6)],
  'depthwise and dilated': () => [
    new nn.Sequential(
      new Conv2d(4, 8, 3, { groups: 4, stride: 2, padding: 1 }),
      new nn.SiLU(),
      new Conv2d(8, 8, 3, { dilation: 2, padding: 'same' }),
      new nn.GroupNorm(2, 8),
      new nn.LeakyReLU(0.1),
      new AdaptiveAvgPool2d(1),
      new Flatten(),
      new Linear(8, 3),
    ),
    images(4, 9),
  ],
  'transposed convolution': () => [
    new nn.Sequential(
      new nn.ConvTranspose2d(3, 5, 3, { stride: 2, padding: 1, outputPadding: 1 }),
      new nn.ELU(),
      new AvgPool2d(2),
    ),
    images(3, 5),
  ],
  'gelu and layer norm': () => [
    new nn.Sequential(new Linear(7, 12), new nn.GELU(), new nn.LayerNorm(12), new Linear(12, 4), new nn.LogSoftmax(1)),
    (n) => randn([n, 5, 7]),
  ],
  activations: () => [
    new nn.Sequential(
      new Linear(6, 8),
      new nn.Mish(),
      new nn.Hardswish(),
      new nn.SELU(),
      new nn.PReLU({ numParameters: 8 }),
      new nn.ReLU6(),
      new nn.LogSigmoid(),
      new nn.GLU(),
    ),
    (n) => randn([n, 6]),
  ],
  functions: () => [new Functions(), (n) => randn([n, 4, 3])],
  tokens: () => [new Tokens(), (n) => randint(0, 11, [n, 5])],
  encoder: () => [new Encoder(), (n) => randint(0, 11, [n, 5])],
  sequences: () => [new Sequences(), (n) => randn([n, 6, 3])],
  'resizing and borders': () => [
    new nn.Sequential(
      new Conv2d(2, 4, 3, { padding: 1, paddingMode: 'reflect' }),
      new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }),
      new nn.PixelShuffle(2),
      new nn.Upsample({ size: [9, 14] }),
      new Conv2d(1, 2, 3, { padding: 1, paddingMode: 'circular' }),
      new nn.Dropout2d(0.2),
      new nn.AdaptiveMaxPool2d([2, 3]),
      new nn.Upsample({ scaleFactor: 2 }),
      new Conv2d(2, 2, 3, { padding: 1, paddingMode: 'replicate' }),
      new Flatten(),
      new nn.Unflatten(1, [2, -1]),
    ),
    images(2, 5),
  ],
  pools: () => [
    new nn.Sequential(
      new Conv2d(2, 4, 3),
      new BatchNorm2d(4),
      new ReLU(),
      new MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
      new AvgPool2d(2, { stride: 1 }),
      new nn.Dropout(0.5),
      new Flatten(),
      new Linear(16, 5),
      new nn.Softplus(),
      new nn.Sigmoid(),
    ),
    images(2, 7),
  ],
};
