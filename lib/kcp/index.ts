export { type ConnectKcpOptions, connectKcp, connectKcpAsync, type KcpSession } from './connectKcp.js';
export type { KcpCrypt } from './datagram/createCipher.js';
export { kcpTransport } from './kcpTransport.js';
export type { KcpStats, KcpTransport } from './link/KcpTransport.js';
export { type ListenKcpOptions, listenKcp } from './listenKcp.js';
export type { KcpMode, KcpOptions } from './options.js';
