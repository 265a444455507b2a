/**
 * What a study is: settings to train with, and the published figures that theirs stand beside. All of it can be JSON.
 */

import type { DatasetName } from '../index.js';
import type { TrainSettings } from '../recipes/index.js';
import type { Machine } from './machine.js';
import type { Measure } from './measure.js';
import type { RunResult } from './result.js';

/** One setting of a study, trained once with each seed. */
export interface Row {
  /** Unique in the study; letters, digits, `.` and `-`: it names directories. */
  readonly id: string;
  readonly label: string;
  /** What differs from the settings of its group. */
  readonly settings: Partial<TrainSettings>;
  /** Whether it was added to what the report published: an extra row. */
  readonly extra?: boolean;
}

/** Rows that are trained alike. */
export interface Group {
  readonly id: string;
  readonly title: string;
  /** What all rows of the group have in common; the rest are the defaults of `lanewise train`. */
  readonly settings: Partial<TrainSettings>;
  /** The rows; or how they follow from the results of all groups before this one. */
  readonly rows: readonly Row[] | ((before: readonly RunResult[]) => readonly Row[]);
  /**
   * The share of the training images that is set aside, to judge the rows by instead of the test images: then
   * `testLoss` and `testAccuracy` of the epochs are those of the images set aside. Default: 0.
   */
  readonly validation?: number;
  /**
   * With how many seeds its rows are run unless another number is asked for: fewer where a run takes an hour, or rows
   * are many. Default: 3.
   */
  readonly seeds?: number;
  /** The rows that are left in the small version of the study. Default: all. */
  readonly quickRows?: readonly string[];
}

/** A cell of a published table: the figure, and what of which row stands beside it. */
export interface Cell {
  /** As published, in the unit of the measure (accuracies as shares from 0 to 1); null where the report gives none. */
  readonly published: number | null;
  /** Id of the row of ours. */
  readonly row: string;
  readonly measure: Measure;
  /** What the report says beside the figure, such as `about`. */
  readonly note?: string;
  /** Whether the report's run diverged: then the figure is chance, and ours agrees if all seeds diverge too. */
  readonly diverges?: boolean;
}

/** A table of the report. */
export interface PublishedTable {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly string[];
  /** Null where the table has an empty cell. */
  readonly rows: readonly { readonly label: string; readonly cells: readonly (Cell | null)[] }[];
}

/** A line over steps, epochs or seconds for each of some rows (mean over the seeds). */
export interface CurveFigure {
  readonly kind: 'curves';
  readonly id: string;
  readonly title: string;
  readonly x: 'step' | 'epoch' | 'seconds';
  /**
   * `stepLoss` and `stepAccuracy` are the means of `RunResult.curve` against the step; the others are those of the
   * epochs.
   */
  readonly y: 'stepLoss' | 'stepAccuracy' | 'trainLoss' | 'trainAccuracy' | 'testLoss' | 'testAccuracy';
  /** Ids of rows. */
  readonly rows: readonly string[];
  readonly yScale?: 'linear' | 'log';
}

/** What the runs of a group came to, over one of their settings or two, each on a logarithmic axis. */
export interface SearchFigure {
  readonly kind: 'search';
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly x: SearchAxis;
  /** With it: a heat map; without: points over `x`. */
  readonly y?: SearchAxis;
  readonly measure: Measure;
}

export interface SearchAxis {
  readonly setting: 'lr' | 'weightDecay';
  readonly label: string;
  /** What the setting is divided by to give the axis' value: 2 for λ of λ‖W‖², whose gradient is 2λW. Default: 1. */
  readonly per?: number;
}

export type Figure = CurveFigure | SearchFigure;

/** The best rows of a group, the best first, beside those that the report names. */
export interface Ranking {
  readonly id: string;
  readonly caption: string;
  readonly group: string;
  readonly top: number;
  readonly measure: Measure;
  readonly settings: readonly SearchAxis[];
  /** As published, the best first. */
  readonly published: readonly { readonly settings: readonly (number | null)[]; readonly value: number }[];
}

export interface Study {
  readonly name: string;
  readonly title: string;
  /** What is asked, and why: a paragraph each. */
  readonly question: readonly string[];
  readonly dataset: DatasetName;
  readonly groups: readonly Group[];
  readonly tables: readonly PublishedTable[];
  readonly rankings: readonly Ranking[];
  readonly figures: readonly Figure[];
  /** What the published report leaves open, and what was chosen. */
  readonly choices: readonly string[];
  /** Why figures of ours differ from the published ones, as far as it is known; about full runs. */
  readonly remarks: readonly string[];
  /** What the small version changes in all rows: fewer images, fewer epochs. */
  readonly quick: Partial<TrainSettings>;
}

/** A row as it is run: with all that its group says. */
export interface PlannedRow extends Row {
  readonly group: string;
  /** The seeds that it is run with. */
  readonly seeds: readonly number[];
  /** Of group and row together. */
  readonly settings: Partial<TrainSettings>;
  readonly validation: number;
}

/** A study as it is written down: groups without the rows, which stand in a list of their own. */
export type StudyRecord = Omit<Study, 'groups'> & { readonly groups: readonly Pick<Group, 'id' | 'title'>[] };

/** `study.json` */
export interface Manifest {
  readonly version: 1;
  readonly study: StudyRecord;
  readonly quick: boolean;
  /** The rows known so far: those of a group that follows from others are added when these are done. */
  readonly rows: readonly PlannedRow[];
  /** How many seeds were asked for; null: as many as the study says. Those of each row stand with it. */
  readonly seeds: number | null;
  /** Runs at a time, and threads of each. */
  readonly jobs: number | null;
  readonly threads: number;
  readonly machine: Machine;
  /** What stands in for data that were not installed when it began, a line each. */
  readonly notes?: readonly string[] | undefined;
  /** What was typed. */
  readonly command: string;
  /** Of lanewise. */
  readonly lanewise: string;
  /** As in ISO 8601; `ended` is null until all runs are at their end. */
  readonly began: string;
  readonly ended: string | null;
}
