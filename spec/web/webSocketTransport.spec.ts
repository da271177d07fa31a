import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession, type SmuxOptions } from '../../lib/index.js';
import { framesOf } from '../../lib/testing/index.js';
import { type WebSocketTransportOptions, webSocketTransport } from '../../lib/web/index.js';
import { encodeFrames } from '../../lib/wire/encodeFrames.js';
import { join } from '../helpers/bytes.js';
import { bytes, sizeOf, textOf } from '../helpers/frames.js';
import { observe } from '../helpers/observe.js';
import { ScriptedWebSocket } from './ScriptedWebSocket.js';

const KiB = 1024;
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const transportOf = (socket: ScriptedWebSocket, options?: WebSocketTransportOptions) => {
  const transport = webSocketTransport(socket, options);
  return { transport, incoming: observe(transport.incoming$), drained: observe(transport.drained$) };
};
const openTransport = (options?: WebSocketTransportOptions) => {
  const socket = new ScriptedWebSocket();
  socket.open();
  return { socket, ...transportOf(socket, options) };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('webSocketTransport, receiving', () => {
  it('asks for ArrayBuffers and emits their bytes', () => {
    const { socket, incoming } = openTransport();
    expect(socket.binaryType).toBe('arraybuffer');
    socket.receiveBytes(bytes('hel'));
    socket.receiveBytes(bytes('lo'));
    expect(incoming.values).toEqual([bytes('hel'), bytes('lo')]);
  });

  it('has missed nothing that came before the session subscribed', async () => {
    const socket = new ScriptedWebSocket();
    const transport = webSocketTransport(socket);
    socket.open();
    socket.receiveBytes(bytes('early'));
    const incoming = observe(transport.incoming$);
    await pass();
    expect(textOf(incoming.values)).toBe('early');
  });

  it.each([['text'], [{ a: 'Blob' }], [null]])('errors on the message %j, which is not binary', (message) => {
    const { socket, incoming } = openTransport();
    socket.receive(message);
    socket.receiveBytes(bytes('late'));
    expect(incoming).toMatchObject({ values: [], error: { name: 'ProtocolError', code: 'SMUX_ERR_MESSAGE' } });
  });

  it.each([1000, 1001, 1005])('completes with close code %i', (code) => {
    const { socket, incoming } = openTransport();
    socket.end(code, 'done');
    expect(incoming).toMatchObject({ isComplete: true, error: undefined });
  });

  it.each([
    [1006, '', 'code 1006'],
    [1009, 'too big', 'code 1009: too big'],
    [4401, 'who are you', 'code 4401: who are you'],
  ])('errors with close code %i', (code, reason, message) => {
    const { socket, incoming } = openTransport();
    socket.end(code, reason);
    expect(incoming).toMatchObject({ isComplete: false, error: { message: expect.stringContaining(message) } });
  });

  it('tells what the platform said of an error', () => {
    const { socket, incoming } = openTransport();
    socket.fail('ECONNRESET');
    expect(incoming.error).toMatchObject({ message: 'the WebSocket was closed with code 1006: ECONNRESET' });
  });

  it('errors when the peer closes in order while bytes of ours are buffered', () => {
    const { socket, transport, incoming } = openTransport();
    transport.write([bytes('unsent')]);
    socket.end(1000);
    expect(incoming.error).toMatchObject({ message: 'the WebSocket was closed with code 1000, 6 bytes unsent' });
  });

  it('holds what comes while it is paused', async () => {
    const { socket, transport, incoming } = openTransport();
    transport.pause();
    socket.receiveBytes(bytes('held'));
    transport.resume();
    expect(incoming.values).toEqual([]);
    await pass();
    expect(textOf(incoming.values)).toBe('held');
  });

  it('pauses a WebSocket that can be paused', () => {
    const socket = Object.assign(new ScriptedWebSocket(), { pause: vi.fn(), resume: vi.fn() });
    const { transport } = transportOf(socket);
    transport.pause();
    expect(socket.pause).toHaveBeenCalledOnce();
    transport.resume();
    expect(socket.resume).toHaveBeenCalledOnce();
  });
});

describe('webSocketTransport, sending', () => {
  it('sends a batch as one message, which is a copy', () => {
    const { socket, transport } = openTransport();
    const chunk = bytes('hello ');
    expect(transport.write([chunk, bytes('world')])).toBe(true);
    chunk.fill(0);
    expect(socket.sent.map((message) => textOf([message]))).toEqual(['hello world']);
  });

  it('holds back what is written before the WebSocket is open', async () => {
    const socket = new ScriptedWebSocket();
    const { transport, drained } = transportOf(socket);
    expect(transport.write([bytes('first'), bytes(' words')])).toBe(false);
    await pass(5000);
    expect(socket.sent).toEqual([]);
    socket.open();
    expect(textOf(socket.sent)).toBe('first words');
    await pass(4);
    expect(drained.values).toHaveLength(1);
  });

  it('waits once the WebSocket has buffered enough, until half of it has left', async () => {
    const { socket, transport, drained } = openTransport({ maxBufferedAmount: 100 });
    expect(transport.write([new Uint8Array(99)])).toBe(true);
    expect(transport.write([new Uint8Array(1)])).toBe(false);
    socket.drain(49);
    await pass(5000);
    expect(drained.values).toHaveLength(0);
    socket.drain(1);
    await pass(1024);
    expect(drained.values).toHaveLength(1);
    expect(transport.write([new Uint8Array(50)])).toBe(false);
    socket.drain();
    await pass(4);
    expect(drained.values).toHaveLength(2);
  });

  it.each([1, 10, 100, 1000])('keeps a link of %i KiB a second busy with a few looks at its buffer', async (rate) => {
    const { socket, transport, drained } = openTransport();
    transport.write([new Uint8Array(256 * KiB)]);
    const looksBefore = socket.looks;
    let idleMs = 0;
    while (drained.values.length === 0) {
      await pass(1);
      if (socket.bufferedAmount === 0) idleMs++;
      socket.looks--;
      socket.drain(rate * 1.024);
    }
    expect(idleMs).toBeLessThanOrEqual(4);
    const seconds = 256 / rate;
    expect(socket.looks - looksBefore).toBeLessThanOrEqual(9 + seconds);
  });

  it('takes a message for an occasion to look, as a background tab has no other', () => {
    const { socket, transport, drained } = openTransport({ maxBufferedAmount: 100 });
    transport.write([new Uint8Array(100)]);
    socket.receiveBytes(bytes('x'));
    expect(drained.values).toHaveLength(0);
    socket.drain();
    socket.receiveBytes(bytes('y'));
    expect(drained.values).toHaveLength(1);
    socket.receiveBytes(bytes('z'));
    expect(drained.values).toHaveLength(1);
  });

  it('asks for no more once the WebSocket is closing, whose end is still to come', async () => {
    const { socket, transport, drained } = openTransport();
    socket.readyState = 2;
    expect(transport.write([bytes('too late')])).toBe(false);
    await pass(5000);
    expect([socket.sent.length, drained.values.length]).toEqual([0, 0]);
  });

  it('sets no timer while little is buffered', () => {
    const { transport } = openTransport();
    for (let count = 0; count < 10; count++) transport.write([new Uint8Array(1000)]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('webSocketTransport, ending', () => {
  it('closes with code 1000, and has flushed when the peer has answered', () => {
    const { socket, transport, incoming } = openTransport();
    const flushed = observe(transport.flushed$ as NonNullable<typeof transport.flushed$>);
    transport.write([bytes('last words')]);
    transport.close();
    expect(transport.write([bytes('too late')])).toBe(false);
    expect(socket.closings).toEqual([1000]);
    expect(textOf(socket.sent)).toBe('last words');
    expect(flushed.isComplete).toBe(false);
    socket.end(1000);
    expect(flushed.isComplete).toBe(true);
    expect(incoming).toMatchObject({ isComplete: true, error: undefined });
  });

  it('closes behind what was written before the WebSocket was open', () => {
    const socket = new ScriptedWebSocket();
    const { transport } = transportOf(socket);
    transport.write([bytes('hello')]);
    transport.close();
    expect(socket.closings).toEqual([]);
    socket.open();
    expect(textOf(socket.sent)).toBe('hello');
    expect(socket.closings).toEqual([1000]);
    transport.destroy();
  });

  it('lets go of a WebSocket that opens after it was destroyed', () => {
    const socket = new ScriptedWebSocket();
    const { transport } = transportOf(socket);
    transport.write([bytes('hello')]);
    transport.destroy();
    transport.destroy();
    socket.open();
    expect(socket.sent).toEqual([]);
    expect(socket.closings).toEqual([undefined]);
  });

  it('stops looking at the buffer when it is destroyed, or the link ends', async () => {
    for (const end of ['destroy', 'lose'] as const) {
      const { socket, transport, drained } = openTransport();
      transport.write([new Uint8Array(256 * KiB)]);
      if (end === 'destroy') transport.destroy();
      else socket.fail();
      const { looks } = socket;
      await pass(10_000);
      expect(socket.looks).toBe(looks);
      expect(drained.values).toHaveLength(0);
    }
  });

  it('terminates a WebSocket that can be', () => {
    const socket = Object.assign(new ScriptedWebSocket(), { terminate: vi.fn() });
    const { transport } = transportOf(socket);
    transport.destroy();
    expect(socket.terminate).toHaveBeenCalledOnce();
    expect(socket.closings).toEqual([]);
  });

  it.each(['maxBufferedAmount', 'maxPausedBuffer'])('reports a bad %s', (field) => {
    for (const size of [0, -1, Number.NaN]) {
      expect(() => webSocketTransport(new ScriptedWebSocket(), { [field]: size })).toThrow(new RegExp(field));
    }
  });
});

describe('a session over a WebSocket that nobody can pause', () => {
  const sessionOf = (options: SmuxOptions & WebSocketTransportOptions) => {
    const socket = new ScriptedWebSocket();
    socket.open();
    const session = createSession(webSocketTransport(socket, options), {
      role: 'client',
      keepAliveDisabled: true,
      ...options,
    });
    const ending = observe(session.closed$);
    const stream = session.open();
    const { psh } = framesOf(session.version as 1 | 2);
    const receive = (size: number) =>
      socket.receiveBytes(join(encodeFrames([psh(stream.id, new Uint8Array(size).fill(7))])));
    return { socket, session, stream, ending, receive };
  };

  it('ends in version 1 when nobody reads and the peer does not stop', async () => {
    const bounds = { maxReceiveBuffer: 100 * KiB, maxPausedBuffer: 200 * KiB };
    const { stream, ending, receive, socket } = sessionOf({ version: 1, ...bounds });
    let arrived = 0;
    for (; ending.values.length === 0 && arrived < 1000; arrived += 10) receive(10 * KiB);
    expect(ending.values).toMatchObject([{ cause: { name: 'SessionError', code: 'SMUX_ERR_RECEIVE_BUFFER' } }]);
    expect(arrived).toBe(300); // headers fill the rest
    expect(socket.closings).toEqual([undefined]);
    const read = observe(stream);
    expect(read.error).toMatchObject({ code: 'SMUX_ERR_RECEIVE_BUFFER' });
    expect(sizeOf(read.values)).toBeGreaterThan(290 * KiB); // nothing was lost
  });

  it('goes on in version 1 when somebody begins to read in time', async () => {
    const { session, stream, receive } = sessionOf({ version: 1, maxReceiveBuffer: 100 * KiB });
    for (let arrived = 0; arrived < 300; arrived += 10) receive(10 * KiB);
    expect(stream.stats.unread).toBeLessThan(111 * KiB);
    const read = observe(stream);
    await pass();
    expect(sizeOf(read.values)).toBe(300 * KiB);
    session.destroy();
  });

  it('holds a peer to its windows in version 2', async () => {
    const { ending, receive } = sessionOf({ version: 2 });
    for (let arrived = 0; arrived < 256; arrived += 16) receive(16 * KiB);
    expect(ending.values).toEqual([]);
    receive(1);
    expect(ending.values).toMatchObject([{ cause: { code: 'SMUX_ERR_FLOW_CONTROL' } }]);
  });
});
