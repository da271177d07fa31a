import {
  catchError,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  mergeMap,
  type ObservableInput,
  type OperatorFunction,
  of,
} from 'rxjs';
import { type SmuxStream } from './stream.js';

/**
 * Serves every stream with a handler of its own; the way to write a server.
 *
 * ```text
 * source   --a---b--c---|
 * handlers   ----|            of a: its stream is closed
 *                ---#         of b: its stream is aborted, the error goes to onError
 *                   -----|    of c
 * result   --------------|
 * ```
 *
 * A stream is closed when its handler completes or the result is unsubscribed. An error of a handler, thrown or notified, aborts
 * its own stream; the others live on.
 * @param project what to do with a stream; its values are ignored
 * @param options.onError told of a failed handler; what it throws itself is reported as RxJS reports unhandled errors. Default:
 * nobody is told; the stream's `closed$` has the cause
 */
export function handleStreams(
  project: (stream: SmuxStream) => ObservableInput<unknown>,
  { onError }: { readonly onError?: (error: unknown, stream: SmuxStream) => void } = {},
): OperatorFunction<SmuxStream, never> {
  // In a subscription of its own, so that a reporter that throws does no harm to the other streams.
  const report = (error: unknown, stream: SmuxStream) => {
    of(error).subscribe((failure) => onError?.(failure, stream));
    return EMPTY;
  };
  return (source) =>
    source.pipe(
      mergeMap((stream) =>
        defer(() => project(stream)).pipe(
          ignoreElements(),
          catchError((error: unknown) => {
            stream.error(error);
            return report(error, stream);
          }),
          finalize(() => stream.close()),
        ),
      ),
    );
}
