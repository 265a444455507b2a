/**
 * What V8 makes of the wide kernels where it joins pairs of vectors, so that a change of them (or another V8) cannot
 * undo it unnoticed; and that it compiles all of them at all, as some functions end its process. In Node 24 and 26,
 * where `npm install --prefix test/engines` put them.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { functionNames } from '../support/wat.js';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** All functions are compiled by the optimising compiler, one after the other. */
const FLAGS = [
  '--experimental-wasm-revectorize',
  '--trace-wasm-revectorize',
  '--no-liftoff',
  '--no-wasm-lazy-compilation',
  '--no-wasm-dynamic-tiering',
  '--wasm-num-compilation-tasks=0',
];

interface Joined {
  /** Pairs of stores, from which V8 goes back to what they store. */
  stores: number;
  /** All pairs that it joined: stores, sums, products, loads, splats. */
  pairs: number;
  /** Pairs of stores that it could not join. */
  refused: number;
}

/** Function of `assembly/` → pairs that are joined in it. */
function joinedBy(node: string): Map<string, Joined> {
  const program = "new WebAssembly.Module(require('node:fs').readFileSync(process.argv[1]))";
  const { status, stdout } = spawnSync(node, [...FLAGS, '-e', program, file('build/kernels.wide.wasm')], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(status, stdout.slice(-2000)).toBe(0);
  const names = functionNames('kernels.wide.wat');
  const found = new Map<string, Joined>();
  for (const part of stdout.split('Begin revec function wasm-function#').slice(1)) {
    // A tree that is refused gives up all of its pairs.
    const trees = part.split('Added a vector of stores').slice(1);
    const refused = trees.filter((tree) => tree.includes('Building SLP tree failed'));
    const pairs =
      trees
        .filter((tree) => !refused.includes(tree))
        .join()
        .match(/New(?:Force|Shuffle)?PackNode/g) ?? [];
    const kept = part.includes('Save: ') ? pairs.length : 0;
    const name = names[Number.parseInt(part, 10)]!;
    found.set(name, { stores: trees.length - refused.length, pairs: kept, refused: refused.length });
  }
  return found;
}

/** Hot function of `assembly/` → pairs of stores, and pairs of all operations, that are joined in it. */
const hot: Readonly<Record<string, readonly [stores: number, pairs: number]>> = {
  'gemm/tile/wholeTile': [8, 65],
  'gemm/sparse/addList': [8, 68],
  'conv/direct/correlate/tile4x16': [8, 59],
  'conv/direct/correlate/eightColumns': [7, 62],
  'conv/direct/correlate_rows/tile4x16': [8, 97],
  'conv/direct/correlate_rows/tile4x8': [4, 51],
  'conv/lanes/correlate/adjacent4x4': [8, 58],
  'conv/lanes/correlate/adjacent1x16': [8, 58],
  'conv/lanes/weight_pairs/pairs4x4': [8, 47],
  'conv/lanes/weight_pairs/pairs4x2': [4, 25],
  'conv/lanes/weight_pairs/pairs2x4': [4, 26],
  'conv/sparse/backward_weight/f32_conv2d_sparse_backward_weight': [12, 83],
  'conv/sparse/backward_input/f32_conv2d_sparse_backward_input': [4, 29],
  'conv/winograd/planes/planesOfInput': [12, 64],
  'conv/winograd/planes/planesOfGradient': [12, 46],
  'conv/winograd/multiply/wholeTiles': [8, 55],
  'conv/winograd/multiply/multiplyTransposed': [24, 190],
  'conv/winograd/forward/f32_conv2d_winograd_forward': [32, 216],
  'conv/winograd/backward_weight/f32_conv2d_winograd_backward_weight': [12, 64],
  'norm/channels/mapRelu': [2, 17],
  'norm/channels/mapPlain': [2, 13],
  'norm/channels/combineRelu': [1, 16],
  'norm/channels/combinePlain': [1, 12],
  'norm/columns/columnStatistics': [4, 35],
  'norm/columns/columnMap': [6, 48],
  'norm/columns_backward/productsRelu': [4, 40],
  'norm/columns_backward/combineRelu': [3, 44],
  'elementwise/basic/f32_exp': [1, 46],
  'elementwise/basic/f32_log': [1, 69],
  'elementwise/relu/f32_relu_forward': [1, 4],
  'elementwise/binary/binary<assembly/elementwise/relu/ReluGradient>': [1, 6],
  'elementwise/relu/f32_add_relu': [1, 6],
  'elementwise/activation/f32_sigmoid_forward': [1, 46],
  'elementwise/activation/f32_tanh_forward': [1, 76],
  'elementwise/activation/f32_gelu_forward': [1, 116],
  'elementwise/activation/f32_elu_forward': [1, 49],
  'elementwise/arithmetic/f32_add_broadcast': [3, 12],
  'reduce/softmax/f32_softmax_forward': [1, 39],
  'loss/cross_entropy/f32_cross_entropy_forward': [1, 39],
  'optim/sgd/f32_sgd': [5, 50],
  'optim/adam/f32_adam': [4, 38],
};

test.each(['24', '26'])('Node %s', (major) => {
  const installed = file(`test/engines/node_modules/node${major}/bin/node`);
  const node = process.versions.node.startsWith(`${major}.`) ? process.execPath : installed;
  if (!fs.existsSync(node)) {
    console.log(`skipped: Node ${major} is not installed (npm install --prefix test/engines)`);
    return;
  }
  const joined = joinedBy(node);
  const wanted = Object.entries(hot).map(([name, [stores, pairs]]) => [name, { stores, pairs, refused: 0 }]);
  expect(Object.fromEntries(wanted.map(([name]) => [name, joined.get(name as string)]))).toEqual(
    Object.fromEntries(wanted),
  );
});
