/** The layers of sequences in lanewise's terms. Runs in pages too. */
import type * as Lanewise from '../src/index.js';
import type { Layer } from './work.js';

type Tensor = Lanewise.Tensor;

/** The layers that read [batch, steps, width]. */
export type SequenceLayer = Extract<Layer, { layer: 'lstm' | 'block' | 'meanOverSteps' }>;

export function sequenceLayer({ nn, mean, select }: typeof Lanewise, spec: SequenceLayer): Lanewise.nn.Module {
  switch (spec.layer) {
    case 'lstm': {
      const layer = new nn.LSTM(spec.in, spec.hidden, { batchFirst: true });
      return new (class extends nn.Module {
        readonly lstm = layer;
        forward(x: Tensor): Tensor {
          return select(this.lstm.forward(x)[1][0], 0, 0);
        }
      })();
    }
    case 'block': {
      const layer = new nn.TransformerEncoderLayer(spec.width, spec.heads, {
        dimFeedforward: spec.hidden,
        dropout: 0,
        activation: 'gelu',
        batchFirst: true,
        normFirst: true,
      });
      return new (class extends nn.Module {
        readonly block = layer;
        forward(x: Tensor): Tensor {
          return this.block.forward(x, { isCausal: true });
        }
      })();
    }
    case 'meanOverSteps':
      return new (class extends nn.Module {
        forward(x: Tensor): Tensor {
          return mean(x, 1);
        }
      })();
  }
}
