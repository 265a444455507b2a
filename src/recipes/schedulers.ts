/** The schedulers of the setting `scheduler`. To add one, add a line to `SCHEDULERS`. */
import {
  CosineAnnealingLR,
  ExponentialLR,
  OneCycleLR,
  type Optimizer,
  ReduceLROnPlateau,
  type Scheduler,
  StepLR,
} from '../optim/index.js';
import { checkArguments } from '../runtime/arguments.js';
import { anyOf } from './models.js';

/** The settings that a scheduler is made from. */
export interface SchedulerSettings {
  readonly scheduler: SchedulerName;
  readonly lr: number;
  /** Passes over the data; null: as many as `steps` takes. */
  readonly epochs: number | null;
  readonly steps: number | null;
  /** Epochs between the drops of `step`; null: a third of the epochs. */
  readonly stepSize: number | null;
  readonly gamma: number;
  readonly patience: number;
  /** Default: true. */
  readonly cycleMomentum?: boolean;
}

/** How long the run is that a scheduler is laid out over. */
interface Length {
  readonly epochs: number;
  readonly steps: number;
}

interface Entry {
  readonly title: string;
  /** What it does with the learning rate, for the help; settings in braces. */
  readonly help?: string;
  /** The settings that do something with it. */
  readonly uses: readonly ('stepSize' | 'gamma' | 'patience')[];
  readonly build: (optimizer: Optimizer, settings: Omit<SchedulerSettings, 'scheduler'>, length: Length) => Scheduler;
}

/** The schedulers by name; `none` is there beside them. */
export const SCHEDULERS = {
  step: {
    title: 'steps',
    help: 'times {gamma} each {stepSize} epochs',
    uses: ['stepSize', 'gamma'],
    build: (optimizer, { stepSize, gamma }, { epochs }) =>
      new StepLR(optimizer, { stepSize: stepSize ?? Math.ceil(epochs / 3), gamma }),
  },
  exponential: {
    title: 'exponential',
    help: 'times {gamma} each epoch',
    uses: ['gamma'],
    build: (optimizer, { gamma }) => new ExponentialLR(optimizer, { gamma }),
  },
  cosine: {
    title: 'cosine',
    help: 'to 0 over all epochs',
    uses: [],
    build: (optimizer, _, { epochs }) => new CosineAnnealingLR(optimizer, { tMax: epochs }),
  },
  onecycle: {
    title: 'one cycle',
    help: 'up to {lr} and down again, each step',
    uses: [],
    build: (optimizer, { lr, cycleMomentum = true }, { steps }) => {
      // As in PyTorch, momentum goes down while the rate goes up; but one that was left at 0 stays there.
      const { betas, momentum = 0 } = optimizer.paramGroups[0] as { betas?: unknown; momentum?: number };
      const cycles = cycleMomentum && (betas !== undefined || momentum > 0);
      return new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps, cycleMomentum: cycles });
    },
  },
  plateau: {
    title: 'plateau',
    help: 'times {gamma} when the test loss stops falling',
    uses: ['gamma', 'patience'],
    build: (optimizer, { gamma, patience }) => new ReduceLROnPlateau(optimizer, { factor: gamma, patience }),
  },
} as const satisfies Readonly<Record<string, Entry>>;

/** The name of a scheduler, or `none`. */
export type SchedulerName = 'none' | keyof typeof SCHEDULERS;

const entries: Readonly<Record<string, Entry>> = SCHEDULERS;

/** The schedulers that a setting does something with. */
export function schedulersWith(setting: Entry['uses'][number]): string[] {
  return Object.keys(entries).filter((name) => entries[name]!.uses.includes(setting));
}

const CALL =
  `buildScheduler(settings={ scheduler!: ${anyOf(SCHEDULERS)}|'none', lr: 0.1, epochs: 9|0|null, steps: 9|0|null, ` +
  'stepSize: 3|null, gamma: 0.5, patience: 0, cycleMomentum: true, ... }, optimizer, batches=0)';

/**
 * The scheduler that the settings name, laid out over the length of the run; undefined for `none`.
 *
 * @param batches in an epoch
 */
export function buildScheduler(given: SchedulerSettings, optimizer: Optimizer, batches: number): Scheduler | undefined {
  checkArguments(CALL, given, optimizer, batches);
  const { scheduler, ...settings } = given;
  const steps = Math.max(1, Math.min(settings.steps ?? Infinity, (settings.epochs ?? Infinity) * batches));
  return entries[scheduler]?.build(optimizer, settings, { steps, epochs: Math.max(1, Math.ceil(steps / batches)) });
}
