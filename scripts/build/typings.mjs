/** What TypeScript knows of the kernels: their parameters, the records, and which of them threads can split. */

/** Types of AssemblyScript → TypeScript; a record is passed by the address of one. */
function typeScriptOf(type, records) {
  if (type === 'void') return type;
  if (type === 'bool') return 'boolean';
  if (type === 'usize') return 'Address';
  if (type === 'OptionalAddress') return type;
  return type in records ? `RecordAddress<'${type}'>` : 'number';
}

/** The kernels with their parameters, and the records: what kernel-interface.mjs found, as TypeScript. */
export function typings({ functions, records }) {
  const kernels = Object.entries(functions).map(([name, { parameters, returns, comment }]) => {
    const list = parameters.map(([parameter, type]) => `${parameter}: ${typeScriptOf(type, records)}`).join(', ');
    const lines =
      comment.length === 0
        ? []
        : [
            '/**',
            ...comment
              .filter((line, i) => line !== '' || (i > 0 && i < comment.length - 1))
              .map((line) => ` * ${line}`.trimEnd()),
            ' */',
          ];
    return [...lines, `readonly ${name}: (${list}) => ${typeScriptOf(returns, records)};`]
      .map((line) => `  ${line}\n`)
      .join('');
  });
  const fields = Object.entries(records).map(
    ([name, list]) => `  ${name}: [${list.map(([field]) => `'${field}'`).join(', ')}],\n`,
  );
  return (
    `/** Every kernel with its parameters. */\nexport interface Kernels {\n  readonly ` +
    `memory: WebAssembly.Memory;\n${kernels.join('')}}\n\n` +
    `/** The records: their fields in the order in which they stand in memory, 32 bits each. */\nexport ` +
    `const records = {\n${fields.join('')}} as const;\n\n`
  );
}

/**
 * The kernels whose last two arguments are a share: what threads can split, and what a call of them costs. They stand
 * at their place among the exports.
 */
export function shareTable({ functions, records }, module) {
  const rows = WebAssembly.Module.exports(new WebAssembly.Module(module)).map(({ name }) => {
    const { parameters = [], work = null } = functions[name] ?? {};
    const names = parameters.map(([parameter]) => parameter);
    if (names.at(-2) !== 'begin' || names.at(-1) !== 'end') return `  , // ${name}`;
    const parts = [];
    if (names.includes('scratch')) parts.push(`scratch: ${names.indexOf('scratch')}`);
    if (work !== null) {
      const [args, record] = ['args[', 'record['].map((text) => work.includes(text));
      if (record) parts.push(`record: ${parameters.findIndex(([, type]) => type in records)}`);
      parts.push(`work: (length${args ? ', args' : record ? ', _args' : ''}${record ? ', record' : ''}) => ${work}`);
    }
    return `  ${parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`}, // ${name}`;
  });
  return (
    '/** The kernels that threads can split, each at its place among the ' +
    `exports. */\nexport const shareKernels: ` +
    `readonly (ShareKernel | undefined)[] = [\n${rows.join('\n')}\n];\n`
  );
}
