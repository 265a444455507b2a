/**
 * Sizes that the compiler knows: what a layer takes and gives, and whether the layers of a row fit together. All of
 * this is types; nothing of it is there at run time. A size that is not a literal is a `number`, which fits everything.
 */

/** Where a module's type keeps its `Sizes`: a property that no module has. @hidden */
export declare const SIZES: unique symbol;

/** Vectors, […,N]: the length of the last axis. */
export interface Features<N extends number = number> {
  readonly features: N;
}

/** Images, [N,C,H,W]: the number of channels, and the pixels of each where they are known. */
export interface Channels<N extends number = number, Pixels extends number = number> {
  readonly channels: N;
  readonly pixels: Pixels;
}

/**
 * What is known of the sizes that a module takes and gives: `Features`, `Channels`, or `unknown`.
 *
 * @example
 * class Perceptron extends nn.Module<[Tensor], Tensor, nn.Sizes<nn.Features<784>, nn.Features<10>>> {
 *   hidden = new nn.Linear(784, 128);
 *   output = new nn.Linear(128, 10);
 *   forward(x: Tensor): Tensor {
 *     return this.output.forward(relu(this.hidden.forward(x)));
 *   }
 * }
 * new nn.Sequential(new nn.Flatten(), new Perceptron(), new nn.Softmax());
 */
export interface Sizes<Takes = unknown, Gives = unknown> {
  readonly takes: Takes;
  readonly gives: Gives;
}

/** Of a layer that gives the shape that it takes. */
export interface Keeps<Takes = unknown> extends Sizes<Takes> {
  readonly keeps: true;
}

/** Of a layer that keeps the channels of an image and gives so many pixels of each. */
export interface Pools<Pixels extends number = number> extends Sizes {
  readonly pixels: Pixels;
}

/** Of a layer that joins all axes but the first. */
export interface Flattens extends Sizes {
  readonly flattens: true;
}

/** Of layers one after another. (None: to be appended.) */
export interface Chain<Layers extends readonly unknown[]> extends Sizes {
  readonly layers: Layers;
}

/** Of a block with a way around it: its body, and the shortcut where there is one. */
export interface Around<Ways extends readonly unknown[]> extends Sizes {
  readonly ways: Ways;
}

type IsAny<T> = 0 extends 1 & T ? true : false;

/** What is known of a module's sizes. */
type SizesOf<Layer> =
  IsAny<Layer> extends true
    ? Sizes
    : Layer extends { readonly [SIZES]?: (infer S extends Sizes) | undefined }
      ? S
      : Sizes;

// ---- From layer to layer ----

/** What runs from one layer to the next, and the path of the layer that settled its size. */
interface Flow<Size = unknown, From extends string = string> {
  readonly size: Size;
  readonly from: From;
}

/** The layer at a path cannot take what reaches it. */
interface Mismatch<Path extends string = string, Message extends string = string> {
  readonly path: Path;
  readonly message: Message;
}

/** Nothing is known of it. */
type Anything = Flow<unknown, ''>;

/** Whether no number can be both. */
type Differ<A, B> = [A & B] extends [never] ? true : false;

/** Why `Size` cannot be what is taken; never where it can. */
type Clash<Size, Takes> =
  Size extends Features<infer Given>
    ? Takes extends Features<infer Taken>
      ? Differ<Given, Taken> extends true
        ? [Given, Taken, 'features']
        : never
      : never
    : Size extends Channels<infer Given>
      ? Takes extends Channels<infer Taken>
        ? Differ<Given, Taken> extends true
          ? [Given, Taken, 'channels']
          : never
        : never
      : never;

type Check<Size, From extends string, Takes, Path extends string, Next> = [Clash<Size, Takes>] extends [never]
  ? Next
  : Clash<Size, Takes> extends [infer Given extends number, infer Taken extends number, infer Noun extends string]
    ? Mismatch<
        Path,
        `layer ${Path} takes ${Taken} ${Noun}, but ${From extends '' ? 'it gets' : `layer ${From} gives`} ${Given}`
      >
    : never;

type Below<Path extends string, Name extends string> = Path extends '' ? Name : `${Path}.${Name}`;

/** Through one layer. (Where sizes or layers are unions: a union of what may come of it.) */
type Step<S, Flowing, Path extends string> =
  Flowing extends Flow<infer Size, infer From>
    ? S extends Chain<infer Layers>
      ? Layers extends readonly []
        ? Anything
        : Walk<Layers, Flowing, `${Path}.`>
      : S extends Around<infer Ways>
        ? Join<
            Step<SizesOf<Ways[0]>, Flowing, Below<Path, 'body'>>,
            Step<ShortcutOf<Ways>, Flowing, Below<Path, 'shortcut'>>,
            Path
          >
        : S extends Flattens
          ? Flow<Size extends Channels<infer N, 1> ? Features<N> : unknown, Path>
          : S extends Pools<infer Pixels>
            ? Flow<Size extends Channels<infer N> ? Channels<N, Pixels> : unknown, From>
            : S extends Keeps<infer Takes>
              ? Check<Size, From, Takes, Path, unknown extends Size ? Flow<Takes, Path> : Flowing>
              : S extends Sizes<infer Takes, infer Gives>
                ? Check<Size, From, Takes, Path, Flow<Gives, Path>>
                : never
    : never;

