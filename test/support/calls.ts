/** A right call of each export: the tables that `test/arguments.test.ts` goes through. */
import * as lanewise from '../../src/index.js';
import { nn, optim, type Tensor, tensor } from '../../src/index.js';

export type Call = () => readonly unknown[];

export const matrix = () => tensor([[1, 2], [3, 4]]); // biome-ignore format: a matrix
export const vector = () => tensor([1, 2]);
const ids = () => tensor([0, 1], { dtype: 'int32' });
const small = () => lanewise.zeros([2, 4, 6, 6]);
const weights = () => [tensor([1, 2], { requiresGrad: true }).keep()];
const sgd = () => new optim.SGD(weights(), { lr: 0.1 });
const dataset = () => new lanewise.TensorDataset(matrix(), ids());
const layer = () => new nn.Linear(2, 2);
const none: Call = () => [];

/** A right call of each function, by its name. */
export const FUNCTIONS: Record<string, Call> = {
  record: () => ['twice', lanewise.noGrad(() => vector().mul(2)), [vector()], (dy: Tensor) => [dy.mul(2)]],
  gradcheck: () => [(x: Tensor) => x.mul(x), [tensor([1, 2], { requiresGrad: true })], {}],
  limit: () => [dataset(), 1],
  trainValidationSplit: () => [dataset(), { validation: 1, seed: 0 }],
  encodeSafetensors: () => [{ w: vector() }],
  arange: () => [3],
  eye: () => [3],
  full: () => [[2, 3], 1],
  linspace: () => [0, 1, 5],
  ones: () => [[2, 3], {}],
  zeros: () => [[2, 3], {}],
  onesLike: () => [vector()],
  zerosLike: () => [vector()],
  tensor: () => [[1, 2], {}],
  scope: () => [() => 1],
  noGrad: () => [() => 1],
  conv1d: () => [lanewise.zeros([2, 4, 6]), lanewise.zeros([3, 4, 3]), null, {}],
  convTranspose1d: () => [lanewise.zeros([2, 4, 6]), lanewise.zeros([4, 3, 3]), null, {}],
  conv2d: () => [small(), lanewise.zeros([3, 4, 3, 3]), null, {}],
  convTranspose2d: () => [small(), lanewise.zeros([4, 3, 3, 3]), null, {}],
  linear: () => [matrix(), matrix()],
  matmul: () => [matrix(), matrix()],
  scaledDotProductAttention: () => [matrix(), matrix(), matrix(), { isCausal: true }],
  clamp: () => [vector(), { min: 0 }],
  cast: () => [vector(), 'int32'],
  broadcastTo: () => [vector(), [3, 2]],
  elu: () => [vector(), 1.5],
  gelu: () => [vector(), { approximate: 'tanh' }],
  leakyRelu: () => [vector(), 0.1],
  pow: () => [vector(), 2],
  softplus: () => [vector(), { beta: 2 }],
  where: () => [vector().gt(1), vector(), vector()],
  bceWithLogits: () => [vector(), vector(), {}],
  crossEntropy: () => [matrix(), ids(), {}],
  nllLoss: () => [matrix(), ids(), {}],
  l1Loss: () => [vector(), vector(), {}],
  mseLoss: () => [vector(), vector(), {}],
  smoothL1Loss: () => [vector(), vector(), {}],
  huberLoss: () => [vector(), vector(), {}],
  bceLoss: () => [tensor([0, 1]), tensor([0, 1]), {}],
  klDivLoss: () => [vector(), vector(), {}],
  cosineEmbeddingLoss: () => [matrix(), matrix(), vector(), {}],
  marginRankingLoss: () => [vector(), vector(), vector(), {}],
  hingeEmbeddingLoss: () => [vector(), vector(), {}],
  multiMarginLoss: () => [matrix(), ids(), {}],
  tripletMarginLoss: () => [matrix(), matrix(), matrix(), {}],
  concat: () => [[vector(), vector()], 0],
  stack: () => [[vector(), vector()], 0],
  embedding: () => [ids(), matrix(), {}],
  oneHot: () => [ids(), 3],
  flip: () => [vector(), 0],
  gather: () => [matrix(), 0, tensor([[0, 1]], { dtype: 'int32' })],
  pad: () => [small(), [1, 1]],
  permute: () => [matrix(), [1, 0]],
  transpose: () => [matrix(), 0, 1],
  expand: () => [tensor([[1, 2]]), [3, 2]],
  repeat: () => [vector(), [2]],
  flatten: () => [matrix(), {}],
  reshape: () => [matrix(), [4]],
  squeeze: () => [tensor([[1]]), 0],
  unsqueeze: () => [vector(), 0],
  select: () => [matrix(), 0, 1],
  slice: () => [matrix(), 0, 1, { axis: 0 }],
  split: () => [matrix(), 1, 0],
  batchNorm: () => [matrix(), { training: true }],
  dropout: () => [vector(), { p: 0.5 }],
  groupNorm: () => [small(), 2, {}],
  layerNorm: () => [matrix(), [2], {}],
  rmsNorm: () => [matrix(), [2], {}],
  adaptiveAvgPool1d: () => [matrix(), 1],
  avgPool1d: () => [matrix(), 2, {}],
  maxPool1d: () => [matrix(), 2, {}],
  adaptiveAvgPool2d: () => [small(), 1],
  avgPool2d: () => [small(), 2, {}],
  maxPool2d: () => [small(), 2, {}],
  bernoulli: () => [[2], { p: 0.5 }],
  rand: () => [[2], {}],
  randn: () => [[2], {}],
  randint: () => [[2], { high: 5 }],
  randperm: () => [5],
  clipGradNorm: () => [weights(), 1, {}],
  clipGradValue: () => [weights(), 1],
  evaluate: () => [layer(), new lanewise.DataLoader(dataset(), { batchSize: 2 }), {}],
  updateBn: () => [new lanewise.DataLoader(dataset(), { batchSize: 2 }), layer()],
  accuracy: () => [matrix(), ids()],
  predictedClasses: () => [matrix()],
  countCorrect: () => [matrix(), ids()],
};
for (const name of ['abs', 'exp', 'log', 'neg', 'reciprocal', 'relu', 'sigmoid', 'silu', 'rsqrt', 'sqrt', 'square'])
  FUNCTIONS[name] = () => [vector()];
