import { type Socket } from 'node:dgram';
import { type KcpTransport } from './link/KcpTransport.js';
import { openConversation } from './link/openConversation.js';
import { type KcpOptions, resolveKcpOptions } from './options.js';

/**
 * A KCP conversation as the link of a session, for `createSession`.
 * @param socket a connected datagram socket, which nobody else reads; the transport owns it from now on
 * @param options.conversation what both ends call the conversation: an integer from 0 to 2^32 - 1
 * @throws RangeError for a bad option
 */
export function kcpTransport(socket: Socket, options: KcpOptions & { readonly conversation: number }): KcpTransport {
  const { conversation } = options;
  if (!Number.isInteger(conversation) || conversation < 0 || conversation > 0xffffffff) {
    throw new RangeError(`conversation must be an integer from 0 to ${0xffffffff}, got ${String(conversation)}`);
  }
  return openConversation(socket, conversation, resolveKcpOptions(options));
}
