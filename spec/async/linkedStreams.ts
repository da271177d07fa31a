import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Session, type SmuxOptions, type SmuxStream } from '../../lib/index.js';
import { createSession } from '../../lib/session.js';
import { type LinkedTransport, linkedTransports } from '../../lib/testing/index.js';

/** A stream of two real sessions over a link in memory, both ends of it. */
export async function linkedStreams(options: SmuxOptions = {}): Promise<{
  readonly client: Session;
  readonly server: Session;
  readonly link: LinkedTransport;
  readonly opened: SmuxStream;
  readonly accepted: SmuxStream;
}> {
  const [a, b] = linkedTransports();
  const client = createSession(a, { role: 'client', keepAliveDisabled: true, ...options });
  const server = createSession(b, { role: 'server', keepAliveDisabled: true, firstFrameTimeout: 0, ...options });
  sessions.push(client, server);
  const opened = client.open();
  const accepted = await firstValueFrom(server.streams$);
  return { client, server, link: a, opened, accepted };
}

/** Lets everything that is ready happen: turns of the event loop, no time. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** For `describe`: ends the sessions behind each spec, and fails one that leaves a rejection unhandled. */
export function tidyUp(): void {
  const unhandled: unknown[] = [];
  const note = (cause: unknown) => void unhandled.push(cause);
  beforeEach(() => void process.on('unhandledRejection', note));
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await settle();
    process.off('unhandledRejection', note);
    expect(unhandled.splice(0)).toStrictEqual([]);
  });
}

const sessions: Session[] = [];
