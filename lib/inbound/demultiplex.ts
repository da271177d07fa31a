import {
  EMPTY,
  filter,
  type GroupedObservable,
  groupBy,
  ignoreElements,
  type Observable,
  type OperatorFunction,
  pipe,
  type SubjectLike,
} from 'rxjs';
import { type Frame } from '../wire/frame.js';

/**
 * Groups frames by stream ID, each group flowing into the Subject of its stream.
 *
 * ```text
 * source   --a--b--A--x--|      a, A: frames of stream 3, b: of stream 2, x: of a stream nobody knows
 * result   --3--2--------|      groups, each emitted before its first frame
 * group 3  --a-----A-----|
 * ```
 *
 * Frames of unknown streams are dropped. A group ends when the Subject of its stream completes; until then, completion and
 * errors of the source reach every group.
 * @param known the Subject of an open stream, or what serves as one; `undefined` for a stream that is unknown or finished
 * @param ended completes at the end of an open stream, and emits nothing. Default: with its Subject
 */
export function demultiplex(
  known: (streamId: number) => (Observable<Frame> & SubjectLike<Frame>) | undefined,
  ended: (streamId: number) => Observable<unknown> | undefined = (streamId) => known(streamId)?.pipe(ignoreElements()),
): OperatorFunction<Frame, GroupedObservable<number, Frame>> {
  let streamId = 0; // of the frame that is on its way, since `connector` is not told
  return pipe(
    filter((frame) => {
      streamId = frame.streamId;
      return known(streamId) !== undefined;
    }),
    groupBy((frame) => frame.streamId, {
      // The stream's own Subject: a fresh one would need a subscription for each stream.
      connector: () => known(streamId) as SubjectLike<Frame>,
      // The stream's own end: a notifier made of the source would cost every stream a look at every frame.
      duration: ({ key }) => ended(key) ?? EMPTY,
    }),
  );
}
