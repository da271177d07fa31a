import { type PushedInputOptions } from './PushedInput.js';

/** @throws RangeError that names the field, unless each that is there is a number of bytes, or `Infinity` */
export function assertSizes(options: PushedInputOptions & { readonly maxBufferedAmount?: number }): void {
  for (const field of ['maxPausedBuffer', 'maxBufferedAmount'] as const) {
    const size = options[field] ?? 1;
    if (!(size > 0)) throw new RangeError(`${field} must be more than 0 bytes, got ${String(size)}`);
  }
}
