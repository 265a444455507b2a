/** How the results of an evaluation are shown, of classes and of numbers. */
import { percent } from '../text/numbers.js';

/** A number with the digits that matter: `0.8731`, `12345`. */
const short = (value: number): string => String(Number(value.toPrecision(Math.abs(value) >= 1e5 ? 6 : 4)));

const LABELS: Readonly<Record<string, string>> = { r2: 'R²', mae: 'MAE', rmse: 'RMSE', mse: 'MSE', f1: 'F1' };

/** `R² 0.8731, MAE 12.3`; accuracy stands elsewhere. */
export function metricsInWords(metrics: Readonly<Record<string, number>> = {}): string {
  return Object.entries(metrics)
    .filter(([name]) => name !== 'accuracy')
    .map(([name, value]) => `${LABELS[name] ?? name} ${name === 'f1' ? percent(value) : short(value)}`)
    .join(', ');
}

/** `loss 0.1234, 98.76 %, F1 98.70 %` */
export function resultInWords(
  loss: number,
  accuracy: number | null,
  metrics?: Readonly<Record<string, number>>,
  name = '',
): string {
  return [
    `loss ${loss.toFixed(4)}`,
    ...(accuracy === null ? [] : [`${name}${percent(accuracy)}`]),
    metricsInWords(metrics),
  ]
    .filter((part) => part !== '')
    .join(', ');
}
