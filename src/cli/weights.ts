/** Files of weights: those of `lanewise train`, and those of other programs. */
import { decode } from '../formats/node/index.js';
import { CheckpointError } from '../index.js';
import { readRegularFile, readWeights } from '../node/index.js';
import { type GivenTask, type LoadedModel, modelOf, type NamedWeights } from '../recipes/index.js';

/** What messages say of files that `--checkpoint` and `--init` take. */
export const WEIGHTS_HELP = 'the weights, a .safetensors file, or a .pt or .npz file of a state dict';

/** The first two bytes of zip files, pickles and NumPy arrays. (A safetensors file begins with a length, then `{`.) */
const FOREIGN = [0x504b, 0x8002, 0x8003, 0x8004, 0x8005, 0x934e];

/** As `readWeights`, for files of PyTorch and NumPy too. */
export function readAnyWeights(file: string): NamedWeights {
  const bytes = readRegularFile(file, {
    error: CheckpointError,
    hint: 'weights are in best.safetensors and last.safetensors of a run',
  });
  const isForeign = FOREIGN.includes(bytes[0]! * 256 + bytes[1]!) && bytes[8] !== 0x7b;
  return isForeign ? { tensors: decode(bytes, { name: file }).tensors, metadata: {}, file } : readWeights(file);
}

/** As `loadModel`, for files of PyTorch and NumPy too. */
export function loadAnyModel(file: string, given: GivenTask): LoadedModel {
  return modelOf(readAnyWeights(file), given);
}
