import { describe, expect, it } from 'vitest';
import { chain, echo, type Ours } from './chain.js';
import { isFullForm, MB } from './form.js';
import { hasKcptun } from './peers.js';

describe.skipIf(!hasKcptun).each(['client', 'server'] as const)('kcptun, where our end is the %s', (ours: Ours) => {
  it.each([
    ['with its defaults: aes, compression, error correction 10/3, version 1', [], {}],
    ['nothing but KCP and version 2', ['--crypt', 'none', '--nocomp', '--smuxver', '2', ...NO_FEC], {}],
    ['error correction of the peer alone', [], { loss: 0.05, ownFlags: NO_FEC }],
    ['no error correction', ['--smuxver', '2', ...NO_FEC], { loss: 0.05 }],
    ['other error correction', ['--datashard', '5', '--parityshard', '2'], { loss: 0.05 }],
    ['a small MTU', ['--mtu', '500'], {}],
    ['mode manual', ['--mode', 'manual', '--nodelay', '1', '--interval', '20', '--resend', '2', '--nc', '1'], {}],
    ['acknowledgements at once', ['--mode', 'fast3', '--acknodelay'], {}],
  ])('carries 50 MB each way: %s', async (_, flags, extra) => {
    const { sent, received } = await echo(await chain(ours, flags, extra), 50 * MB);
    expect(received).toBe(sent);
  });

  it.each([
    ['another key', ['--key', 'something else']],
    ['aes-128', ['--crypt', 'aes-128']],
    ['aes-192', ['--crypt', 'aes-192']],
    ['3des', ['--crypt', '3des']],
    ['sm4', ['--crypt', 'sm4']],
    ['salsa20', ['--crypt', 'salsa20']],
    ['xor', ['--crypt', 'xor']],
  ])('understands the other end: %s', async (_, flags) => {
    const { sent, received } = await echo(await chain(ours, flags), (isFullForm ? 50 : 2) * MB);
    expect(received).toBe(sent);
  });

  it.each([
    ['one session', ['--mode', 'fast3'], 0],
    ['four sessions, version 2', ['--mode', 'fast3', '--smuxver', '2', '--conn=4'], 0],
    ['one session, where 5 in 100 datagrams are lost', [], 0.05],
  ])('carries a hundred connections at once: %s', async (_, flags, loss) => {
    const port = await chain(ours, flags, { loss });
    const results = await Promise.all(Array.from({ length: 100 }, (__, at) => echo(port, 2000 * (at + 1), at + 1)));
    for (const { sent, received } of results) expect(received).toBe(sent);
  });
});

const NO_FEC = ['--datashard', '0', '--parityshard', '0'];
