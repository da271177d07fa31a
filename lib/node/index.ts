export type { AdmissionOptions } from './admitUpgrade.js';
export { type ConnectOptions, connect, connectAsync } from './connect.js';
export { duplexTransport } from './duplexTransport.js';
export { type ListeningAddress, type ListenOptions, listen } from './listen.js';
export { type ListenWebSocketOptions, listenWebSocket } from './listenWebSocket.js';
export { socketTransport } from './socketTransport.js';
export { toDuplex } from './toDuplex.js';
