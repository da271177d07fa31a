import { Buffer } from 'node:buffer';
import { Observable, Subject } from 'rxjs';
import { ProtocolError } from '../errors.js';
import { closeError } from '../transport/closeError.js';
import { type Transport, type TransportInfo } from '../transport/Transport.js';
import { TurnLimit } from './TurnLimit.js';

/**
 * Makes an open WebSocket of the `ws` package the link of a session. Unlike that of a browser it can be paused, and
 * tells what it has sent.
 */
export function wsTransport(socket: import('ws').WebSocket, info: TransportInfo): Transport {
  const drained$ = new Subject<void>();
  const flushed$ = new Subject<never>();
  let isFull = false;
  let isClosed = false;
  let failure: Error | undefined;
  // For good: an error that comes after the session has let go of the input must not end the process.
  socket.on('error', (error) => {
    failure = error;
  });
  socket.once('close', () => flushed$.complete());
  const sent = () => {
    if (!isFull || turn.isUsedUp || socket.bufferedAmount > FULL / 2) return;
    isFull = false;
    drained$.next();
  };
  const turn = new TurnLimit(sent);

  return {
    incoming$: new Observable((subscriber) => {
      const message = (data: unknown, isBinary: boolean) => {
        if (isBinary) subscriber.next(viewOf(data as Buffer));
        else subscriber.error(new ProtocolError('SMUX_ERR_MESSAGE', 'the link brought a text message'));
      };
      const close = (code: number, reason: Buffer) => {
        const cause = closeError(code, failure?.message ?? reason.toString(), isClosed ? 0 : socket.bufferedAmount);
        if (cause) subscriber.error(cause);
        else subscriber.complete();
      };
      socket.on('message', message).on('close', close);
      return () => {
        socket.off('message', message).off('close', close);
      };
    }),
    drained$,
    flushed$,
    info,
    write(batch) {
      if (socket.readyState !== socket.OPEN) return false;
      const message = Buffer.concat(batch);
      turn.take(message.length);
      socket.send(message, { binary: true }, sent);
      isFull = turn.isUsedUp || socket.bufferedAmount >= FULL;
      return !isFull;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close() {
      isClosed = true;
      socket.close(1000);
    },
    destroy: () => socket.terminate(),
  };
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const FULL = 256 * 1024;
