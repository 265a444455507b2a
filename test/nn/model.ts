import { nn, relu, ShapeError, type Tensor, tensor, zeros } from '../../src/index.js';

/** A layer with everything that a module may own. */
export class Layer extends nn.Layer {
  weight: nn.Parameter;
  bias: nn.Parameter | null;
  runningMean = new nn.Buffer(zeros([2]));
  numBatchesTracked = new nn.Buffer(zeros([], { dtype: 'int32' }));
  scratch = new nn.Buffer(zeros([3]), { persistent: false });
  size = 2;

  constructor({ bias = true } = {}) {
    super();
    this.weight = new nn.Parameter(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    this.bias = bias ? new nn.Parameter(tensor([5, 6])) : null;
  }

  protected compute(x: Tensor): Tensor {
    if (x.shape.at(-1) !== 2) throw new ShapeError('two features, please', { where: 'Layer' });
    return relu(x);
  }

  protected override extraRepr(): string {
    return `size=${this.size}`;
  }
}

export class Model extends nn.Module {
  stem = new Layer();
  hiddenLayers = [new nn.Sequential(new Layer({ bias: false }), new nn.ReLU()), new nn.Identity()];
  head = new Layer();
  scale = new nn.Parameter(tensor(3));

  forward(x: Tensor): Tensor {
    let y = this.stem.forward(x);
    for (const layer of this.hiddenLayers) y = layer.forward(y);
    return this.head.forward(y);
  }
}
