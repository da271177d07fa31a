import { type Subscription } from 'rxjs';
import { type SmuxStream } from '../../../lib/stream.js';
import { type Reaction, type Reading, type Step } from './History.js';
import { intrude } from './intrude.js';
import { type Judge } from './Judge.js';
import { isPattern, pattern } from './pattern.js';
import { FAILURE, isPersistent, readAs } from './readAs.js';
import { StreamWatch } from './StreamWatch.js';

/** What an end knows of its surroundings. */
export interface EndContext {
  readonly judge: Judge;
  readonly maxSendBuffer: number;
  /** Milliseconds. */
  now(): number;
  /** Does something to the session. */
  trouble(what: 'close' | 'destroy'): void;
  /** The peer's FIN has come. */
  hasPeerEnded(): boolean;
  /** Batches that have left. */
  batches(): number;
  /** Something that must settle has begun; call the result when it has. */
  expect(what: string): () => void;
}

/** Which bytes flow where: an echo has the same both ways. */
export interface Directions {
  readonly outbound: number;
  readonly inbound: number;
}

/** One end of a stream: does what its script says, and keeps count of what it wrote and read. */
export class StreamEnd {
  readonly name: string;
  readonly stream: SmuxStream;
  /** Bytes that the session has accepted. */
  written = 0;
  /** Bytes that it has handed out, and that the consumer has finished with. */
  seen = 0;
  consumed = 0;
  isCompleted = false;
  isClosed = false;
  /** What it was aborted with; the session does so itself when there is no room. */
  abortedWith: Error | undefined;
  hasOverflowed = false;
  /** It was closed behind `complete`, and the peer's FIN had not come by then. */
  owesSecondFin = false;
  /** How many batches had left when it was closed. */
  closedAt = 0;
  /** How its reader has ended. */
  outcome: { readonly error?: unknown } | undefined;
  /** What the stream says of itself. */
  readonly watch: StreamWatch;
  /** An echo that has failed has taken bytes that nobody saw. */
  isLost = false;
  readonly #context: EndContext;
  readonly #directions: Directions;
  readonly #reactions = new Map<number, Reaction>();
  #chunks = 0;
  #isEcho = false;
  #isSending = false;
  #reading: Subscription | undefined;

  constructor(stream: SmuxStream, name: string, directions: Directions, context: EndContext) {
    this.stream = stream;
    this.name = name;
    this.#directions = directions;
    this.#context = context;
    this.watch = new StreamWatch(stream, name, context);
  }

  /** Does a step of its script. */
  do(step: Step): void {
    this.#do(step);
    this.noteWritten();
    this.#checkWritable();
  }

