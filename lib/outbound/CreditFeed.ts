import { noop, type Subscription } from 'rxjs';
import { Feed } from '../Feed.js';
import { limitByCredit } from './limitByCredit.js';

/** The near end of a pipe in which bytes wait for credit: what a peer allows, or a consumer wants. */
export class CreditFeed extends Feed<Uint8Array> {
  /** Bytes that may pass in all. */
  readonly limit$ = new Feed<number>();
  /** Ends the pipe, with what waits in it. */
  readonly flow: Subscription;

  constructor(limit: number, next: (chunk: Uint8Array) => void, complete: () => void = noop) {
    super();
    this.flow = this.pipe(limitByCredit(this.limit$)).subscribe({ next, complete });
    this.limit$.next(limit);
  }
}
