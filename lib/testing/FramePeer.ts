import { defer, EMPTY, type Observable } from 'rxjs';
import { type TransportInfo } from '../transport/Transport.js';
import { encodeFrames } from '../wire/encodeFrames.js';
import { FrameDecoder } from '../wire/FrameDecoder.js';
import { type Frame } from '../wire/frame.js';
import { describeBytes } from './describeBytes.js';
import { describeError } from './describeError.js';
import { describeFrame } from './describeFrame.js';
import { type LinkedTransport } from './linkedTransports.js';
import { type Moment } from './parseDiagram.js';
import { type FrameNote, type FrameTransport } from './TestHelpers.js';
import { type VirtualTime } from './VirtualTime.js';

/** The transport of a session whose peer does what a diagram says, and takes notes of what the session sends. */
export class FramePeer implements FrameTransport {
  readonly info: TransportInfo = {};
  readonly drained$: Observable<void>;
  readonly flushed$: Observable<never>;
  /** What has passed, in words; times are counted from when the session was made. */
  readonly received: FrameNote[] = [];
  readonly sent: FrameNote[] = [];
  readonly #near: LinkedTransport;
  readonly #far: LinkedTransport;
  readonly #script: readonly Moment<Frame | Uint8Array>[];
  readonly #time: VirtualTime;
  readonly #decoder = new FrameDecoder('auto');
  #startedAt: number | undefined;

  constructor(
    [near, far]: readonly [LinkedTransport, LinkedTransport],
    script: readonly Moment<Frame | Uint8Array>[],
    time: VirtualTime,
  ) {
    this.#near = near;
    this.#far = far;
    this.#script = script;
    this.#time = time;
    this.drained$ = near.drained$;
    this.flushed$ = near.flushed$ ?? EMPTY;
  }

  readonly incoming$ = defer(() => {
    this.#start();
    return this.#near.incoming$;
  });

  write(batch: readonly Uint8Array[]): boolean {
    return this.#near.write(batch);
  }

  pause(): void {
    this.#near.pause();
  }

  resume(): void {
    this.#near.resume();
  }

  close(): void {
    this.#near.close();
  }

  destroy(): void {
    this.#near.destroy();
  }

  #start(): void {
    if (this.#startedAt !== undefined) throw new Error('what frames makes is for one session');
    this.#startedAt = this.#time.frame;
    for (const moment of this.#script) this.#time.schedule(() => this.#play(moment), moment.at);
    const sink = { closed: false, next: (frame: Frame) => this.#note(this.sent, describeFrame(frame)) };
    this.#far.incoming$.subscribe({
      next: (chunk) => this.#decoder.push(chunk, sink),
      error: () => undefined, // the link breaks because the diagram says so
      complete: () => this.#note(this.sent, THE_END),
    });
  }

  #play(moment: Moment<Frame | Uint8Array>): void {
    if (moment.kind === 'next') {
      const { value } = moment;
      const isRaw = value instanceof Uint8Array;
      this.#note(this.received, isRaw ? describeBytes(value) : describeFrame(value));
      this.#far.write(isRaw ? [value] : encodeFrames([value]));
    } else if (moment.kind === 'complete') {
      this.#note(this.received, THE_END);
      this.#far.close();
    } else {
      const { error } = moment;
      this.#note(this.received, `the link breaks: ${describeError(error)}`);
      this.#near.break(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #note(notes: FrameNote[], words: string): void {
    notes.push({ at: this.#time.frame - (this.#startedAt ?? 0), words });
  }
}

/** How the notes call the end of one direction of the link. */
export const THE_END = 'the end';
