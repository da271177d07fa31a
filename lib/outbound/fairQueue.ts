import { NEVER, Observable, type OperatorFunction } from 'rxjs';
import { follow } from '../follow.js';
import { Fifo } from '../queue/Fifo.js';
import { frameSize } from '../wire/encodeFrames.js';
import { type Frame } from '../wire/frame.js';
import { RoundRobin } from './RoundRobin.js';

/** How frames are told apart and when they are wanted. */
export interface FairQueueOptions {
  /** Each value asks for one batch; a batch asked of an empty queue goes out with the next frame. */
  readonly demand$: Observable<unknown>;
  /** Whose turn a frame takes. Default: its stream. */
  readonly key?: (frame: Frame) => number;
  /** Share of a key, from 1 on; asked at each turn. Default: 1 */
  readonly weight?: (key: number) => number;
  /** Frames that go before all others, first come first served. Default: none */
  readonly isControl?: (frame: Frame) => boolean;
  /** Keys whose waiting frames are thrown away; control frames stay. */
  readonly drop$?: Observable<number>;
  /** A batch ends with the frame that makes it reach this size on the wire, in bytes; a function is asked each time. Default: 131072 */
  readonly batchSize?: number | (() => number);
}

/**
 * Lines frames up for one link: control frames first, then streams in turn, each with the same share of bytes.
 *
 * ```text
 * source   -(aab)-c--|          a: 10000 bytes of stream 3, b: 10000 of stream 5, c: control
 * demand$  ------------d---
 * result   ------------(x|)     x: [c, a, b, a], as far as a batch goes
 * ```
 *
 * Turns are counted in bytes, not frames (deficit round robin), so that small frames do not starve beside large ones. The source
 * may complete before the queue is empty: what waits is still served.
 */
export function fairQueue(options: FairQueueOptions): OperatorFunction<Frame, readonly Frame[]> {
  const { demand$, drop$ = NEVER, isControl = () => false, batchSize = BATCH_SIZE } = options;
  const { key = (frame: Frame) => frame.streamId, weight = () => 1 } = options;
  return (source) =>
    new Observable((subscriber) => {
      const control = new Fifo<Frame>();
      const data = new RoundRobin<Frame>({ key, weight, size: frameSize });
      let isDemanded = false;
      let isEnded = false;

      const serve = () => {
        if (isDemanded && control.size + data.size > 0) {
          isDemanded = false;
          const batch: Frame[] = [];
          let wanted = typeof batchSize === 'function' ? batchSize() : batchSize;
          do {
            const frame = (control.shift() ?? data.shift()) as Frame;
            batch.push(frame);
            wanted -= frameSize(frame);
          } while (wanted > 0 && control.size + data.size > 0);
          subscriber.next(batch);
        }
        if (isEnded && control.size + data.size === 0) subscriber.complete();
      };
      const take = (frame: Frame) => {
        (isControl(frame) ? control : data).push(frame);
        if (isDemanded) serve();
      };
      follow(subscriber, drop$, (dropped) => {
        data.drop(dropped);
        serve();
      });
      follow(subscriber, demand$, () => {
        isDemanded = true;
        serve();
      });
      follow(subscriber, source, take, () => {
        isEnded = true;
        serve();
      });
    });
}

const BATCH_SIZE = 131_072;
