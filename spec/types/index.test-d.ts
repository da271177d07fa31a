import { type Observable, type ObservableInput, type Observer, type OperatorFunction, type SubjectLike } from 'rxjs';
import { expectTypeOf } from 'vitest';
import {
  createSession,
  type Ending,
  handleStreams,
  ProtocolError,
  type ProtocolErrorCode,
  type Role,
  type Session,
  SessionError,
  type SessionErrorCode,
  type SessionOptions,
  type SessionStats,
  type SmuxError,
  type SmuxErrorCode,
  type SmuxOptions,
  type SmuxStream,
  StreamError,
  type StreamErrorCode,
  type StreamStats,
  type Transport,
  type TransportInfo,
  type Version,
} from '../../lib/index.js';

// Sessions
expectTypeOf(createSession).toEqualTypeOf<(transport: Transport, options: SessionOptions) => Session>();
expectTypeOf<Session['streams$']>().toEqualTypeOf<Observable<SmuxStream>>();
expectTypeOf<Session['closed$']>().toEqualTypeOf<Observable<Ending>>();
expectTypeOf<Session['stats$']>().toEqualTypeOf<Observable<SessionStats>>();
expectTypeOf<Session['stats']>().toEqualTypeOf<SessionStats>();
expectTypeOf<Session['version']>().toEqualTypeOf<Version | undefined>();
expectTypeOf<Session['isClosed']>().toEqualTypeOf<boolean>();
expectTypeOf<Session['streamCount']>().toEqualTypeOf<number>();
expectTypeOf<Session['transport']>().toEqualTypeOf<Transport>();
expectTypeOf<Session['open']>().toEqualTypeOf<(options?: { readonly weight?: number }) => SmuxStream>();
expectTypeOf<Session['close']>().toEqualTypeOf<() => void>();
expectTypeOf<Session['destroy']>().toEqualTypeOf<(cause?: Error) => void>();
expectTypeOf<Ending>().toEqualTypeOf<{ readonly cause?: Error }>();
expectTypeOf<SessionStats[keyof SessionStats]>().toEqualTypeOf<number>();

// Options
expectTypeOf<Role>().toEqualTypeOf<'client' | 'server'>();
expectTypeOf<Version>().toEqualTypeOf<1 | 2>();
expectTypeOf<SmuxOptions['version']>().toEqualTypeOf<Version | 'auto' | undefined>();
expectTypeOf<Omit<SmuxOptions, 'version' | 'keepAliveDisabled' | 'holdFinUntilPeerFin'>>().toExtend<{
  readonly [field: string]: number | undefined;
}>();
expectTypeOf<{ readonly role: 'client' }>().toExtend<SessionOptions>();
expectTypeOf<Omit<SessionOptions, 'role'>>().not.toExtend<SessionOptions>();
expectTypeOf<object>().toExtend<SmuxOptions>();

// Streams are Observables of bytes and Observers of them.
expectTypeOf<SmuxStream>().toExtend<Observable<Uint8Array>>();
expectTypeOf<SmuxStream>().toExtend<Observer<Uint8Array>>();
expectTypeOf<SmuxStream>().toExtend<SubjectLike<Uint8Array>>();
expectTypeOf<SmuxStream>().toExtend<AsyncIterable<Uint8Array>>();
expectTypeOf<SmuxStream['id']>().toEqualTypeOf<number>();
expectTypeOf<SmuxStream['session']>().toEqualTypeOf<Session>();
expectTypeOf<SmuxStream['closed$']>().toEqualTypeOf<Observable<Ending>>();
expectTypeOf<SmuxStream['stats']>().toEqualTypeOf<StreamStats>();
expectTypeOf<SmuxStream['weight']>().toEqualTypeOf<number>();
expectTypeOf<SmuxStream['bufferedAmount']>().toEqualTypeOf<number>();
expectTypeOf<SmuxStream['writable$']>().toEqualTypeOf<Observable<boolean>>();
expectTypeOf<SmuxStream['next']>().toEqualTypeOf<(bytes: Uint8Array) => void>();
expectTypeOf<SmuxStream['complete']>().toEqualTypeOf<() => void>();
expectTypeOf<SmuxStream['close']>().toEqualTypeOf<() => void>();
expectTypeOf<SmuxStream['error']>().toEqualTypeOf<(cause: unknown) => void>();
expectTypeOf<SmuxStream['demand']>().toEqualTypeOf<(credit$: Observable<number>) => Observable<Uint8Array>>();
expectTypeOf<SmuxStream['send']>().toEqualTypeOf<
  (source: ObservableInput<Uint8Array>, options?: { readonly preventClose?: boolean }) => Observable<number>
>();
expectTypeOf<StreamStats[keyof StreamStats]>().toEqualTypeOf<number | undefined>();

