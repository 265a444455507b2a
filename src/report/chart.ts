/** A chart as plain data: what is drawn, in the page and in the SVG files alike. */

export interface Axis {
  readonly name: string;
  readonly scale?: 'linear' | 'log';
  /** Values are shares, shown in percent. */
  readonly percent?: boolean;
  /** Ticks at whole numbers only. */
  readonly whole?: boolean;
  /** Where the axis begins; otherwise where the values do. */
  readonly min?: number;
  /** Where the axis ends though values go on. */
  readonly max?: number;
  /** The first category at the top. */
  readonly down?: boolean;
}

/** One line of a chart: the mean over the seeds. */
export interface Curve {
  readonly name: string;
  /** Which of the palette's colours. */
  readonly color: number;
  readonly dash: 'solid' | 'dashed' | 'dotted';
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Lowest and highest of the seeds; empty with one seed. */
  readonly band: readonly (readonly [x: number, low: number, high: number])[];
  /** Points without a line between them. */
  readonly dots?: boolean;
  /** What has to be known of its end: `1 of 3 diverged`. */
  readonly note?: string;
}

export interface LineChart {
  readonly kind: 'lines';
  /** Name of its file, without ending. */
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  /** Each point is a setting of its own, not a moment of a run. */
  readonly markers?: boolean;
}

/** A cell of a grid of settings; `value` is null where there is no number, and `note` says why. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly value: number | null;
  readonly note?: string;
  /** What stands in the cell in place of its value. */
  readonly text?: string;
}

/** An axis of values, each in a row or column of its own; `labels` stand in their place. */
export interface Categories extends Axis {
  readonly values: readonly number[];
  readonly labels?: readonly string[];
}

export interface HeatChart {
  readonly kind: 'heat';
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly x: Categories;
  readonly y: Categories;
  /** What the colour tells. */
  readonly value: Axis;
  readonly cells: readonly Cell[];
}

/** An axis of parallel coordinates: numbers, or names in their order. */
export type ParallelAxis = Axis & { readonly values?: readonly string[] };

/** A line across all axes for each setting; the colour tells the value, which is the last axis too. */
export interface ParallelChart {
  readonly kind: 'parallel';
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly axes: readonly ParallelAxis[];
  readonly value: Axis;
  readonly lines: readonly {
    readonly name: string;
    /** One for each axis, a name as its place among the axis' values. */
    readonly at: readonly number[];
    readonly value: number;
  }[];
}

export type Chart = LineChart | HeatChart | ParallelChart;
