import { type Metric } from '../metrics.js';

/** A value as the table shows it. */
export function formatValue(value: number, format: Metric['format']): string {
  switch (format) {
    case 'bytes/s':
      return `${Math.round(value / 1e6).toLocaleString('en')} MB/s`;
    case 'per s':
      return `${Math.round(value).toLocaleString('en')} /s`;
    case 'ms':
      return `${value.toPrecision(3)} ms`;
    case 's/GB':
      return `${value.toFixed(2)} s/GB`;
    case 'ns':
      return `${Math.round(value)} ns`;
    case 'bytes':
      return `${Math.round(value).toLocaleString('en')} B`;
    case 'number':
      return String(Number(value.toFixed(4)));
  }
}
