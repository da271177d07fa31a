import { type AddressInfo } from 'node:net';
import { type ListeningAddress } from './listen.js';

/** The address of a listening server. */
export function addressOf(address: AddressInfo | string | null): ListeningAddress {
  if (address === null) throw new Error('the server is not listening');
  return typeof address === 'string' ? { address } : { address: address.address, port: address.port };
}
