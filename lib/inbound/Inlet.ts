import { Feed } from '../Feed.js';
import { type Frame } from '../wire/frame.js';

/**
 * Where the frames of a stream arrive: hands them to one receiver, as a subscription to a Subject would, without the memory of
 * either. Who subscribes learns of the end only.
 */
export class Inlet<R extends { receive(frame: Frame): void }> extends Feed<Frame> {
  /** `undefined` after the end. */
  receiver: R | undefined;

  constructor(receiver: R) {
    super();
    this.receiver = receiver;
  }

  override next(frame: Frame): void {
    this.receiver?.receive(frame);
  }

  /** The link has failed: how its streams end is for the session to say. */
  error(): void {}

  /**
   * Lets go of the receiver: a Map of V8 that has been outgrown keeps its last entries alive until the next full collection of
   * garbage. With a stream behind each of them, opening and closing streams took twice as long.
   */
  override complete(): void {
    super.complete();
    this.receiver = undefined;
  }
}
