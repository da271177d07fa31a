import { type Observable, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { bytesOf } from './bytesOf.js';
import { describeBytes } from './describeBytes.js';
import { describeError } from './describeError.js';
import { type Moment, parseDiagram } from './parseDiagram.js';
import { type VirtualTime } from './VirtualTime.js';

/** Compares, at the end, the bytes that a source has emitted with a diagram; those of one moment belong together. */
export function expectStream(time: VirtualTime, source: Observable<Uint8Array>, subscriptionMarbles: string | null) {
  const actual: Moment<Uint8Array>[] = [];
  const { subscribedFrame, unsubscribedFrame } = TestScheduler.parseMarblesAsSubscriptions(subscriptionMarbles, true);
  let subscription: Subscription | undefined;
  const subscribe = () => {
    const at = () => time.frame;
    subscription = source.subscribe({
      next: (bytes) => void actual.push({ at: at(), kind: 'next', value: bytes }),
      error: (error: unknown) => void actual.push({ at: at(), kind: 'error', error }),
      complete: () => void actual.push({ at: at(), kind: 'complete' }),
    });
  };
  time.schedule(subscribe, subscribedFrame === Number.POSITIVE_INFINITY ? 0 : subscribedFrame);
  if (unsubscribedFrame < Number.POSITIVE_INFINITY) time.schedule(() => subscription?.unsubscribe(), unsubscribedFrame);
  return {
    toBe(diagram: string, table: Readonly<Record<string, string | Uint8Array>> = {}, error?: unknown): void {
      const expected = parseDiagram(diagram, (mark) => bytesOf(table, mark), error);
      time.checkAtEnd(() => time.assertDeepEqual(inWords(actual), inWords(expected)));
    },
  };
}

/** A line for each moment. */
function inWords(moments: readonly Moment<Uint8Array>[]): string[] {
  const lines: string[] = [];
  let chunks: Uint8Array[] = [];
  moments.forEach((moment, index) => {
    const time = `${String(moment.at).padStart(6)} ms  `;
    if (moment.kind === 'complete') lines.push(`${time}complete`);
    else if (moment.kind === 'error') lines.push(`${time}error ${describeError(moment.error)}`);
    else {
      chunks.push(moment.value);
      const next = moments[index + 1];
      if (next?.kind === 'next' && next.at === moment.at) return;
      lines.push(time + describeBytes(Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))));
      chunks = [];
    }
  });
  return lines;
}
