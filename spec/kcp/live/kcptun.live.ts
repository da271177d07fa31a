import { describe, expect, it } from 'vitest';
import { chain, echo, type Ours } from './chain.js';
import { hasKcptun } from './peers.js';

const MB = 1_000_000;

describe.skipIf(!hasKcptun).each(['client', 'server'] as const)('kcptun, where our end is the %s', (ours: Ours) => {
  it.each([
    ['with its defaults: aes, compression, error correction 10/3, version 1', [], 50],
    ['version 2', ['--smuxver', '2'], 50],
    [
      'without encryption and compression',
      ['--crypt', 'none', '--nocomp', '--datashard', '0', '--parityshard', '0'],
      50,
    ],
    ['none, compressed', ['--crypt', 'none'], 10],
    ['aes, not compressed', ['--nocomp', '--smuxver', '2'], 10],
    ['no error correction', ['--datashard', '0', '--parityshard', '0', '--smuxver', '2'], 10],
    ['other error correction', ['--datashard', '5', '--parityshard', '2'], 5],
    ['a small MTU', ['--mtu', '500'], 5],
    ['mode normal', ['--mode', 'normal'], 5],
    ['mode fast2', ['--mode', 'fast2'], 5],
    ['mode fast3', ['--mode', 'fast3', '--acknodelay'], 5],
    ['mode manual', ['--mode', 'manual', '--nodelay', '1', '--interval', '20', '--resend', '2', '--nc', '1'], 5],
    ['another key', ['--key', 'something else'], 1],
    ['aes-128', ['--crypt', 'aes-128'], 1],
    ['aes-192', ['--crypt', 'aes-192'], 1],
    ['3des', ['--crypt', '3des'], 1],
    ['sm4', ['--crypt', 'sm4'], 1],
    ['salsa20', ['--crypt', 'salsa20'], 1],
    ['xor', ['--crypt', 'xor'], 1],
  ])('carries bytes both ways, none lost: %s', async (_, flags, size) => {
    const { sent, received } = await echo(await chain(ours, flags), size * MB);
    expect(received).toBe(sent);
  });

  it.each([
    [5, [], 5],
    [5, ['--smuxver', '2', '--datashard', '0', '--parityshard', '0'], 5],
    [20, ['--mode', 'fast3'], 3],
    [20, ['--mode', 'fast3', '--smuxver', '2', '--nocomp', '--datashard', '0', '--parityshard', '0'], 3],
  ])('loses nothing where %i % of the datagrams are lost: %j', async (percent, flags, size) => {
    const { sent, received } = await echo(await chain(ours, flags, percent / 100), size * MB);
    expect(received).toBe(sent);
  });

  it.each([
    ['one session', ['--mode', 'fast3']],
    ['four sessions, version 2', ['--mode', 'fast3', '--smuxver', '2', '--conn=4']],
  ])('carries a hundred connections at once: %s', async (_, flags) => {
    const port = await chain(ours, flags);
    const results = await Promise.all(Array.from({ length: 100 }, (__, at) => echo(port, 2000 * (at + 1), at + 1)));
    for (const { sent, received } of results) expect(received).toBe(sent);
  });
});
