/**
 * Numbers the local variables of every function anew, those of a type in the order in which the code names them first:
 * functions that do the same with other constants are then the same bytes, which compresses better. Engines make the
 * same machine code of it.
 */
import { joinSections, Reader, readInstruction, readSections, unsigned } from './wasm.mjs';

const [TYPE_SECTION, FUNCTION_SECTION, CODE_SECTION] = [1, 3, 10];

/** How many parameters each function has. */
function parameterCounts(sections) {
  const contents = (wanted) => new Reader(sections.find(([id]) => id === wanted)[1]);
  const types = contents(TYPE_SECTION);
  const counts = Array.from({ length: types.number() }, () => {
    types.take(1);
    const count = types.number();
    types.take(count);
    types.take(types.number());
    return count;
  });
  const functions = contents(FUNCTION_SECTION);
  return Array.from({ length: functions.number() }, () => counts[functions.number()]);
}

/** The body of a function. */
function renumberBody(body, parameters) {
  const reader = new Reader(body);
  const types = Array.from({ length: reader.number() }, () => {
    const count = reader.number();
    return Array(count).fill(reader.take(1)[0]);
  }).flat();
  const groups = [...new Set(types)].sort((a, b) => b - a);
  const sizes = groups.map((type) => types.filter((each) => each === type).length);
  /** For each type the number that its next local variable gets. */
  const next = new Map(
    groups.map((type, i) => [type, sizes.slice(0, i).reduce((sum, size) => sum + size, parameters)]),
  );
  const numbers = new Map();
  const numberOf = (local) => {
    if (local < parameters) return local;
    if (!numbers.has(local)) {
      const type = types[local - parameters];
      numbers.set(local, next.get(type));
      next.set(type, next.get(type) + 1);
    }
    return numbers.get(local);
  };
  const code = [];
  while (reader.at < body.length) {
    const { bytes, kind, operand = [] } = readInstruction(reader);
    code.push(...bytes, ...(kind === 'local' ? unsigned(numberOf(new Reader(operand).number())) : operand));
  }
  return [...unsigned(groups.length), ...groups.flatMap((type, i) => [...unsigned(sizes[i]), type]), ...code];
}

/** The module with its local variables numbered anew. */
export function renumberLocals(module) {
  const sections = readSections(module);
  const parameters = parameterCounts(sections);
  return joinSections(
    sections.map(([id, contents]) => {
      if (id !== CODE_SECTION) return [id, contents];
      const reader = new Reader(contents);
      const bodies = Array.from({ length: reader.number() }, (_, i) =>
        renumberBody(reader.take(reader.number()), parameters[i]),
      );
      return [
        id,
        Uint8Array.from([...unsigned(bodies.length), ...bodies.flatMap((body) => [...unsigned(body.length), ...body])]),
      ];
    }),
  );
}