declare const stream: SmuxStream;
expectTypeOf(stream.consume(async () => 'done')).toEqualTypeOf<Observable<string>>();
expectTypeOf(stream.consume(() => [1, 2], { concurrency: 4 })).toEqualTypeOf<Observable<number>>();
expectTypeOf(stream.consume<never>)
  .parameter(0)
  .parameters.toEqualTypeOf<[chunk: Uint8Array]>();
expectTypeOf(stream.send).toBeCallableWith(stream);
expectTypeOf(stream.send).toBeCallableWith([new Uint8Array(1)]);
expectTypeOf(stream.send).toBeCallableWith(Promise.resolve(new Uint8Array(1)));
// @ts-expect-error text is no bytes
stream.next('text');
// @ts-expect-error bytes are no source of chunks
stream.send(new Uint8Array(1));

// Serving
expectTypeOf(handleStreams(() => Promise.resolve())).toEqualTypeOf<OperatorFunction<SmuxStream, never>>();
expectTypeOf(handleStreams).parameter(0).toEqualTypeOf<(stream: SmuxStream) => ObservableInput<unknown>>();
expectTypeOf(handleStreams)
  .parameter(1)
  .toEqualTypeOf<{ readonly onError?: (error: unknown, stream: SmuxStream) => void } | undefined>();

// Errors
expectTypeOf<SmuxErrorCode>().toEqualTypeOf<ProtocolErrorCode | SessionErrorCode | StreamErrorCode>();
expectTypeOf<ProtocolErrorCode>().toEqualTypeOf<
  | 'SMUX_ERR_VERSION'
  | 'SMUX_ERR_COMMAND'
  | 'SMUX_ERR_COMPRESSION'
  | 'SMUX_ERR_LENGTH'
  | 'SMUX_ERR_TRUNCATED'
  | 'SMUX_ERR_CONSUMED'
  | 'SMUX_ERR_WINDOW'
  | 'SMUX_ERR_FLOW_CONTROL'
  | 'SMUX_ERR_MESSAGE'
>();
expectTypeOf<SessionErrorCode>().toEqualTypeOf<
  | 'SMUX_ERR_CONNECT'
  | 'SMUX_ERR_CONNECT_TIMEOUT'
  | 'SMUX_ERR_LINK_LOST'
  | 'SMUX_ERR_KEEPALIVE_TIMEOUT'
  | 'SMUX_ERR_RECEIVE_BUFFER'
  | 'SMUX_ERR_FIRST_FRAME_TIMEOUT'
  | 'SMUX_ERR_SESSION_CLOSED'
  | 'SMUX_ERR_STREAM_IDS'
  | 'SMUX_ERR_STREAMS_LOCKED'
>();
expectTypeOf<StreamErrorCode>().toEqualTypeOf<
  'SMUX_ERR_STREAM_LOCKED' | 'SMUX_ERR_STREAM_CLOSED' | 'SMUX_ERR_PEER_CLOSED' | 'SMUX_ERR_SEND_BUFFER'
>();
expectTypeOf<SmuxError>().toExtend<Error>();
expectTypeOf<SmuxError['code']>().toEqualTypeOf<SmuxErrorCode>();
expectTypeOf<ProtocolError | SessionError | StreamError>().toExtend<SmuxError>();
expectTypeOf<ProtocolError['code']>().toEqualTypeOf<ProtocolErrorCode>();
expectTypeOf<SessionError['code']>().toEqualTypeOf<SessionErrorCode>();
expectTypeOf<StreamError['code']>().toEqualTypeOf<StreamErrorCode>();
expectTypeOf<StreamError['streamId']>().toEqualTypeOf<number>();
expectTypeOf(ProtocolError).toBeConstructibleWith('SMUX_ERR_VERSION', 'message', { cause: 1 });
expectTypeOf(SessionError).toBeConstructibleWith('SMUX_ERR_CONNECT', 'message');
expectTypeOf(StreamError).toBeConstructibleWith('SMUX_ERR_STREAM_LOCKED', 3, 'message');

declare const error: ProtocolError | SessionError | StreamError;
if (error.name === 'StreamError') expectTypeOf(error.streamId).toEqualTypeOf<number>();

// Transports
expectTypeOf<Transport['incoming$']>().toEqualTypeOf<Observable<Uint8Array>>();
expectTypeOf<Transport['drained$']>().toEqualTypeOf<Observable<void>>();
expectTypeOf<Transport['info']>().toEqualTypeOf<TransportInfo>();
expectTypeOf<Transport['write']>().toEqualTypeOf<(batch: readonly Uint8Array[]) => boolean>();
expectTypeOf<Pick<Transport, 'pause' | 'resume' | 'close' | 'destroy'>>().toEqualTypeOf<{
  pause(): void;
  resume(): void;
  close(): void;
  destroy(): void;
}>();
