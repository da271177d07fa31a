import { type Ending, type SmuxStream } from '../../../lib/stream.js';
import { type EndContext } from './StreamEnd.js';

/** What a stream says of its state and its end. */
export class StreamWatch {
  ending: Ending | undefined;
  /** When, in milliseconds. */
  endedAt = 0;
  isWritable: boolean | undefined;
  /** Nothing more can be written. */
  isWriterEnded = false;

  constructor(stream: SmuxStream, name: string, { judge, now, expect }: EndContext) {
    const isClosedSettled = expect(`closed$ of the ${name}`);
    stream.closed$.subscribe({
      next: (ending) => {
        if (this.ending) judge.blame('two endings', name);
        this.ending = ending;
        this.endedAt = now();
      },
      complete: isClosedSettled,
    });
    const isWritableSettled = expect(`writable$ of the ${name}`);
    stream.writable$.subscribe({
      next: (isWritable) => {
        if (isWritable === this.isWritable) judge.blame('writable$', `${isWritable} twice, ${name}`);
        this.isWritable = isWritable;
      },
      complete: () => {
        this.isWriterEnded = true;
        isWritableSettled();
      },
    });
  }
}
