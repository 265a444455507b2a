/** Reads the text form of the kernels, `build/kernels.wat`, as far as to count what stands in their loops. */
import fs from 'node:fs';

/** Instructions of one turn of a loop. Reading and writing locals is not counted: engines keep those in registers. */
export interface LoopFacts {
  readonly multiplies: number;
  readonly adds: number;
  readonly loads: number;
  readonly stores: number;
  readonly calls: number;
  /** All others: addresses, counters, branches, shuffles. */
  readonly others: number;
  /** Different vectors that are read or written: at most so many are live at once. */
  readonly vectors: number;
}

let text: string | undefined;

/** Names of all functions of a text form in `build/`, below `assembly/`, in their order: what engines number. */
export function functionNames(file: string): string[] {
  const wat = fs.readFileSync(new URL(`../../build/${file}`, import.meta.url), 'utf8');
  return [...wat.matchAll(/^ \(func \$(?:assembly\/)?(\S+)/gm)].map(([, name]) => name!);
}

/** The lines of a function, by its name in `assembly/` (`gemm/tile/tile4x8`). */
function linesOf(name: string): string[] {
  text ??= fs.readFileSync(new URL('../../build/kernels.wat', import.meta.url), 'utf8');
  const start = text.indexOf(`\n (func $assembly/${name} (`);
  if (start < 0)
    throw new Error(`there is no function ${name} in build/kernels.wat: it was renamed, or the compiler inlined it`);
  return text
    .slice(start + 1, text.indexOf('\n )\n', start))
    .split('\n')
    .map((line) => line.trim());
}

/** The loops of a function that contain no other loop, in their order. */
export function innerLoops(name: string): LoopFacts[] {
  const blocks: { isLoop: boolean; inner: boolean; body: string[] }[] = [];
  const loops: LoopFacts[] = [];
  const lines = linesOf(name);
  const vectors = new Set(
    lines.flatMap((line) => [...line.matchAll(/\((?:local|param) (\$\w+) v128\)/g)].map(([, local]) => local!)),
  );
  for (const line of lines) {
    const [instruction = ''] = line.split(' ');
    if (instruction === 'loop' || instruction === 'block' || instruction === 'if') {
      if (instruction === 'loop') for (const block of blocks) block.inner = false;
      blocks.push({ isLoop: instruction === 'loop', inner: true, body: [] });
    } else if (instruction === 'end') {
      const block = blocks.pop()!;
      if (block.isLoop && block.inner) loops.push(factsOf(block.body, vectors));
    } else {
      for (const block of blocks) block.body.push(line);
    }
  }
  return loops;
}

function factsOf(body: readonly string[], vectors: ReadonlySet<string>): LoopFacts {
  const count = (pattern: RegExp) => body.filter((line) => pattern.test(line)).length;
  const multiplies = count(/^f32x4\.mul$/),
    adds = count(/^f32x4\.add$/),
    loads = count(/\.load/),
    stores = count(/\.store/),
    calls = count(/^call/);
  const locals = body.filter((line) => line.startsWith('local.'));
  const others = body.length - locals.length - count(/^else$/) - multiplies - adds - loads - stores - calls;
  return {
    multiplies,
    adds,
    loads,
    stores,
    calls,
    others,
    vectors: new Set(locals.map((line) => line.split(' ')[1]!).filter((local) => vectors.has(local))).size,
  };
}

/** The inner loop of a function that multiplies most: where its time goes. */
export function hotLoop(name: string): LoopFacts {
  return innerLoops(name).reduce((most, loop) => (loop.multiplies > most.multiplies ? loop : most));
}
