/** What the compiler must accept and refuse; checked by `npm run typecheck`, and run so that it is also true. */
import { expectTypeOf, test } from 'vitest';
import { nn, zeros, type Tensor } from '../../src/index.js';

class Pair extends nn.Module<[Tensor, Tensor], [Tensor, Tensor]> {
  forward(a: Tensor, b: Tensor): [Tensor, Tensor] {
    return [b, a];
  }
}

test('forward has the types of its module', () => {
  expectTypeOf(new nn.ReLU().forward).toEqualTypeOf<(x: Tensor) => Tensor>();
  expectTypeOf(new Pair().forward(zeros([1]), zeros([1]))).toEqualTypeOf<[Tensor, Tensor]>();
  // @ts-expect-error one input where two are needed
  new Pair().forward(zeros([1]));
});

test('any module is an AnyModule, which cannot be called', () => {
  expectTypeOf<Pair>().toExtend<nn.AnyModule>();
  expectTypeOf<nn.Sequential>().toExtend<nn.AnyModule>();
  expectTypeOf<nn.AnyModule['forward']>().parameters.toBeNever();
});

test('a Sequential takes modules from one tensor to one tensor', () => {
  expectTypeOf<nn.Sequential>().toExtend<nn.Module>();
  expectTypeOf<Pair>().not.toExtend<nn.Module>();
  // @ts-expect-error a module of two inputs does not fit into a row
  new nn.Sequential(new nn.ReLU(), new Pair());
  // @ts-expect-error the class is no module
  expectTypeOf<nn.Sequential>(() => new nn.Sequential(nn.ReLU));
});

test('parameters are tensors', () => {
  expectTypeOf(new nn.ReLU().parameters()).toEqualTypeOf<nn.Parameter[]>();
  expectTypeOf<nn.Parameter>().toExtend<Tensor>();
  expectTypeOf(new nn.ReLU().stateDict()).toEqualTypeOf<Record<string, Tensor>>();
  // A module list keeps the type of what it holds.
  expectTypeOf(new nn.ModuleList([new Pair()]).at(0)).toEqualTypeOf<Pair | undefined>();
});
