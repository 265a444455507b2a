/** The two faces of the results: JSON for programs, Markdown for people. */
import type { Entrant } from './contenders.js';
import type { Measured } from './measure.js';
import type { Quartiles } from './statistics.js';
import type { Case } from './work.js';

export interface PeerTime {
  readonly medianMs: number;
  /** The peer's time divided by ours: above 1 we are faster. */
  readonly ratio: number;
}

export interface Row {
  readonly name: string;
  readonly threads: number;
  readonly fast: boolean;
  readonly wide?: boolean;
  readonly medianMs: number;
  readonly p25: number;
  readonly p75: number;
  readonly gflops: number;
  /**
   * Of `threads` times what one thread can do at most, measured in the same rounds; null where that could not be
   * measured.
   */
  readonly percentOfCeiling: number | null;
  readonly peers: Readonly<Record<string, PeerTime>>;
}

export interface Ceilings {
  readonly mulAddGflops: number | null;
  readonly fmaGflops: number | null;
  /** Read and written bytes together, of a copy that moves 4 MB. */
  readonly copyGBps: number | null;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  readonly date: string;
  /** Everyone who took part, and in which version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Who did not, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

export interface Report {
  readonly machine: Machine;
  readonly ceilings: Ceilings;
  readonly rows: readonly Row[];
}

const rounded = (value: number) => Number(value.toPrecision(5));

/** Of what was measured, what a row tells. */
export interface Timed extends Pick<Measured, 'ceiling' | 'fmaCeiling'> {
  readonly results: readonly {
    readonly entrant: Pick<Entrant, 'who' | 'threads' | 'fast' | 'wide'>;
    readonly times: Quartiles;
  }[];
}

/** One row for each number of threads and each variant of lanewise. */
export function rowsOf({ name, flops, bytes, bound }: Case, { results, ceiling, fmaCeiling }: Timed): Row[] {
  return results
    .filter(({ entrant }) => entrant.who === 'lanewise')
    .map(({ entrant: { threads, fast, wide = false }, times }): Row => {
      const speed = (bound === 'copy' ? bytes : flops) / times.median;
      const limit = bound === 'compute' && fast ? fmaCeiling : ceiling;
      const peers = results
        .filter(({ entrant }) => entrant.who !== 'lanewise' && entrant.threads === threads)
        .map((peer): [string, PeerTime] => [
          peer.entrant.who,
          { medianMs: rounded(peer.times.median), ratio: rounded(peer.times.median / times.median) },
        ]);
      return {
        name,
        threads,
        fast,
        ...(wide && { wide }),
        medianMs: rounded(times.median),
        p25: rounded(times.p25),
        p75: rounded(times.p75),
        gflops: rounded(flops / times.median / 1e6),
        percentOfCeiling: limit === null ? null : rounded((100 * speed) / (threads * limit)),
        peers: Object.fromEntries(peers),
      };
    });
}

// ---- Markdown ----

const milliseconds = (ms: number) => (ms >= 100 ? ms.toFixed(0) : Number(ms.toPrecision(3)).toString());

export function table(header: readonly string[], lines: readonly (readonly string[])[]): string {
  const align = header.map((_, i) => (i === 0 ? '---' : '---:'));
  return [header, align, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function heading({ machine, ceilings }: Omit<Report, 'rows'>): string {
  const value = (number: number | null, unit: string) =>
    number === null ? 'not to be had in this engine' : `${number} ${unit}`;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system}, ` +
      `Node ${machine.node}, ${machine.date}`,
    '',
    `Ceilings of one thread: multiply and add ${value(ceilings.mulAddGflops, 'GFLOP/s')}, fused ` +
      `multiply-add ${value(ceilings.fmaGflops, 'GFLOP/s')}, copy of 4 MB ${value(ceilings.copyGBps, 'GB/s')}.`,
    '',
    ...Object.entries(machine.versions).map(([who, version]) => `- ${who} ${version}`),
    ...Object.entries(machine.absent).map(([who, why]) => `- absent: ${who} (${why})`),
  ].join('\n');
}

/** Which kernels a row is about, where they are not the portable ones. */
export const wayOf = ({ fast, wide }: Pick<Row, 'fast' | 'wide'>): string => (fast ? ' (fast)' : wide ? ' (wide)' : '');

/** A table of each family of rows (`sgemm`, `train`, …). */
export function rowTables(rows: readonly Row[], cases: readonly Case[]): string {
  const families = new Map<string, Row[]>();
  for (const row of rows) {
    const family = row.name.split('/')[0]!;
    families.set(family, [...(families.get(family) ?? []), row]);
  }
  return [...families]
    .map(([family, members]) => {
      const peers = [...new Set(members.flatMap((row) => Object.keys(row.peers)))];
      const copies = cases.find(({ name }) => name === members[0]!.name)?.bound === 'copy';
      const lines = members.map((row) => {
        const single = members.find(
          (other) => other.threads === 1 && other.name === row.name && wayOf(other) === wayOf(row),
        );
        const bytes = cases.find(({ name }) => name === row.name)?.bytes ?? NaN;
        return [
          `${row.name}${wayOf(row)}`,
          String(row.threads),
          `${milliseconds(row.medianMs)} (${milliseconds(row.p25)} to ${milliseconds(row.p75)})`,
          copies ? (bytes / row.medianMs / 1e6).toFixed(1) : row.gflops.toFixed(1),
          row.percentOfCeiling === null ? '' : `${row.percentOfCeiling.toFixed(0)} %`,
          row.threads === 1 || single === undefined ? '' : `${(single.medianMs / row.medianMs).toFixed(2)} ×`,
          ...peers.map((peer) => {
            const time = row.peers[peer];
            return time === undefined ? '' : `${milliseconds(time.medianMs)} (${time.ratio.toFixed(2)} ×)`;
          }),
        ];
      });
      const speed = copies ? 'GB/s' : 'GFLOP/s';
      const others = peers.map((peer) => `${peer}, ms`);
      const head = ['', 'threads', 'ms (quartiles)', speed, 'of ceiling', 'over one thread', ...others];
      return `### ${family}\n\n${table(head, lines)}`;
    })
    .join('\n\n');
}

/** What went wrong or was chosen: each message once, with the rows that it is about. */
export function noteList(notes: readonly (readonly [name: string, notes: readonly string[]])[]): string {
  const rows = new Map<string, string[]>();
  for (const [name, list] of notes) for (const note of list) rows.set(note, [...(rows.get(note) ?? []), name]);
  return [...rows].map(([note, names]) => `- ${note} (${names.join(', ')})`).join('\n');
}
