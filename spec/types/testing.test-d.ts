import { type Observable } from 'rxjs';
import { type RunHelpers } from 'rxjs/testing';
import { expectTypeOf } from 'vitest';
import { type Session, type SessionOptions, type Transport } from '../../lib/index.js';
import { type DataFrame, type Frame, type SignalFrame, type UpdateFrame, type Version } from '../../lib/operators.js';
import {
  type FrameBuilders,
  type FrameNote,
  type FrameTransport,
  fin,
  framesOf,
  type LinkDirection,
  type LinkedSessions,
  type LinkedTransport,
  type LinkOptions,
  linkedTransports,
  nop,
  psh,
  type RunOptions,
  run,
  syn,
  type TestHelpers,
  upd,
} from '../../lib/testing/index.js';

// Links
expectTypeOf(linkedTransports).toEqualTypeOf<(options?: LinkOptions) => [LinkedTransport, LinkedTransport]>();
expectTypeOf<LinkedTransport>().toExtend<Transport>();
expectTypeOf<LinkedTransport['break']>().toEqualTypeOf<(cause: Error) => void>();
expectTypeOf<LinkedTransport['silence']>().toEqualTypeOf<() => void>();
expectTypeOf<Omit<LinkDirection, 'chunkSize'>>().toExtend<{ readonly [field: string]: number | undefined }>();
expectTypeOf<LinkDirection['chunkSize']>().toEqualTypeOf<number | 'random' | undefined>();
expectTypeOf<LinkOptions>().toExtend<LinkDirection>();
expectTypeOf<Pick<LinkOptions, 'aToB' | 'bToA'>>().toEqualTypeOf<{
  readonly aToB?: LinkDirection;
  readonly bToA?: LinkDirection;
}>();
// @ts-expect-error a moment at which both directions break is none of one direction
linkedTransports({ aToB: { breakAfterMs: 1 } });

// Frames
expectTypeOf(framesOf).toEqualTypeOf<(version: Version) => FrameBuilders>();
expectTypeOf(syn).toEqualTypeOf<(streamId: number) => SignalFrame>();
expectTypeOf(fin).toEqualTypeOf<(streamId: number) => SignalFrame>();
expectTypeOf(nop).toEqualTypeOf<() => SignalFrame>();
expectTypeOf(psh).toEqualTypeOf<(streamId: number, payload: string | Uint8Array) => DataFrame>();
expectTypeOf(upd).toEqualTypeOf<(streamId: number, consumed: number, window: number) => UpdateFrame>();

// Tests
expectTypeOf(run(() => 5)).toEqualTypeOf<number>();
expectTypeOf(run<string>)
  .parameter(0)
  .toEqualTypeOf<(helpers: TestHelpers) => string>();
expectTypeOf<RunOptions>().toEqualTypeOf<{
  readonly until?: number;
  readonly assertDeepEqual?: (actual: unknown, expected: unknown) => void;
}>();
expectTypeOf<TestHelpers>().toExtend<RunHelpers>();
expectTypeOf<TestHelpers['createSession']>().toEqualTypeOf<
  (transport: Transport, options: SessionOptions) => Session
>();
expectTypeOf<TestHelpers['linkedTransports']>().toEqualTypeOf<typeof linkedTransports>();
expectTypeOf<TestHelpers['linkedSessions']>().returns.toEqualTypeOf<LinkedSessions>();
expectTypeOf<TestHelpers['connect']>().returns.toEqualTypeOf<Observable<Session>>();
expectTypeOf<TestHelpers['frames']>().returns.toEqualTypeOf<FrameTransport>();
expectTypeOf<TestHelpers['coldBytes']>().returns.toEqualTypeOf<Observable<Uint8Array>>();
expectTypeOf<TestHelpers['grants']>().returns.toEqualTypeOf<Observable<number>>();
expectTypeOf<FrameTransport>().toExtend<Transport>();
expectTypeOf<FrameTransport['sent']>().toEqualTypeOf<readonly FrameNote[]>();
expectTypeOf<FrameNote>().toEqualTypeOf<{ readonly at: number; readonly words: string }>();

declare const helpers: TestHelpers;
declare const frame: Frame;
expectTypeOf(helpers.frames).toBeCallableWith('-a-b|', { a: frame, b: new Uint8Array(1) });
expectTypeOf(helpers.expectFrames(helpers.frames('')).toBe).toBeCallableWith('-a', { a: frame });
expectTypeOf(helpers.expectStream(helpers.coldBytes('a')).toBe).toBeCallableWith(
  'a',
  { a: 'text' },
  'SMUX_ERR_LINK_LOST',
);
// @ts-expect-error what is expected of a session is frames
helpers.expectFrames(helpers.frames('')).toBe('-a', { a: new Uint8Array(1) });
