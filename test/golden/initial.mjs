// Writes the initial weights of a model as safetensors to standard output, for runs.py:
//   node test/golden/initial.mjs SEED mlp '{"hidden":[128,64]}'
import { encodeSafetensors, init, manualSeed, models } from '../../dist/index.js';

const [seed, name, options] = process.argv.slice(2);
await init();
manualSeed(Number(seed));
process.stdout.write(encodeSafetensors(models[name](JSON.parse(options)).stateDict()));
