import { run } from 'rx-smux/testing';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { limitRate } from './limitRate';

describe('limitRate', () => {
  it('asks for the next batch when the last one has had its time', () => {
    run(({ linkedTransports, expectObservable }) => {
      const [near] = linkedTransports();
      const limited = limitRate(near, 1000);
      expectObservable(limited.drained$.pipe(map(() => 'd'))).toBe('-----d');
      expect(limited.write([new Uint8Array(2), new Uint8Array(3)])).toBe(false);
    });
  });

  it('waits for a link that is slower still', () => {
    run(({ linkedTransports, expectObservable }) => {
      const [near, far] = linkedTransports({ latency: 9, sendBuffer: 1 });
      far.incoming$.subscribe();
      const limited = limitRate(near, 1000);
      expectObservable(limited.drained$.pipe(map(() => 'd'))).toBe('---------d');
      limited.write([new Uint8Array(5)]);
    });
  });

  it('asks for nothing any more when it has been destroyed', () => {
    run(({ linkedTransports, expectObservable }) => {
      const limited = limitRate(linkedTransports()[0], 1000);
      expectObservable(limited.drained$).toBe('------');
      limited.write([new Uint8Array(5)]);
      limited.destroy();
    });
  });

  it('carries what it is given, and the end of it', () => {
    run(({ linkedTransports, expectStream }) => {
      const [near, far] = linkedTransports();
      const limited = limitRate(near, 1000);
      expectStream(far.incoming$).toBe('(a|)', { a: 'hello' });
      limited.write([new TextEncoder().encode('hello')]);
      limited.close();
    });
  });
});
