import { createSession, type Session, type SmuxStream } from 'rx-smux';
import { linkedTransports, run } from 'rx-smux/testing';
import { type Subscription, timer } from 'rxjs';
import { type Values } from '../tasks/Task.js';
import { withDelay } from './withDelay.js';

export interface LongLinkParameters {
  readonly streams: number;
  /** Of the receiver; nothing for its default. */
  readonly maxReceiveBuffer?: number;
  /** The round trip from the moment {@link CHANGE_AT} on, in milliseconds; nothing for one that stays. */
  readonly laterRoundTrip?: number;
}

/**
 * Streams over a link of 1 Gbit/s and a round trip of 100 ms, in virtual time. In the end their readers stop: what was under way
 * then has to find room.
 */
export function longLink({ streams, maxReceiveBuffer, laterRoundTrip = ROUND_TRIP }: LongLinkParameters): Values {
  const measureFrom = laterRoundTrip === ROUND_TRIP ? PATIENCE : CHANGE_AT + PATIENCE;
  return run(
    () => {
      let roundTrip = ROUND_TRIP;
      const delay = () => (roundTrip - SHORTEST_ROUND_TRIP) / 2;
      const [a, b] = linkedTransports({ latency: SHORTEST_ROUND_TRIP / 2, bandwidth: LINK, sendBuffer: SEND_BUFFER });
      const client = createSession(withDelay(a, delay), { role: 'client', version: 2 });
      const budget = { ...(maxReceiveBuffer && { maxReceiveBuffer }) };
      const server = createSession(withDelay(b, delay), { role: 'server', ...budget });
      const receiver = receive(server);
      for (let index = 0; index < streams; index++) client.open().send(endless()).subscribe();

      timer(CHANGE_AT).subscribe(() => {
        roundTrip = laterRoundTrip;
      });
      const result = { bytesPerSecond: 0, unread: 0 };
      timer(measureFrom).subscribe(() => {
        const before = receiver.received;
        timer(1000).subscribe(() => {
          result.bytesPerSecond = receiver.received - before;
          receiver.stop();
        });
      });
      timer(0, 1).subscribe(() => {
        result.unread = Math.max(result.unread, server.stats.unread);
      });
      return result;
    },
    { until: measureFrom + 3000 },
  );
}

function receive(session: Session): { readonly received: number; stop(): void } {
  const readers: Subscription[] = [];
  const receiver = {
    received: 0,
    stop: () => {
      for (const reader of readers) reader.unsubscribe();
    },
  };
  session.streams$.subscribe((stream: SmuxStream) => {
    readers.push(
      stream.subscribe((chunk) => {
        receiver.received += chunk.length;
      }),
    );
  });
  return receiver;
}

function* endless(): Generator<Uint8Array> {
  const chunk = new Uint8Array(32_768).fill(7);
  for (;;) yield chunk;
}

/** Bytes a second: 1 Gbit. */
const LINK = 125_000_000;
/** More than the link and every window hold. */
const SEND_BUFFER = 64 * 1024 * 1024;
const ROUND_TRIP = 100;
const SHORTEST_ROUND_TRIP = 50;
/** Milliseconds. */
const CHANGE_AT = 4000;
/** How long the windows may take to fit the link, in milliseconds. */
const PATIENCE = 3000;
