import { isIPv4, isIPv6 } from 'node:net';
import { UsageError } from './UsageError.js';

/** Where to listen or to connect: a TCP port, or the path of a Unix socket. */
export type Address = { readonly host?: string; readonly port: number } | { readonly path: string };

/**
 * Reads `HOST:PORT`, `[IPv6]:PORT`, `:PORT`, or a path, which has a slash in it.
 * @param flag named in the error
 * @throws UsageError that says what is wrong
 */
export function parseAddress(text: string, flag: string): Address {
  const bad = (what: string) => new UsageError(`${flag} ${JSON.stringify(text)}: ${what}`);
  if (text.includes('/')) {
    if (Buffer.byteLength(text) > MAX_PATH) throw bad(`a socket path may have ${MAX_PATH} bytes`);
    return { path: text };
  }
  const { bracketed, host = bracketed, port: digits } = PATTERN.exec(text)?.groups ?? {};
  if (host === undefined || digits === undefined) {
    if (isIPv6(text) || /:.*:/.test(text)) throw bad('an IPv6 address goes in brackets, as in [::1]:4000');
    throw bad('expected HOST:PORT, :PORT or the path of a Unix socket');
  }
  const port = Number(digits);
  if (port > 65535) throw bad('a port is at most 65535');
  if (host === '') return { port };
  if (bracketed === undefined ? !isHost(host) : !isIPv6(host)) throw bad(`${host} is no host name or address`);
  return { host, port };
}

/** {@link parseAddress} for the far end, which has no port 0. */
export function parseRemoteAddress(text: string, flag: string): Address {
  const address = parseAddress(text, flag);
  if ('port' in address && address.port === 0)
    throw new UsageError(`${flag} ${JSON.stringify(text)}: port 0 is no target`);
  return address;
}

/** The address as it is written, so that it can be read again. */
export function formatAddress(host: string | undefined, port: number | undefined): string {
  if (port === undefined) return host ?? 'an unnamed socket';
  return host !== undefined && isIPv6(host) ? `[${host}]:${port}` : `${host ?? ''}:${port}`;
}

function isHost(host: string): boolean {
  // Digits and dots alone are an address, not a name.
  return /^[\d.]+$/.test(host) ? isIPv4(host) : /^[\w-]+(\.[\w-]+)*\.?$/.test(host) && host.length <= 253;
}

const PATTERN = /^(?:\[(?<bracketed>[^\]]+)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/;

// What sockaddr_un holds on the narrowest system, with its end mark.
const MAX_PATH = 103;
