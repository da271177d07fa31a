import { type Observable } from 'rxjs';
import { expectTypeOf } from 'vitest';
import { WebSocket } from 'ws';
import { type Session, type SmuxStream, type Transport } from '../../lib/index.js';
import { type ListenWebSocketOptions, listenWebSocket } from '../../lib/node/index.js';
import {
  connectWebSocket,
  connectWebSocketAsync,
  type MessagePortLike,
  messagePortTransport,
  toWebStreams,
  type WebSocketConfig,
  type WebSocketConstructor,
  type WebSocketLike,
  type WebStreams,
  webSocketTransport,
  webStreamsTransport,
} from '../../lib/web/index.js';

// Connecting
expectTypeOf(connectWebSocket).parameters.toEqualTypeOf<[string | URL | WebSocketConfig]>();
expectTypeOf(connectWebSocket).returns.toEqualTypeOf<Observable<Session>>();
expectTypeOf(connectWebSocketAsync).parameters.toEqualTypeOf<[string | URL | WebSocketConfig]>();
expectTypeOf(connectWebSocketAsync).returns.toEqualTypeOf<Promise<Session>>();
expectTypeOf<WebSocketConfig['url']>().toEqualTypeOf<string | URL>();
expectTypeOf<WebSocketConfig['protocol']>().toEqualTypeOf<string | readonly string[] | undefined>();
expectTypeOf<WebSocketConfig['connectTimeout']>().toEqualTypeOf<number | undefined>();
expectTypeOf<WebSocketConfig['maxPausedBuffer']>().toEqualTypeOf<number | undefined>();
expectTypeOf<WebSocketConfig['maxBufferedAmount']>().toEqualTypeOf<number | undefined>();

// What other packages and platforms have fits
expectTypeOf(WebSocket).toExtend<WebSocketConstructor>();
expectTypeOf<WebSocket>().toExtend<WebSocketLike>();
expectTypeOf(new MessageChannel().port1).toExtend<MessagePortLike>();

// Transports
expectTypeOf(webSocketTransport).returns.toEqualTypeOf<Transport>();
expectTypeOf(messagePortTransport).returns.toEqualTypeOf<Transport>();
expectTypeOf(webStreamsTransport).parameters.toEqualTypeOf<[WebStreams]>();
expectTypeOf(webStreamsTransport).returns.toEqualTypeOf<Transport>();
expectTypeOf(toWebStreams).parameters.toEqualTypeOf<[SmuxStream]>();
expectTypeOf(toWebStreams).returns.toEqualTypeOf<WebStreams>();
expectTypeOf<WebStreams['readable']>().toEqualTypeOf<ReadableStream<Uint8Array>>();

// Listening
expectTypeOf(listenWebSocket).parameters.toEqualTypeOf<[ListenWebSocketOptions]>();
expectTypeOf(listenWebSocket).returns.toEqualTypeOf<Observable<Session>>();
