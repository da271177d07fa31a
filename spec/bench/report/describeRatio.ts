import { type Line } from './lines.js';

/** How a peer compares, in words; nothing for what is compared with itself, or with nothing. */
export function describeRatio({ metric: { against }, peer, ratio }: Line): string {
  if (against === undefined || ratio === undefined) return '';
  if ('peer' in against) return against.peer === peer ? '' : `${ratio.toFixed(2)} x ${against.peer}`;
  return `${ratio.toFixed(2)} x ${against.title}`;
}
