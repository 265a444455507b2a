/** `lanewise eval` and `lanewise predict` with models of tables. */
import process from 'node:process';
import {
  DataLoader,
  digest,
  evaluate,
  LanewiseError,
  MissingDataError,
  type nn,
  noGrad,
  runtimeInfo,
  scope,
  TensorDataset,
  zeros,
} from '../index.js';
import { writeFileAtomic } from '../node/index.js';
import { EVALUATION_BATCH, measuresOf } from '../recipes/index.js';
import { encodeTable, type TableScaler, unscale } from '../tables/node/index.js';
import { csvField } from '../text/csv.js';
import { plural } from '../text/numbers.js';
import { resultInWords } from './measures.js';
import type { Output } from './output.js';
import { UsageError } from './usage.js';
import { visibleError } from './visible.js';

/** A model that takes the rows of a table. */
export interface TableModel {
  readonly model: nn.Module;
  readonly scaler: TableScaler;
}

/** Says how well a model does on the rows of a CSV file. */
export async function evaluateOnTable(
  checkpoint: string,
  { model, scaler }: TableModel,
  { data, confusion }: { readonly data: string | null; readonly confusion: boolean },
  output: Output,
): Promise<void> {
  if (data === null)
    throw new MissingDataError('no rows are given to evaluate on', {
      where: checkpoint,
      hint: `give a CSV file with the columns of the training, ${JSON.stringify(scaler.target?.name)} among them`,
      options: ['data'],
    });
  if (confusion) throw new UsageError('--confusion: there are confusions of images only');
  const { x, y, notes } = await encodeTable(data, scaler, { withTarget: true });
  for (const note of notes) output.note(`note: ${note}`);
  const loader = new DataLoader(new TensorDataset(x, y!), { batchSize: EVALUATION_BATCH });
  const { loss, accuracy, images, metrics } = await evaluate(model, loader, measuresOf(scaler));
  output.event('eval', {
    checkpoint,
    dataset: 'table',
    images,
    testLoss: loss,
    testAccuracy: accuracy,
    digest: digest(model.stateDict()),
    testMetrics: metrics,
    ...(runtimeInfo().variant === 'wide' && { runtime: runtimeInfo() }),
  });
  output.line(`${plural(images, 'row')} of ${data}: ${resultInWords(loss, accuracy, metrics, 'accuracy ')}`);
}

/** Predicts the target of each row of CSV files: lines of CSV, or one event a row. */
export async function predictTables(
  files: readonly string[],
  { model, scaler }: TableModel,
  out: string | null,
  output: Output,
): Promise<void> {
  const target = scaler.target!;
  const header = ['row', target.name, ...(target.kind === 'category' ? target.values.map((v) => `P(${v})`) : [])];
  const lines = [lineOf(files.length > 1 ? ['file', ...header] : header)];
  for (const file of files) {
    try {
      const { x, rows, notes } = await encodeTable(file, scaler);
      for (const note of notes) output.note(`note: ${note}`);
      const dataset = new TensorDataset(x, zeros([rows.length, 1]));
      let at = 0;
      for (const [batch] of new DataLoader(dataset, { batchSize: EVALUATION_BATCH })) {
        for (const values of predictionsOf(model, scaler, batch)) {
          const row = rows[at++]!;
          const [prediction, ...probabilities] = values;
          output.event('prediction', {
            ...{ file, row, target: target.name },
            ...(target.kind === 'category'
              ? { class: target.values.indexOf(String(prediction)), label: prediction, probabilities }
              : { class: null, label: null, probabilities: null, value: prediction }),
          });
          lines.push(lineOf([...(files.length > 1 ? [file] : []), row, ...values]));
        }
        if (out === null) for (const line of lines.splice(0)) output.line(line);
      }
      dataset.dispose();
    } catch (error) {
      // The others may be fine.
      if (!(error instanceof LanewiseError)) throw error;
      output.event('error', { file, code: error.code, message: error.message });
      process.stderr.write(`error: ${visibleError(error)}\n`);
      process.exitCode = 1;
    }
  }
  if (out === null) return;
  writeFileAtomic(out, `${lines.join('\n')}\n`);
  output.line(`${plural(lines.length - 1, 'prediction')} in ${out}`);
}

/** For each row the number, or the class and the probability of each. */
function predictionsOf(model: nn.Module, { target }: TableScaler, x: Parameters<nn.Module['forward']>[0]) {
  return scope(() =>
    noGrad((): (string | number)[][] => {
      const outputs = model.forward(x);
      if (target?.kind === 'number') return Array.from(unscale(target, outputs.data('float32')), (value) => [value]);
      return (outputs.softmax(1).toArray() as number[][]).map((probabilities) => [
        target!.values[probabilities.indexOf(Math.max(...probabilities))]!,
        ...probabilities,
      ]);
    }),
  );
}

const lineOf = (fields: readonly (string | number)[]): string => fields.map(csvField).join(',');
