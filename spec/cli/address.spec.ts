import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress, parseRemoteAddress } from '../../lib/cli/address.js';
import { UsageError } from '../../lib/cli/UsageError.js';

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:4000', { host: '127.0.0.1', port: 4000 }],
    [':4000', { port: 4000 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['a-b.example.org:65535', { host: 'a-b.example.org', port: 65535 }],
    ['[::1]:4000', { host: '::1', port: 4000 }],
    ['[fe80::1%lo]:1', { host: 'fe80::1%lo', port: 1 }],
    ['/run/x.sock', { path: '/run/x.sock' }],
    ['./x:1', { path: './x:1' }],
  ])('reads %s', (text, address) => {
    expect(parseAddress(text, '--listen')).toStrictEqual(address);
  });

  it.each([
    ['', 'expected HOST:PORT'],
    ['4000', 'expected HOST:PORT'],
    ['localhost', 'expected HOST:PORT'],
    ['localhost:', 'expected HOST:PORT'],
    ['localhost:http', 'expected HOST:PORT'],
    ['localhost:4000-5000', 'expected HOST:PORT'],
    ['localhost:65536', 'at most 65535'],
    ['::1', 'in brackets'],
    ['::1:4000', 'in brackets'],
    ['[127.0.0.1]:80', '127.0.0.1 is no host'],
    ['[::1:80', 'in brackets'],
    ['300.0.0.1:80', '300.0.0.1 is no host'],
    ['1.2.3:80', '1.2.3 is no host'],
    ['a b:80', 'a b is no host'],
    ['.org:80', '.org is no host'],
    [`/${'x'.repeat(200)}`, 'a socket path'],
  ])('rejects %j', (text, why) => {
    expect(() => parseAddress(text, '--listen')).toThrow(UsageError);
    expect(() => parseAddress(text, '--listen')).toThrow(`--listen ${JSON.stringify(text)}: `);
    expect(() => parseAddress(text, '--listen')).toThrow(why);
  });
});

describe('parseRemoteAddress', () => {
  it('rejects port 0, which nobody can connect to', () => {
    expect(() => parseRemoteAddress('localhost:0', '--target')).toThrow('port 0');
    expect(parseRemoteAddress('localhost:1', '--target')).toStrictEqual({ host: 'localhost', port: 1 });
  });
});

describe('formatAddress', () => {
  it.each([
    ['127.0.0.1', 80, '127.0.0.1:80'],
    ['::1', 80, '[::1]:80'],
    ['/run/x.sock', undefined, '/run/x.sock'],
    [undefined, undefined, 'an unnamed socket'],
  ])('writes %s and %s as %s', (host, port, text) => {
    expect(formatAddress(host, port)).toBe(text);
  });
});
