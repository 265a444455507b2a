/** What an optimizer consists of, as plain values. */
import { type optim, Tensor } from '../../src/index.js';

/** Weights, options of the groups, and state, with the elements of each tensor. */
export function contentOf(optimizer: optim.Optimizer) {
  const { state, paramGroups } = optimizer.stateDict();
  const plain = (value: Tensor | number) => (value instanceof Tensor ? Array.from(value.data()) : value);
  return {
    weights: optimizer.paramGroups.map(({ params }) =>
      params.map((param) => (param.disposed ? null : Array.from(param.data()))),
    ),
    state: Object.entries(state).map(([number, entries]) => [
      number,
      Object.entries(entries).map(([name, value]) => [name, plain(value)]),
    ]),
    paramGroups,
  };
}
