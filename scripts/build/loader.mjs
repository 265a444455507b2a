/** `@assemblyscript/loader` without what the kernels have no use for. */
import fs from 'node:fs';
import { parseAst } from 'vite';

/** All nodes of a syntax tree. */
function* nodesOf(node) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.type === 'string') yield node;
  for (const part of Object.values(node)) yield* nodesOf(part);
}

const isCall = (node, name) => node.type === 'CallExpression' && node.callee.name === name;

/** What takes the place of a node: [start, end, text]. */
function editOf(node, code) {
  const { start, end } = node;
  if (isCall(node, 'preInstantiate')) return [start, end, 'undefined'];
  if (isCall(node, 'postInstantiate')) {
    const [, instance] = node.arguments;
    return [start, end, `${code.slice(instance.start, instance.end)}.exports`];
  }
  if (node.type === 'IfStatement' && isCall(node.test, 'isResponse')) return [start, end, ''];
  // It would be made as the library is imported; jsdom, for one, has none.
  if (node.type === 'NewExpression' && node.callee.name === 'TextDecoder') return [start, start, '/* @__PURE__ */'];
  return undefined;
}

/**
 * A plugin that lets the loader instantiate bytes alone. It also gives modules what they may import (abort, trace,
 * seed), takes a Response, and makes of the exports what reads and writes managed objects (strings, arrays). The
 * kernels import their memory and export functions of numbers, and the rest would be 2 kB of the core.
 */
export const plainLoader = {
  name: 'plain-loader',
  setup(build) {
    build.onLoad({ filter: /@assemblyscript[\\/]loader[\\/]index\.js$/ }, ({ path: file }) => {
      const code = fs.readFileSync(file, 'utf8');
      const edits = [...nodesOf(parseAst(code))].flatMap((node) => {
        const edit = editOf(node, code);
        return edit === undefined ? [] : [edit];
      });
      if (edits.length < 8)
        throw new Error(`@assemblyscript/loader is another than the one that ${import.meta.url} edits`);
      edits.sort(([a], [b]) => b - a);
      return { contents: edits.reduce((text, [start, end, by]) => text.slice(0, start) + by + text.slice(end), code) };
    });
  },
};
