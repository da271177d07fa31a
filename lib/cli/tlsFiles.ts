import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext, type TlsOptions } from 'node:tls';
import { type Address } from './address.js';
import { UsageError } from './UsageError.js';

/** The TLS flags. */
export interface TlsFlags {
  readonly tls?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly 'key-file'?: string;
}

/** @throws UsageError for flags that do not go together and for files that are not what they should be */
export function clientTls(flags: TlsFlags, remote: Address): ConnectionOptions | undefined {
  const files = readFiles(flags);
  if (files === undefined) return undefined;
  const host = 'host' in remote ? remote.host : undefined;
  // Only names are sent to the server; the certificate is verified for addresses too.
  return host === undefined || isIP(host) ? files : { ...files, servername: host };
}

/** @throws UsageError as {@link clientTls} */
export function serverTls(flags: TlsFlags): TlsOptions | undefined {
  const files = readFiles(flags);
  if (files === undefined) return undefined;
  if (files.cert === undefined) throw new UsageError('--tls needs --cert and --key-file');
  return files.ca === undefined ? files : { ...files, requestCert: true, rejectUnauthorized: true };
}

function readFiles({ tls = false, ca, cert, 'key-file': key }: TlsFlags) {
  if (!tls) {
    const lonely = Object.entries({ ca, cert, 'key-file': key }).find(([, file]) => file !== undefined);
    if (lonely) throw new UsageError(`--${lonely[0]} needs --tls`);
    return undefined;
  }
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key-file need each other');
  const files = {
    ...(ca !== undefined && { ca: read('--ca', ca) }),
    ...(cert !== undefined && { cert: read('--cert', cert) }),
    ...(key !== undefined && { key: read('--key-file', key) }),
  };
  try {
    createSecureContext(files);
  } catch (cause) {
    throw new UsageError(`the TLS files cannot be used: ${(cause as Error).message}`, { cause });
  }
  return files;
}

function read(flag: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${flag} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (!text.includes('-----BEGIN ')) throw new UsageError(`${flag} ${file} is no PEM file`);
  return text;
}
