/** Colours of the charts, on light and on dark ground. */

export interface Theme {
  readonly ground: string;
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  /** Of curves: apart for every kind of colour blindness; six and the three kinds of dashes tell 18 curves apart. */
  readonly palette: readonly string[];
  /** Of a cell that has no number. */
  readonly missing: string;
}

// The first two are of Okabe and Ito's "Color universal design" (2008); the others were searched for beside them, as
// far apart as can be for full and for each kind of colour-blind vision (test/report/colors.test.ts).
export const light: Theme = {
  ground: '#ffffff',
  ink: '#1b1f24',
  quiet: '#59636e',
  rule: '#d5dae0',
  missing: '#b9bfc7',
  palette: ['#0072b2', '#d55e00', '#a020f0', '#8c8c8c', '#22252b', '#6b2c00'],
};

export const dark: Theme = {
  ground: '#14171b',
  ink: '#e8ebef',
  quiet: '#9aa4af',
  rule: '#343b44',
  missing: '#4b535d',
  palette: ['#4aa8e8', '#f08a3c', '#f4e7b0', '#d9305a', '#8f4dff', '#a0679a'],
};

/** Viridis, from low to high: even steps of lightness, legible in grey. */
export const VIRIDIS = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'];

export const DASHES = { solid: 'solid', dashed: [6, 4], dotted: [1.5, 3] } as const;
