/** What the compiler says to those who use the built package, as they would see it in their editor. */
import { expect, test } from 'vitest';
import { compile } from '../support/compile.js';

test('the layer that does not fit is underlined, and why is said', () => {
  const { errors } = compile('types/messages', {
    program: [
      "import { nn } from 'lanewise';",
      'new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(64, 10));',
      'new nn.Sequential(new nn.Conv2d(1, 8, 3), new nn.BatchNorm2d(4));',
      'new nn.Sequential(new nn.Linear(2, 3), new nn.Sequential(new nn.ReLU(), new nn.Linear(4, 5)));',
      'new nn.Residual(new nn.Linear(3, 4));',
      'new nn.Residual(new nn.Linear(3, 4), new nn.Linear(3, 5));',
      'new nn.Residual(new nn.Linear(3, 4), new nn.Linear(2, 4));',
      'new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10)) satisfies nn.Sequential;',
      'const model: nn.Sequential<[nn.Linear<784, 10>]> = new nn.Sequential(new nn.Linear(784, 9));',
    ].join('\n'),
  });
  expect(errors.map(({ line, column, message }) => `${line - 1}:${column} ${message}`)).toEqual([
    "1:59 Argument of type 'Linear<64, 10>' is not assignable to parameter of type '\"layer " +
      '2 takes 64 features, but layer 0 gives 128"\'.',
    "2:43 Argument of type 'BatchNorm2d<4>' is not assignable to parameter of type " +
      '\'"layer 1 takes 4 channels, but layer 0 gives 8"\'.',
    "3:40 Argument of type 'Sequential<[ReLU, Linear<4, 5>]>' is not assignable to parameter of type " +
      '\'"layer 1.1 takes 4 features, but layer 0 gives 3"\'.',
    "4:17 Argument of type 'Linear<3, 4>' is not assignable to parameter of type " +
      '\'"the body gives 4 features, the shortcut 3"\'.',
    "5:38 Argument of type 'Linear<3, 5>' is not assignable to parameter of type " +
      '\'"the body gives 4 features, the shortcut 5"\'.',
    "6:38 Argument of type 'Linear<2, 4>' is not assignable to parameter of type '\"layer " +
      'shortcut takes 2 features, but it gets 3"\'.',
    "8:7 Type 'Sequential<[Linear<784, 9>]>' is not assignable to type 'Sequential<[Linear<784, 10>]>'.",
  ]);
});

test('declarations hold in the strictest project', () => {
  expect(
    compile('types/strict', {
      program: `
import * as lanewise from 'lanewise';
import * as node from 'lanewise/node';
import * as formats from 'lanewise/formats';
import * as recipes from 'lanewise/recipes';
import * as slim from 'lanewise/slim';
void [lanewise, formats, node, recipes, slim];
`,
    }),
  ).toEqual({ errors: [], stdout: '' });
});

/** How many types a model of so many layers makes the compiler instantiate. */
function instantiations(layers: number): number {
  const rows = Array.from({ length: layers / 2 }, (_, i) => `new nn.Linear(${i + 1}, ${i + 2}), new nn.ReLU()`);
  const { errors, stdout } = compile(
    'types/deep',
    {
      program:
        `import { nn } from 'lanewise';\nconst model = new nn.Sequential(${rows.join(', ')});\nconst last: ` +
        `nn.OutputSize<typeof model> = ${layers / 2 + 1};\nvoid last;\n`,
    },
    '--extendedDiagnostics',
  );
  expect(errors).toEqual([]);
  return Number(/Instantiations:\s+(\d+)/.exec(stdout)![1]);
}

test('200 layers are a small part of the 5,000,000 instantiations that the compiler allows a type', () => {
  expect(instantiations(200)).toBeLessThan(250_000);
});
