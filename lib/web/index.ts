export {
  connectWebSocket,
  connectWebSocketAsync,
  type WebSocketConfig,
  type WebSocketConstructor,
} from './connectWebSocket.js';
export { type MessagePortLike, messagePortTransport } from './messagePortTransport.js';
export type { PushedInputOptions } from './PushedInput.js';
export { toWebStreams } from './toWebStreams.js';
export {
  type WebSocketEvent,
  type WebSocketEventType,
  type WebSocketLike,
  type WebSocketTransportOptions,
  webSocketTransport,
} from './webSocketTransport.js';
export { type WebStreams, webStreamsTransport } from './webStreamsTransport.js';