for (const name of ['tanh']) FUNCTIONS[name] = () => [vector()];
for (const name of ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'])
  FUNCTIONS[name] = () => [vector(), vector()];
for (const name of ['sum', 'mean', 'max', 'min', 'argmax', 'argmin', 'prod', 'std', 'variance', 'logSumExp'])
  FUNCTIONS[name] = () => [matrix(), 0];
for (const name of ['softmax', 'logSoftmax']) FUNCTIONS[name] = () => [matrix(), 1];
FUNCTIONS.norm = () => [matrix(), [0]];

/** Exports that take nothing, or whose own tests go through what they refuse. */
export const ELSEWHERE = new Set(
  // These take nothing, or anything.
  (
    'isGradEnabled needsGrad stopThreads runtimeInfo memory generatorState resetPeakMemory ' +
    // Bytes: test/data, test/io.
    'parseCifar10 fetchMnist gunzip isGzip parseIdx toImageInput toMnistInput decodeSafetensors ' +
    'init fit checkArguments readOptions manualSeed setGeneratorState trackTensors digest confusionMatrix ' +
    'fillNormal fillUniform train'
  ).split(' '),
);

export const CLASSES: Record<string, Call> = {
  TensorDataset: () => [matrix(), ids(), {}],
  Subset: () => [dataset(), [0]],
  DataLoader: () => [dataset(), { batchSize: 1 }],
  ConfusionMatrix: () => [3],
  AveragedModel: () => [layer(), {}],
  'optim.SGD': () => [weights(), { lr: 0.1 }],
  'optim.Adam': () => [weights(), {}],
  'optim.AdamW': () => [weights(), {}],
  'optim.Adadelta': () => [weights(), {}],
  'optim.Adagrad': () => [weights(), {}],
  'optim.NAdam': () => [weights(), {}],
  'optim.RAdam': () => [weights(), {}],
  'optim.RMSprop': () => [weights(), {}],
  'optim.StepLR': () => [sgd(), { stepSize: 1 }],
  'optim.MultiStepLR': () => [sgd(), { milestones: [1] }],
  'optim.ExponentialLR': () => [sgd(), { gamma: 0.9 }],
  'optim.CosineAnnealingLR': () => [sgd(), { tMax: 3 }],
  'optim.LambdaLR': () => [sgd(), { lrLambda: () => 1 }],
  'optim.LinearLR': () => [sgd(), {}],
  'optim.ConstantLR': () => [sgd(), {}],
  'optim.PolynomialLR': () => [sgd(), {}],
  'optim.CosineAnnealingWarmRestarts': () => [sgd(), { t0: 3 }],
  'optim.CyclicLR': () => [sgd(), { baseLr: 0.1, maxLr: 1 }],
  'optim.SWALR': () => [sgd(), { swaLr: 0.1 }],
  'optim.OneCycleLR': () => [sgd(), { maxLr: 1, totalSteps: 9 }],
  'optim.ReduceLROnPlateau': () => [sgd(), {}],
  'optim.SequentialLR': () => {
    const optimizer = sgd();
    const parts = [new optim.LinearLR(optimizer), new optim.ExponentialLR(optimizer, { gamma: 0.9 })];
    return [optimizer, { schedulers: parts, milestones: [2] }];
  },
  'nn.ELU': () => [1],
  'nn.GELU': () => [{}],
  'nn.LeakyReLU': () => [0.1],
  'nn.Softmax': () => [1],
  'nn.LogSoftmax': () => [1],
  'nn.Softplus': () => [{}],
  'nn.ModuleList': () => [[layer()]],
  'nn.Residual': () => [layer()],
  'nn.Sequential': () => [layer(), layer()],
  'nn.Buffer': () => [vector(), {}],
  'nn.Parameter': () => [vector(), {}],
  'nn.AdaptiveAvgPool1d': () => [1],
  'nn.AvgPool1d': () => [2, {}],
  'nn.MaxPool1d': () => [2, {}],
  'nn.Conv1d': () => [1, 2, 3, {}],
  'nn.ConvTranspose1d': () => [1, 2, 3, {}],
  'nn.AdaptiveAvgPool2d': () => [1],
  'nn.AvgPool2d': () => [2, {}],
  'nn.MaxPool2d': () => [2, {}],
  'nn.BatchNorm1d': () => [2, {}],
  'nn.BatchNorm2d': () => [2, {}],
  'nn.Conv2d': () => [1, 2, 3, {}],
  'nn.ConvTranspose2d': () => [1, 2, 3, {}],
  'nn.Dropout': () => [0.5],
  'nn.Embedding': () => [5, 3, {}],
  'nn.Flatten': () => [1, -1],
  'nn.GroupNorm': () => [2, 4, {}],
  'nn.InstanceNorm1d': () => [2, {}],
  'nn.InstanceNorm2d': () => [2, {}],
  'nn.LayerNorm': () => [[2], {}],
  'nn.RMSNorm': () => [[2], {}],
  'nn.Linear': () => [2, 3, {}],
  'nn.MultiheadAttention': () => [4, 2, {}],
  'nn.TransformerEncoderLayer': () => [4, 2, { dimFeedforward: 4 }],
  'nn.TransformerEncoder': () => [new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 4 }), 1, {}],
  'nn.BCEWithLogitsLoss': () => [{}],
  'nn.CrossEntropyLoss': () => [{}],
  'nn.L1Loss': () => [{}],
  'nn.MSELoss': () => [{}],
  'nn.NLLLoss': () => [{}],
  'nn.SmoothL1Loss': () => [{}],
  'nn.BCELoss': () => [{}],
  'nn.CosineEmbeddingLoss': () => [{}],
  'nn.HingeEmbeddingLoss': () => [{}],
  'nn.HuberLoss': () => [{}],
  'nn.KLDivLoss': () => [{}],
  'nn.MarginRankingLoss': () => [{}],
  'nn.MultiMarginLoss': () => [{}],
  'nn.TripletMarginLoss': () => [{}],
  'nn.ReLU': none,
  'nn.Sigmoid': none,
  'nn.SiLU': none,
  'nn.Tanh': none,
  'nn.Identity': none,
};
/** Bases of classes, errors, and classes without arguments. */
export const BASES = /^(nn\.(Module|Layer|BatchNorm)|optim\.(Optimizer|Scheduler)|Tensor|Sha256|RunControl|\w*Error)$/;

