import { type ResolvedOptions } from '../../../lib/options.js';
import { type Session } from '../../../lib/session.js';
import { type SmuxStream } from '../../../lib/stream.js';
import { type Judge } from './Judge.js';

/** Streams of the peer are taken as long as the options allow, and not beyond. */
export class RefusalRules {
  readonly #options: ResolvedOptions;
  readonly #judge: Judge;
  /** SYNs that have come, streams that the application was given, and those of them that are over. */
  #asked = 0;
  #accepted = 0;
  #ended = 0;
  /** As they were at the last check. */
  #before = { refused: 0, accepted: 0, ended: 0 };

  constructor(options: ResolvedOptions, judge: Judge) {
    this.#options = options;
    this.#judge = judge;
  }

  asked(): void {
    this.#asked++;
  }

  accepted(stream: SmuxStream): void {
    this.#accepted++;
    stream.closed$.subscribe(() => this.#ended++);
  }

  /** To be called after each thing that happens. */
  check({ stats, isClosed }: Session, isAccepting: boolean): void {
    const { maxStreams, acceptBacklog } = this.#options;
    const refused = stats.streamsRefused;
    if (refused > this.#before.refused && !isClosed) {
      // As many as there can have been when it was refused.
      const live = this.#asked - refused - this.#before.ended;
      const waiting = isAccepting ? -1 : this.#asked - refused - this.#before.accepted;
      if (live < maxStreams && waiting < acceptBacklog) {
        this.#judge.blame('refusal', `${live} of ${maxStreams} streams live, ${waiting} of ${acceptBacklog} wait`);
      }
    }
    const live = this.#accepted - this.#ended;
    if (live > maxStreams) this.#judge.blame('maxStreams', `${live} of ${maxStreams} streams live`);
    this.#before = { refused, accepted: this.#accepted, ended: this.#ended };
  }
}
