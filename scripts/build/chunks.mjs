/** What esbuild has no options for: changes to the chunks of the library that it wrote, by their syntax trees. */
import fs from 'node:fs';
import path from 'node:path';
import { parseAst } from 'vite';

/** The modules that carry kernels, the first of which the library starts with. */
const CARRIERS = ['baseline', 'relaxed', 'wide'].map((variant) => `src/runtime/kernels.${variant}.generated.ts`);

/** The name by which the entry points hold the core, and the names that esbuild gives its namespaces. */
export const HOLD = '__core';
const HELD = ['core_exports', 'core_apart_exports'];

/** @param metafile what esbuild says of the library that it wrote into dist/ */
export function arrangeChunks({ outputs }) {
  const chunks = Object.keys(outputs).filter((file) => file.startsWith('dist/chunks/'));
  for (const file of Object.keys(outputs).filter((name) => name.endsWith('.js'))) change(file, dropHold);
  for (const file of chunks) change(file, markNamespaces);
  for (const file of chunks) change(file, markRules);
  for (const file of chunks) change(file, nameClasses);
  for (const file of chunks) if (carriesKernels(outputs[file])) change(file, dropBareImports);
  const [kernels] = chunks.filter(
    (file) => CARRIERS[0] in outputs[file].inputs && outputs[file].entryPoint === undefined,
  );
  for (const [file, { imports }] of Object.entries(outputs))
    if (path.dirname(file) === 'dist' && imports.some((to) => to.path === kernels && to.kind === 'import-statement'))
      change(file, (program) => putFirst(program, `./${path.relative('dist', kernels)}`));
}

/** Whether there is nothing in a chunk but kernels, and what checks the wide ones. */
function carriesKernels({ inputs, entryPoint }) {
  const modules = entryPoint === undefined ? Object.keys(inputs) : [entryPoint];
  return modules.every((file) => [...CARRIERS, 'src/runtime/wide.ts'].includes(file));
}

/** Replaces parts of a file. @param edit from the syntax tree: [start, end, text] of each part */
function change(file, edit) {
  let code = fs.readFileSync(file, 'utf8');
  const edits = edit(parseAst(code), code);
  for (const [start, end, text] of edits.toSorted(([a], [b]) => b - a))
    code = code.slice(0, start) + text + code.slice(end);
  if (edits.length > 0) fs.writeFileSync(file, code);
}

/**
 * Lets bundlers drop the namespaces (`nn`, `optim`, …) that a program does not use: esbuild fills the object of one by
 * a call, which looks as if it had other effects.
 */
function markNamespaces({ body }, code) {
  return body.flatMap((statement, i) => {
    const [name, members] = namespaceFilledBy(statement);
    const declaration = body[i - 1];
    if (name === undefined || !declaresEmpty(declaration, name)) return [];
    const text = code.slice(members.start, members.end);
    const filled = `/* @__PURE__ */((namespace)=>(__export(namespace,${text}),namespace))({})`;
    const { id } = declaration.declarations[0];
    return [[declaration.start, statement.end, `var ${id.name}=${filled};`]];
  });
}

/** Functions of src/runtime/arguments.ts that only make a rule. */
const RULES = ['rule', 'wholeFrom', 'listOf', 'either', 'oneOf', 'optional', 'having'];

/** Lets bundlers drop the rules of options that nothing uses, and with them the classes whose options they are. */
function markRules({ body }) {
  const calls = [];
  const walk = (node) => {
    if (node === null || typeof node !== 'object' || /Function|Class/.test(node.type)) return;
    if (node.type === 'CallExpression' && RULES.includes(node.callee.name)) calls.push(node.start);
    for (const part of Object.values(node)) walk(part);
  };
  walk(body.filter(({ type }) => type === 'VariableDeclaration'));
  return calls.map((start) => [start, start, '/* @__PURE__ */']);
}

/** Name and members of a namespace, where a statement is `__export(name, members)`. */
function namespaceFilledBy({ type, expression }) {
  if (type !== 'ExpressionStatement' || expression.type !== 'CallExpression') return [];
  const { callee, arguments: given } = expression;
  return callee.name === '__export' ? [given[0].name, given[1]] : [];
}

/** Whether a statement is `var name = {}`. */
function declaresEmpty(statement, name) {
  if (statement?.type !== 'VariableDeclaration' || statement.declarations.length !== 1) return false;
  const { id, init } = statement.declarations[0];
  return id.name === name && init?.type === 'ObjectExpression' && init.properties.length === 0;
}

/** Takes out what let the entry points hold the core: its namespace, and the names that pass it on. */
function dropHold({ body }, code) {
  return body.flatMap((statement) => {
    const { specifiers = [], start, end } = statement;
    if (HELD.some((name) => declaresEmpty(statement, name)) || HELD.includes(namespaceFilledBy(statement)[0]))
      return [[start, end, '']];
    const kept = specifiers.filter(({ local }) => !HELD.includes(local.name));
    if (kept.length === specifiers.length) return [];
    const texts = kept.map((specifier) => code.slice(specifier.start, specifier.end));
    return [[specifiers[0].start, specifiers.at(-1).end, texts.join(',\n')]];
  });
}

/** Takes out the import of esbuild's helpers. */
function dropBareImports({ body }) {
  return body
    .filter(({ type, specifiers }) => type === 'ImportDeclaration' && specifiers.length === 0)
    .map(({ start, end }) => [start, end, '']);
}

/**
 * Lets the kernels come before all code where a program is bundled: in its midst, their 50 kB keep gzip, which looks
 * back 32 kB, from seeing the code before them (240 bytes).
 */
function putFirst({ body: [first] }, address) {
  return [[first.start, first.start, `import"${address}";`]];
}

/**
 * Gives derived classes (errors, layers, optimizers) their names as literals, which messages and models print: a
 * program that is minified renames the classes. A class of a program's own has its own name all the same.
 */
function nameClasses({ body }) {
  return body
    .flatMap((statement) => {
      if (statement.type === 'ClassDeclaration') return [[statement.id.name, statement]];
      const declarations = statement.type === 'VariableDeclaration' ? statement.declarations : [];
      return declarations.filter(({ init }) => init?.type === 'ClassExpression').map(({ id, init }) => [id.name, init]);
    })
    .filter(([, { superClass }]) => superClass !== null)
    .map(([name, { body: members }]) => [members.start + 1, members.start + 1, `static name="${name}";`]);
}
