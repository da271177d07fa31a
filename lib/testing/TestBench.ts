import { type RunHelpers } from 'rxjs/testing';
import { type SessionOptions } from '../options.js';
import { createSession, type Session } from '../session.js';
import { type Transport } from '../transport/Transport.js';
import { bytesOf } from './bytesOf.js';
import { connect } from './connect.js';
import { expectFrames } from './expectFrames.js';
import { expectStream } from './expectStream.js';
import { FramePeer } from './FramePeer.js';
import { type LinkedTransport, type LinkOptions, linkedTransports } from './linkedTransports.js';
import { lookUp } from './lookUp.js';
import { parseDiagram } from './parseDiagram.js';
import { type TestHelpers } from './TestHelpers.js';
import { type VirtualTime } from './VirtualTime.js';

/** Makes the helpers of one test, and clears away what was made with them. */
export class TestBench {
  readonly helpers: TestHelpers;
  readonly #made: { destroy(): void }[] = [];

  constructor(time: VirtualTime, helpers: RunHelpers) {
    this.helpers = {
      ...helpers,
      createSession: (transport, options) => this.#createSession(transport, options),
      linkedTransports: (options) => this.#link(options),
      linkedSessions: ({ link: linkOptions, ...options } = {}) => {
        const link = this.#link(linkOptions);
        const client = this.#createSession(link[0], { ...options, role: 'client' });
        return { client, server: this.#createSession(link[1], { ...options, role: 'server' }), link };
      },
      connect: (dial, options) => {
        let attempt = 0;
        return connect(() => this.#createSession(dial(++attempt), { ...options, role: 'client' }));
      },
      frames: (diagram, table = {}, error) =>
        new FramePeer(
          this.#link(),
          parseDiagram(diagram, (mark) => lookUp(table, mark), error),
          time,
        ),
      expectFrames: (transport) => expectFrames(time, transport),
      expectStream: (source, subscriptionMarbles = null) => expectStream(time, source, subscriptionMarbles),
      coldBytes: (diagram, table = {}, error) =>
        helpers.cold(
          diagram,
          eachMark(diagram, (mark) => bytesOf(table, mark)),
          error,
        ),
      grants: (diagram, table = {}) =>
        helpers.cold(
          diagram,
          eachMark(diagram, (mark) => (/^\d$/.test(mark) ? Number(mark) : lookUp(table, mark))),
        ),
    };
  }

  clear(): void {
    for (const made of this.#made.splice(0)) made.destroy();
  }

  #createSession(transport: Transport, options: SessionOptions): Session {
    const session = createSession(transport, options);
    this.#made.push(session);
    return session;
  }

  #link(options?: LinkOptions): [LinkedTransport, LinkedTransport] {
    const link = linkedTransports(options);
    this.#made.push(...link);
    return link;
  }
}

function eachMark<T>(diagram: string, meaningOf: (mark: string) => T): Record<string, T> {
  const values: Record<string, T> = {};
  parseDiagram(diagram, (mark) => {
    values[mark] = meaningOf(mark);
  });
  return values;
}
