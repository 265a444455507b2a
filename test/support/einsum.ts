/** `einsum` as one loop over all combinations of the indices, in double precision. */
import { at, indicesOf, type Reference, reference } from './reference.js';

/** The equation with letters for `...`, aligned at the last one, and with an output. */
function spelledOut(equation: string, ranks: readonly number[]): { inputs: string[]; output: string } {
  const [from, to] = equation.split('->') as [string, string?];
  let longest = '';
  const inputs = from.split(',').map((term, i) => {
    const others = 'UVWXYZ'.slice(6 - (ranks[i]! - term.replace('...', '').length));
    if (others.length > longest.length) longest = others;
    return term.replace('...', others);
  });
  const letters = inputs.join('');
  const once = [...letters].filter((name) => !/[U-Z]/.test(name) && letters.split(name).length === 2).sort();
  return { inputs, output: to?.replace('...', longest) ?? longest + once.join('') };
}

export function einsumOf(equation: string, operands: readonly Reference[]): Reference {
  const { inputs, output } = spelledOut(
    equation,
    operands.map(({ shape }) => shape.length),
  );
  const names = [...new Set(inputs.join(''))];
  const lengths = names.map((name) => {
    const own = inputs.flatMap((term, i) =>
      [...term].flatMap((each, k) => (each === name ? [operands[i]!.shape[k]!] : [])),
    );
    return own.find((length) => length !== 1) ?? 1;
  });
  const shape = [...output].map((name) => lengths[names.indexOf(name)]!);
  const y = reference(shape);
  for (const index of indicesOf(lengths)) {
    const placeOf = (term: string) => [...term].map((name) => index[names.indexOf(name)]!);
    const value = operands.reduce((product, x, i) => product * at(x, placeOf(inputs[i]!)), 1);
    y.data[placeOf(output).reduce((flat, i, axis) => flat * shape[axis]! + i, 0)]! += value;
  }
  return y;
}
