import { checkArguments } from '../runtime/arguments.js';
import type { Tensor } from '../tensor/tensor.js';
import { readGraph } from './graph.js';
import { OnnxModule, type RunOptions } from './module.js';
import { planOf } from './plan.js';
import { rewritten } from './rewrite.js';

/** How a model is read and run. */
export interface ImportOptions extends RunOptions {
  /** Round numbers of float64 that float32 does not hold, instead of refusing them. Default: false. */
  readonly lossy?: boolean;
}

/**
 * A model from the bytes of an ONNX file, as a module: it runs, can be trained further, saved, and exported again.
 *
 * Its floating-point initializers are parameters, under their names in the file; integers, and the statistics of batch
 * normalisation, are buffers. It begins in evaluation mode. `forward` takes the inputs of the graph in their order and
 * gives its output, or an array of them where there are several: `importOnnx<Tensor[]>(bytes)`.
 *
 * All floating-point types are computed in float32, integers and class ids in int32, bool in uint8.
 *
 * @throws {FileFormatError} when the bytes are no ONNX model, or its graph is broken
 * @throws {UnsupportedError} when it needs what lanewise does not have: one error lists all such nodes
 * @example
 * const model = importOnnx(exportOnnx(new nn.Linear(3, 2), [tensor([[1, 2, 3]])]));
 * model.forward(tensor([[1, 2, 3]])).shape;   // [1, 2]
 */
export function importOnnx<Out extends Tensor | Tensor[] = Tensor>(
  bytes: Uint8Array | ArrayBuffer,
  options: ImportOptions = {},
): OnnxModule<Out> {
  checkArguments("importOnnx(bytes=any, { lossy: true, precision: 'fast'|'precise' })", bytes, options);
  const { lossy = false } = options;
  const graph = rewritten(readGraph(bytes, lossy), lossy);
  return new OnnxModule<Out>(graph, planOf(graph, lossy), options);
}
