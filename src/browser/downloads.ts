/** What the page gives away: files of weights, of metrics, and a picture of the curves. */
import type { Curves } from './curves.js';
import { contextOf, cssVariable, element } from './dom.js';
import type { Run } from './run.js';

export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = element('a', { href: url, download: name });
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A line for each step and each test: `run,step,kind,loss,accuracy,images`. */
export function metricsCsv(runs: readonly Run[]): string {
  const lines = runs.flatMap((run) => [
    ...run.losses.map((loss, i) => [
      run.name,
      i + 1,
      'train',
      loss,
      run.accuracies[i]!,
      run.recipe!.settings.batchSize,
    ]),
    ...run.tests.map(({ step, loss, accuracy, images }) => [run.name, step, 'test', loss, accuracy, images]),
  ]);
  return ['run,step,kind,loss,accuracy,images', ...lines.map((line) => line.join(','))]
    .map((line) => `${line}\n`)
    .join('');
}

export function metricsJson(runs: readonly Run[]): string {
  return `${JSON.stringify(
    runs.map((run) => ({
      run: run.name,
      title: run.recipe?.title,
      settings: run.recipe?.settings,
      info: run.info,
      epochs: run.epochs,
      train: { loss: run.losses, accuracy: run.accuracies },
      test: run.tests,
      digest: run.digest,
    })),
    null,
    1,
  )}\n`;
}

/** The charts one below the other, with a legend, as a PNG. */
export async function curvesPng(charts: readonly Curves[], runs: readonly Run[]): Promise<Blob> {
  const canvases = charts.flatMap(({ canvas, title }) => (canvas === null ? [] : [{ canvas, title }]));
  const unit = devicePixelRatio;
  const [margin, line] = [16 * unit, 22 * unit];
  const picture = element('canvas');
  picture.width = Math.max(...canvases.map(({ canvas }) => canvas.width)) + 2 * margin;
  picture.height = canvases.reduce((sum, { canvas }) => sum + canvas.height + 2 * line, 2 * margin + line);
  const context = contextOf(picture);
  context.fillStyle = cssVariable('--surface');
  context.fillRect(0, 0, picture.width, picture.height);
  context.font = `${13 * unit}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  let x = margin;
  for (const run of runs) {
    const text = `${run.name}  ${run.recipe?.title ?? ''}`;
    context.fillStyle = cssVariable(`--${run.side}`);
    context.fillText(text, x, margin + line / 2);
    x += context.measureText(text).width + 2 * margin;
  }
  context.fillStyle = cssVariable('--muted');
  context.fillText('line: train, dashes: test', x, margin + line / 2);
  let y = margin + 2 * line;
  for (const { canvas, title } of canvases) {
    context.fillStyle = cssVariable('--ink');
    context.fillText(title, margin, y);
    context.drawImage(canvas, margin, y + line / 2);
    y += canvas.height + 2 * line;
  }
  return new Promise((resolve, reject) => {
    picture.toBlob(
      (blob) => (blob === null ? reject(new Error('this browser could not make a PNG of the curves')) : resolve(blob)),
      'image/png',
    );
  });
}