/** Of the way around the body; where it is not said whether there is one, nothing is known of it. */
type ShortcutOf<Ways extends readonly unknown[]> = Ways['length'] extends 1
  ? Keeps
  : Ways['length'] extends 2
    ? SizesOf<Ways[1]>
    : Sizes;

/** Both ways meet: what one of them knows holds for the other. */
type Join<Main, Shortcut, Path extends string> =
  Main extends Flow<infer Size>
    ? Shortcut extends Flow<infer Other>
      ? [Clash<Size, Other>] extends [never]
        ? Flow<unknown extends Size ? Other : Size, Path>
        : Clash<Size, Other> extends [
              infer Given extends number,
              infer Around extends number,
              infer Noun extends string,
            ]
          ? Mismatch<Path, `the body gives ${Given} ${Noun}, the shortcut ${Around}`>
          : never
      : Shortcut
    : Main;

/** A mismatch counts where nothing else can come of it. */
type Possible<Outcome> = [Exclude<Outcome, Mismatch>] extends [never] ? Outcome : Exclude<Outcome, Mismatch>;

/** Through layers one after another, up to the first mismatch. */
type Walk<
  Layers extends readonly unknown[],
  Flowing = Anything,
  Prefix extends string = '',
  Passed extends readonly unknown[] = [],
> = [Flowing] extends [Mismatch]
  ? Flowing
  : Layers extends readonly []
    ? Flowing
    : Layers extends readonly [infer Layer, ...infer Rest]
      ? Walk<Rest, Possible<Step<SizesOf<Layer>, Flowing, `${Prefix}${Passed['length']}`>>, Prefix, [...Passed, Layer]>
      : WalkEnd<Layers>;

/**
 * Through the last layers of a row in which an array of unknown length stands before them: they have no known
 * positions.
 */
type WalkEnd<Layers extends readonly unknown[], End extends readonly unknown[] = []> = Layers extends readonly [
  ...infer Before,
  infer Layer,
]
  ? WalkEnd<Before, [Layer, ...End]>
  : Exclude<Walk<End>, Mismatch> extends infer Known
    ? [Known] extends [never]
      ? Anything
      : Known
    : never;

/** What the first of these layers that asks for something takes. */
type Takes<Layers extends readonly unknown[]> = Layers extends readonly [infer Layer, ...infer Rest]
  ? TakesNext<SizesOf<Layer>, Rest>
  : unknown;

type TakesNext<S, Rest extends readonly unknown[]> =
  S extends Chain<infer Layers>
    ? Layers extends readonly []
      ? unknown
      : Takes<readonly [...Layers, ...Rest]>
    : S extends Around<infer Ways>
      ? Takes<readonly [Ways[0]]>
      : S extends Flattens
        ? unknown
        : S extends Pools
          ? Takes<Rest> extends infer T extends Channels
            ? T
            : unknown
          : S extends Keeps<infer T>
            ? unknown extends T
              ? Takes<Rest>
              : T
            : S extends Sizes<infer T>
              ? T
              : unknown;

type NumberOf<Size> = Size extends Features<infer N> ? N : Size extends Channels<infer N> ? N : number;

// ---- What layers ask of it ----

/** The features (or, for images, channels) that a module takes: a literal where it is known, else `number`. */
export type InputSize<M> = NumberOf<Takes<[M]>>;

/** The features (or, for images, channels) that a module gives: a literal where it is known, else `number`. */
export type OutputSize<M> =
  Walk<[M]> extends infer End ? (End extends Flow<infer Size> ? NumberOf<Size> : number) : never;

/** A body and a shortcut, if they give the same; else, in place of the last of them, what is wrong. */
export type FittingWays<Ways extends readonly [unknown, unknown?]> = FittingWaysBut<
  Ways,
  Step<Around<Ways>, Flow<Takes<[Ways[0]]>, ''>, ''>
>;

type FittingWaysBut<Ways extends readonly [unknown, unknown?], End> = [End] extends [Mismatch<string, infer Message>]
  ? { [K in keyof Ways]: K extends (Ways['length'] extends 1 ? '0' : '1') ? Message : Ways[K] }
  : Ways;

type Head<Path extends string> = Path extends `${infer Position}.${string}` ? Position : Path;

/** These layers, if they fit together; else, in place of the first that does not, what is wrong with it. */
export type Fitting<Layers extends readonly unknown[]> = FittingBut<Layers, Walk<Layers>>;

type FittingBut<Layers extends readonly unknown[], End> = [End] extends [Mismatch<infer Path, infer Message>]
  ? { [K in keyof Layers]: K extends Head<Path> ? Message : Layers[K] }
  : Layers;
