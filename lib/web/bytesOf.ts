import { ProtocolError } from '../errors.js';

/**
 * The bytes of a message.
 * @throws ProtocolError `SMUX_ERR_MESSAGE` unless it is an ArrayBuffer, of whatever realm
 */
export function bytesOf(message: unknown): Uint8Array {
  if (Object.prototype.toString.call(message) === '[object ArrayBuffer]') return new Uint8Array(message as ArrayBuffer);
  throw new ProtocolError('SMUX_ERR_MESSAGE', `the link brought a message that is not binary: ${typeof message}`);
}
