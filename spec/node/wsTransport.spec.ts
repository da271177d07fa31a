import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type WebSocket } from 'ws';
import { wsTransport } from '../../lib/node/wsTransport.js';
import { observe } from '../helpers/observe.js';

const KiB = 1024;

/** As much of a WebSocket of `ws` as sending needs. */
class SendingSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly callbacks: (() => void)[] = [];
  send(_message: Uint8Array, _options: unknown, callback: () => void): void {
    this.callbacks.push(callback);
  }
}
const transportOf = (socket: SendingSocket) => wsTransport(socket as unknown as WebSocket, {});

describe('wsTransport', () => {
  it('waits while the WebSocket has buffered enough, until half of it has left', async () => {
    const socket = new SendingSocket();
    const transport = transportOf(socket);
    const drained = observe(transport.drained$);
    socket.bufferedAmount = 256 * KiB - 1;
    expect(transport.write([new Uint8Array(1000)])).toBe(true);
    socket.bufferedAmount = 256 * KiB;
    expect(transport.write([new Uint8Array(1000)])).toBe(false);
    await turn();
    socket.callbacks[0]?.();
    expect(drained.values).toHaveLength(0);
    socket.bufferedAmount = 128 * KiB;
    socket.callbacks[1]?.();
    socket.callbacks[1]?.();
    expect(drained.values).toHaveLength(1);
  });

  it('asks for no more once the WebSocket is closing, whose end is still to come', async () => {
    const socket = new SendingSocket();
    const transport = transportOf(socket);
    const drained = observe(transport.drained$);
    socket.readyState = 2;
    expect(transport.write([new Uint8Array(1000)])).toBe(false);
    await turn();
    expect([socket.callbacks.length, drained.values.length]).toEqual([0, 0]);
  });

  it('lets the event loop turn where the link takes whatever it is given', async () => {
    const socket = new SendingSocket();
    const transport = transportOf(socket);
    const drained = observe(transport.drained$);
    expect(transport.write([new Uint8Array(255 * KiB)])).toBe(true);
    expect(transport.write([new Uint8Array(1 * KiB)])).toBe(false);
    for (const callback of socket.callbacks) callback();
    expect(drained.values).toHaveLength(0);
    await turn();
    expect(drained.values).toHaveLength(1);
    expect(transport.write([new Uint8Array(255 * KiB)])).toBe(true);
  });
});