  /** Reads to the end, if nobody does. */
  readToEnd(): void {
    if (this.outcome === undefined && !(this.#isEcho && !this.isLost)) this.#read({ kind: 'flow' });
  }

  /** It, or the session, has ended its direction. */
  get isEnded(): boolean {
    return this.isCompleted || this.isClosed || this.isAborted;
  }

  get isAborted(): boolean {
    return this.abortedWith !== undefined || this.hasOverflowed;
  }

  /** Takes note of what `send` has written by now. To be called before bytes leave, or are dropped. */
  noteWritten(): void {
    const { sent, bufferedAmount } = this.stream.stats;
    this.written = Math.max(this.written, sent + bufferedAmount);
    if (this.#isEcho && !this.isLost) this.seen = this.written;
  }

  #do(step: Step): void {
    if (step.do === 'write') this.#write(step.size);
    else if (step.do === 'send') this.#send(step.sizes, step.preventClose);
    else if (step.do === 'echo') this.#echo();
    else if (step.do === 'read') this.#read(step.how);
    else if (step.do === 'react') this.#reactions.set(this.#chunks + step.chunk, step.reaction);
    else if (step.do === 'intrude') this.#intrude();
    else if (step.do === 'close session') this.#context.trouble('close');
    else if (step.do === 'destroy session') this.#context.trouble('destroy');
    else if (step.do === 'stop') this.#reading?.unsubscribe();
    else if (step.do === 'weigh') this.stream.weight = step.weight;
    else this.#end(step.do);
  }

  #end(how: 'complete' | 'close' | 'abort'): void {
    if (how === 'complete') {
      this.isCompleted = true;
      this.stream.complete();
    } else if (how === 'close') {
      if (this.isCompleted && !this.isClosed && !this.isAborted) {
        this.owesSecondFin = !this.#context.hasPeerEnded();
        this.closedAt = this.#context.batches();
      }
      this.isClosed = true;
      this.stream.close();
    } else {
      this.abortedWith ??= new Error(`${this.name} was aborted`);
      this.stream.error(this.abortedWith);
    }
  }

  #write(size: number): void {
    if (this.#isSending) return; // the bytes of `send` and these would mix
    const { stream, name } = this;
    const { judge, maxSendBuffer } = this.#context;
    const wasOpen = !this.isEnded && !this.watch.isWriterEnded && !stream.session.isClosed;
    const hasRoom = stream.session.stats.unsent + size <= maxSendBuffer;
    const before = stream.stats.sent + stream.stats.bufferedAmount;
    stream.next(pattern(this.#directions.outbound, this.written, size));
    const accepted = stream.stats.sent + stream.stats.bufferedAmount - before;
    if (wasOpen && !hasRoom && size > 0) this.hasOverflowed = true;
    const isRight = wasOpen && hasRoom ? accepted === size : accepted <= 0;
    if (!isRight) judge.blame('write', `${name}: ${accepted} of ${size} bytes were accepted`);
  }

  #send(sizes: readonly number[], preventClose: boolean): void {
    if (this.#isSending) return;
    const { judge, expect } = this.#context;
    const isSettled = expect(`send of the ${this.name}`);
    let total = 0;
    this.#isSending = true;
    this.stream.send(chunksOf(this.#directions.outbound, this.written, sizes), { preventClose }).subscribe({
      next: (sent) => {
        if (sent <= total) judge.blame('send', `${this.name}: ${sent} bytes after ${total}`);
        total = sent;
      },
      error: () => {
        this.#isSending = false;
        isSettled();
      },
      complete: () => {
        const size = sizes.reduce((sum, next) => sum + next, 0);
        if (total !== size) judge.blame('send', `${this.name}: ${total} of ${size} bytes, and complete`);
        this.#isSending = false;
        this.isCompleted ||= !preventClose;
        isSettled();
      },
    });
  }

  #echo(): void {
    if (this.#isSending || this.outcome || this.seen > 0) return;
    const isSettled = this.#context.expect(`echo of the ${this.name}`);
    this.#reading?.unsubscribe();
    this.#isSending = this.#isEcho = true;
    this.consumed = Number.POSITIVE_INFINITY; // it does not tell
    this.stream.send(this.stream).subscribe({
      error: () => {
        this.#isSending = false;
        this.isLost = true;
        isSettled();
      },
      complete: () => {
        this.#isSending = false;
        this.isCompleted = true;
        this.outcome = {};
        isSettled();
      },
    });
  }

  #read(how: Reading): void {
    if (this.#isEcho && !this.isLost) return;
    const { judge, expect } = this.#context;
    this.#reading?.unsubscribe();
    const isSettled = expect(`${how.kind} of the ${this.name}`);
    const counts = {
      seen: (chunk: Uint8Array) => {
        if (!this.isLost && !isPattern(chunk, this.#directions.inbound, this.seen)) {
          judge.blame('wrong bytes', `${chunk.length} bytes at ${this.seen}, ${this.name}`);
        }
        this.seen += chunk.length;
        const reaction = this.#reactions.get(++this.#chunks);
        if (reaction) this.do({ after: 0, ...reaction });
      },
      consumed: (size: number) => {
        this.consumed += size;
      },
    };
    const end = (outcome: NonNullable<typeof this.outcome>) => {
      if (this.outcome && this.outcome.error !== outcome.error) judge.blame('another outcome', this.name);
      this.outcome = outcome;
    };
    this.#reading = readAs(this.stream, how, counts).subscribe({
      error: (error: unknown) => {
        if (error !== FAILURE) end({ error });
      },
      complete: () => {
        if (isPersistent(how)) end({});
      },
    });
    this.#reading.add(isSettled);
  }

  #intrude(): void {
    if (this.#reading && !this.#reading.closed)
      intrude(this.stream, () => this.#context.judge.blame('intruder', this.name));
  }

  /** `writable$` tells what `bufferedAmount` does. */
  #checkWritable(): void {
    if (this.isEnded || this.#isSending || this.watch.isWriterEnded || this.stream.session.isClosed) return;
    const { bufferedAmount, session } = this.stream;
    const { maxSendBuffer } = this.#context;
    const hasRoom = session.stats.unsent < maxSendBuffer / 2 && bufferedAmount < Math.min(FLOOR, maxSendBuffer / 8);
    const mustBe = bufferedAmount >= HIGH_WATER ? false : hasRoom ? true : undefined;
    if (mustBe !== undefined && mustBe !== this.watch.isWritable) {
      this.#context.judge.blame(
        'writable$',
        `${this.watch.isWritable} while ${bufferedAmount} bytes wait, ${this.name}`,
      );
    }
  }
}

/** Bytes that every stream may hold while half of the send buffer is free. */
const FLOOR = 4096;

/** Knows nothing else: an iterator that was left early lives until the next microtask, which virtual time has none of. */
function* chunksOf(direction: number, from: number, sizes: readonly number[]): Generator<Uint8Array, void, undefined> {
  let at = from;
  for (const size of sizes) {
    yield pattern(direction, at, size);
    at += size;
  }
}

/** Bytes that may wait before `writable$` says no. */
const HIGH_WATER = 262_144;
