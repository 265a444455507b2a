/**
 * A transform of asc (--transform) for release builds: drops the calls of `assert` and of the functions of
 * assembly/assert.ts and the like (assertShare, assertConvShape, …) from the bodies of functions, as if they had not
 * been written. `noAssert` alone drops what `assert` does, but not what its condition reads, and the optimizer's
 * choices then depend on it.
 */
import { NodeKind } from 'assemblyscript';
import { Transform } from 'assemblyscript/transform';

export default class DropAsserts extends Transform {
  afterParse(parser) {
    for (const { internalPath, statements } of parser.sources) {
      if (internalPath.startsWith('~lib/')) continue;
      for (const { kind, body } of statements) {
        if (kind === NodeKind.FunctionDeclaration && body?.kind === NodeKind.Block) {
          body.statements = body.statements.filter((statement) => !isAssertion(statement));
        }
      }
    }
  }
}

function isAssertion({ kind, expression }) {
  return (
    kind === NodeKind.Expression &&
    expression.kind === NodeKind.Call &&
    expression.expression.kind === NodeKind.Identifier &&
    expression.expression.text.startsWith('assert')
  );
}
