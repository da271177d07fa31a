/** Bytes that the link carries in a second, each way. */
export const LINK_RATE = 4_000_000;
/** Bytes that all streams may hold unread at either end: small, so that it can be seen filling. */
export const MAX_RECEIVE_BUFFER = 1024 * 1024;
/** Where the WebSocket is, and where the server is told what has changed about a stream. */
export const SMUX_PATH = '/smux';
export const ADJUST_PATH = '/adjust';
