import { timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { run } from '../../lib/testing/index.js';

describe('a peer that has ended', () => {
  it('is not taken for dead while our last bytes are on their way to it', () => {
    const endings: unknown[] = [];
    let received = 0;
    run(
      ({ createSession, linkedTransports }) => {
        const [a, b] = linkedTransports({ bandwidth: 100_000 });
        const options = { version: 1, keepAliveInterval: 500, keepAliveTimeout: 1000 } as const;
        const session = createSession(a, { role: 'server', ...options });
        const peer = createSession(b, { role: 'client', ...options });
        session.streams$.subscribe((stream) => {
          stream.next(new Uint8Array(500_000)); // takes the link 5 s
          stream.complete();
        });
        const stream = peer.open();
        stream.subscribe((chunk) => {
          received += chunk.length;
        });
        stream.complete();
        timer(10).subscribe(() => b.close());
        session.closed$.subscribe((ending) => endings.push(ending));
      },
      { until: 20_000 },
    );
    expect(endings).toStrictEqual([{}]);
    expect(received).toBe(500_000);
  });
});
