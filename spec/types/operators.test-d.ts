import {
  type GroupedObservable,
  type MonoTypeOperatorFunction,
  type Observable,
  type OperatorFunction,
  of,
  type SubjectLike,
} from 'rxjs';
import { expectTypeOf } from 'vitest';
import { type SmuxStream } from '../../lib/index.js';
import {
  Command,
  type DataFrame,
  decodeFrames,
  demultiplex,
  encodeFrames,
  type FairQueueOptions,
  type Frame,
  fairQueue,
  limitByCredit,
  type SignalFrame,
  type UpdateFrame,
  type Version,
  type WindowUpdate,
  windowUpdates,
} from '../../lib/operators.js';

expectTypeOf(decodeFrames).toEqualTypeOf<(version: Version | 'auto') => OperatorFunction<Uint8Array, Frame>>();
expectTypeOf(demultiplex).toEqualTypeOf<
  (
    known: (streamId: number) => (Observable<Frame> & SubjectLike<Frame>) | undefined,
    ended?: (streamId: number) => Observable<unknown> | undefined,
  ) => OperatorFunction<Frame, GroupedObservable<number, Frame>>
>();
expectTypeOf(limitByCredit).toEqualTypeOf<(limit$: Observable<number>) => MonoTypeOperatorFunction<Uint8Array>>();
expectTypeOf(windowUpdates).toEqualTypeOf<
  (options: {
    readonly window: number | (() => number);
    readonly consumed?: number;
    readonly limit?: number;
    readonly sent$?: Observable<unknown>;
  }) => OperatorFunction<number, WindowUpdate>
>();
expectTypeOf(fairQueue).toEqualTypeOf<(options: FairQueueOptions) => OperatorFunction<Frame, readonly Frame[]>>();
expectTypeOf(encodeFrames).toEqualTypeOf<() => OperatorFunction<readonly Frame[], readonly Uint8Array[]>>();
expectTypeOf<FairQueueOptions>().toEqualTypeOf<{
  readonly demand$: Observable<unknown>;
  readonly key?: (frame: Frame) => number;
  readonly weight?: (key: number) => number;
  readonly isControl?: (frame: Frame) => boolean;
  readonly drop$?: Observable<number>;
  readonly batchSize?: number | (() => number);
}>();
expectTypeOf<WindowUpdate>().toEqualTypeOf<{ readonly consumed: number; readonly window: number }>();

// They fit together.
declare const chunks$: Observable<Uint8Array>;
declare const stream: SmuxStream;
expectTypeOf(chunks$.pipe(decodeFrames('auto'), fairQueue({ demand$: of(1) }), encodeFrames())).toEqualTypeOf<
  Observable<readonly Uint8Array[]>
>();
expectTypeOf(stream.pipe(limitByCredit(of(4)))).toEqualTypeOf<Observable<Uint8Array>>();

// A command tells what its frame holds.
expectTypeOf<Frame>().toEqualTypeOf<SignalFrame | DataFrame | UpdateFrame>();
expectTypeOf(Command).toEqualTypeOf<{
  readonly SYN: 0;
  readonly FIN: 1;
  readonly PSH: 2;
  readonly NOP: 3;
  readonly UPD: 4;
}>();
expectTypeOf<Command>().toEqualTypeOf<0 | 1 | 2 | 3 | 4>();
declare const frame: Frame;
if (frame.command === Command.PSH) expectTypeOf(frame.payload).toEqualTypeOf<Uint8Array>();
else if (frame.command === Command.UPD) expectTypeOf(frame).toEqualTypeOf<UpdateFrame>();
else expectTypeOf(frame).toEqualTypeOf<SignalFrame>();
// @ts-expect-error only PSH has a payload
expectTypeOf(frame.payload).toBeAny();