export const OTHERS: Record<string, Call> = {
  'nn.init.uniform': () => [vector(), 0, 1],
  'nn.init.normal': () => [vector(), 0, 1],
  'nn.init.constant': () => [vector(), 1],
  'nn.init.zeros': () => [vector()],
  'nn.init.ones': () => [vector()],
  'nn.init.eye': () => [matrix()],
  'nn.init.xavierUniform': () => [matrix(), 1],
  'nn.init.xavierNormal': () => [matrix(), 1],
  'nn.init.kaimingUniform': () => [matrix(), {}],
  'nn.init.kaimingNormal': () => [matrix(), {}],
  'nn.init.truncNormal': () => [vector(), {}],
  'nn.init.orthogonal': () => [matrix(), 1],
  'nn.init.calculateGain': () => ['relu'],
  'models.mlp': () => [{ inputShape: [1, 28, 28], classes: 10, hidden: [8] }],
  'models.kLayerMlp': () => [{ inputShape: [1, 28, 28], classes: 10, hidden: [8] }],
  'models.cnn': () => [{ inputShape: [1, 28, 28], classes: 10 }],
  'models.fastCnn': () => [{ inputShape: [1, 28, 28], classes: 10, batchNorm: true }],
  'models.lenet5': () => [{ inputShape: [1, 28, 28], classes: 10 }],
  'models.miniResNet': () => [{ inputShape: [1, 28, 28], classes: 10 }],
  'transforms.normalize': () => [{ mean: [0.5], std: [0.5] }],
  'transforms.randomCrop': () => [{ padding: 1 }],
  'transforms.randomShift': () => [{ pixels: 1 }],
  'transforms.horizontalFlip': none,
};

/** Methods of a matrix: they go by what the functions of their names check. */
export const METHODS: Record<string, Call> = {
  add: () => [matrix()],
  sub: () => [matrix()],
  mul: () => [matrix()],
  div: () => [matrix()],
  pow: () => [2],
  maximum: () => [matrix()],
  minimum: () => [matrix()],
  eq: () => [matrix()],
  gt: () => [matrix()],
  clamp: () => [{ min: 0 }],
  broadcastTo: () => [[3, 2, 2]],
  reshape: () => [[4]],
  flatten: () => [{}],
  squeeze: () => [0],
  unsqueeze: () => [0],
  permute: () => [[1, 0]],
  transpose: () => [0, 1],
  slice: () => [0, 1, { axis: 0 }],
  select: () => [0, 1],
  split: () => [1, 0],
  flip: () => [0],
  repeat: () => [[1, 2]],
  matmul: () => [matrix()],
  sum: () => [0],
  mean: () => [0],
  max: () => [0],
  argmax: () => [0],
  norm: () => [[0]],
  softmax: () => [1],
  to: () => ['int32'],
  assign: () => [matrix()],
};
