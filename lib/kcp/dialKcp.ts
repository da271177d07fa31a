import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIPv6 } from 'node:net';
import { identity, interval, mergeMap, Observable, raceWith, throwError, timeout } from 'rxjs';
import { SessionError } from '../errors.js';
import { type Conversation } from './link/Conversation.js';
import { openConversation } from './link/openConversation.js';
import { type ResolvedKcpOptions } from './options.js';

/** Whom to call, and for how long to try. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** Milliseconds; `0` for ever. */
  readonly connectTimeout: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Emits a conversation whose peer has answered, and completes; unsubscribing before that gives up. KCP has no handshake: the peer is
 * asked for its window until something comes that is sealed with our key and belongs to the conversation.
 */
export function dialKcp({ host, port, connectTimeout, signal }: Target, options: ResolvedKcpOptions) {
  const where = `${host}:${port}`;
  let conversation: Conversation | undefined;
  const called = (started: Conversation) => {
    conversation = started;
  };
  const expired = () => timeoutError(where, connectTimeout, conversation?.stats.datagramsRejected ?? 0);
  return resolve(host, where).pipe(
    mergeMap((address) => call(address, port, options, where, called)),
    connectTimeout > 0 ? timeout({ first: connectTimeout, with: () => throwError(expired) }) : identity,
    signal ? raceWith(aborted(signal)) : identity,
  );
}

function resolve(host: string, where: string): Observable<string> {
  return new Observable((subscriber) => {
    lookup(host, (cause, address) => {
      if (cause) return subscriber.error(connectError(where, cause));
      subscriber.next(address);
      subscriber.complete();
    });
  });
}

/** @param called gets the conversation before there is an answer */
function call(
  address: string,
  port: number,
  options: ResolvedKcpOptions,
  where: string,
  called: (conversation: Conversation) => void,
): Observable<Conversation> {
  return new Observable((subscriber) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const failed = (cause: Error) => subscriber.error(connectError(where, cause));
    let conversation: Conversation | undefined;
    let isAnswered = false;
    const answered = () => {
      if (isAnswered || conversation === undefined) return;
      isAnswered = true;
      socket.off('error', failed);
      subscriber.next(conversation);
      subscriber.complete();
    };
    subscriber.add(() => {
      if (isAnswered) return;
      if (conversation === undefined) socket.close();
      else conversation.destroy();
    });
    socket.on('error', failed);
    socket.connect(port, address, () => {
      if (subscriber.closed) return;
      const dialled = openConversation(socket, randomBytes(4).readUInt32LE(), options, answered);
      conversation = dialled;
      called(dialled);
      subscriber.add(interval(ASK_INTERVAL).subscribe(() => dialled.ask()));
      dialled.ask();
    });
  });
}

function aborted(signal: AbortSignal): Observable<never> {
  return new Observable((subscriber) => {
    const abort = () => subscriber.error(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
}

function connectError(where: string, cause: Error): SessionError {
  return new SessionError('SMUX_ERR_CONNECT', `cannot connect to ${where}: ${cause.message}`, { cause });
}

function timeoutError(where: string, connectTimeout: number, rejected: number): SessionError {
  const likely =
    rejected > 0
      ? `${rejected} datagrams came that are not sealed with our key: key and crypt must be the same on both ends`
      : 'nothing came: nobody listens there, or key or crypt differ, for which a server stays silent';
  return new SessionError('SMUX_ERR_CONNECT_TIMEOUT', `no answer from ${where} within ${connectTimeout} ms: ${likely}`);
}

const ASK_INTERVAL = 250;
