/**
 * A transform of asc (--transform): writes build/kernels.json, which describes the functions that assembly/index.ts
 * exports, and the records, from the compiler's syntax tree. scripts/build/typings.mjs makes the typings and the table
 * of shares from it.
 *
 *     functions   name → { parameters: [[name, type]], returns, comment, work }
 *     records     name → [[field, type]]                                          the `@unmanaged` classes
 *
 * `work` is the formula of the tag `@work` as JavaScript over `args` and `field(address, index)`, or null.
 */
import * as ast from 'assemblyscript';
import { Transform } from 'assemblyscript/transform';

const { CommonFlags, DecoratorKind, NodeKind, Parser, SourceKind, operatorTokenToString } = ast;

export default class KernelInterface extends Transform {
  async afterParse(parser) {
    const sources = parser.sources.filter(({ internalPath }) => !internalPath.startsWith('~lib/'));
    const records = {};
    for (const { statement } of statementsOf(sources, NodeKind.ClassDeclaration)) {
      if (!statement.decorators?.some(({ decoratorKind }) => decoratorKind === DecoratorKind.Unmanaged)) continue;
      records[statement.name.text] = statement.members
        .filter(({ kind }) => kind === NodeKind.FieldDeclaration)
        .map(({ name, type }) => [name.text, typeName(type)]);
    }
    const functions = {};
    for (const { members, internalPath } of sources.find(({ sourceKind }) => sourceKind === SourceKind.UserEntry)
      .statements) {
      const names = members?.map(({ localName }) => localName.text);
      const source = sources.find((file) => file.internalPath === internalPath);
      for (const { statement, after } of statementsOf([source], NodeKind.FunctionDeclaration)) {
        const name = statement.name.text;
        if (!statement.is(CommonFlags.Export) || names?.includes(name) === false) continue;
        const comment = commentBefore(source.text, after, statement.range.start);
        const parameters = statement.signature.parameters.map((parameter) => [
          parameter.name.text,
          typeName(parameter.type),
        ]);
        const formula = tagOf(comment, '@work');
        const work =
          formula === null ? null : javaScriptOf(expressionOf(formula), { kernel: name, parameters, records });
        functions[name] = { parameters, returns: typeName(statement.signature.returnType), comment, work };
      }
    }
    await this.writeFile('build/kernels.json', JSON.stringify({ functions, records }, null, 1), this.baseDir);
  }
}

function statementsOf(sources, kind) {
  return sources.flatMap((source) =>
    source.statements.flatMap((statement, i) =>
      statement.kind === kind ? [{ source, statement, after: source.statements[i - 1]?.range.end ?? 0 }] : [],
    ),
  );
}

function typeName(type) {
  return type.name.identifier.text;
}

/** The lines of the last documentation comment between two places of a source. */
function commentBefore(text, from, to) {
  const between = text.slice(from, to);
  const open = between.lastIndexOf('/**');
  if (open < 0) return [];
  return between
    .slice(open + 3, between.indexOf('*/', open))
    .split('\n')
    .map((line) => line.trim())
    .map((line) => (line.startsWith('*') ? line.slice(1).trim() : line));
}

/** What stands behind a tag, to the next tag, empty line or end of the comment; null where it is missing. */
function tagOf(comment, tag) {
  const first = comment.findIndex((text) => text.includes(tag));
  if (first < 0) return null;
  const length = comment.slice(first + 1).findIndex((text) => text === '' || text.startsWith('@'));
  const text = comment.slice(first, length < 0 ? undefined : first + 1 + length).join(' ');
  return text.slice(text.indexOf(tag) + tag.length).trim();
}

function expressionOf(formula) {
  const parser = new Parser();
  parser.parseFile(`${formula};`, 'work.ts', true);
  return parser.sources[0].statements[0].expression;
}

/** The formula of a tag `@work` as JavaScript. `where`: what its names may mean. */
function javaScriptOf(node, where) {
  const { kernel, parameters, records } = where;
  const argument = ({ text }) => {
    const index = parameters.findIndex(([name]) => name === text);
    if (index < 0) throw new Error(`@work of ${kernel}: there is no parameter ${text}`);
    return { code: `args[${index}]!`, type: parameters[index][1] };
  };
  switch (node.kind) {
    case NodeKind.Identifier:
      return argument(node).code;
    case NodeKind.Literal:
      return node.range.toString();
    case NodeKind.Parenthesized:
      return isLength(node.expression) ? 'length' : `(${javaScriptOf(node.expression, where)})`;
    case NodeKind.Binary:
      return [node.left, operatorTokenToString(node.operator), node.right]
        .map((part) => (typeof part === 'string' ? part : javaScriptOf(part, where)))
        .join(' ');
    case NodeKind.PropertyAccess: {
      const { type } = argument(node.expression);
      const index = (records[type] ?? []).findIndex(([name]) => name === node.property.text);
      if (index < 0) throw new Error(`@work of ${kernel}: ${node.expression.text} has no field ${node.property.text}`);
      return `record[${index}]!`;
    }
    default:
      throw new Error(`@work of ${kernel}: ${node.range.toString()} is not a formula`);
  }
}

/** Whether an expression is `end - begin`: the length of the share, which the caller knows. */
function isLength(node) {
  return node.kind === NodeKind.Binary && node.range.toString().replaceAll(' ', '') === 'end-begin';
}
