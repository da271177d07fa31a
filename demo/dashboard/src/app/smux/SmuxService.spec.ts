import { TestBed } from '@angular/core/testing';
import { type Transport, type Version } from 'rx-smux';
import { fin, psh, run, syn, type TestHelpers } from 'rx-smux/testing';
import { map, ReplaySubject, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type Adjustment } from '../../../shared/Adjustment';
import { encodeRequest } from '../../../shared/encodeRequest';
import { describeFrame } from '../frames/describeFrame';
import { type Figures, type Traffic } from '../streams/Traffic';
import { BACKEND } from './Backend';
import { SmuxService } from './SmuxService';

/** A service that finds these links, one after the other, and what it told the server beside them. */
function serviceOver({ connect }: TestHelpers, ...links: Transport[]) {
  const told$ = new ReplaySubject<string>();
  const backend = {
    connect: (version: Version, tap: (transport: Transport) => Transport) =>
      connect(() => tap(links.shift() ?? expect.fail('no more links')), { version }),
    adjust: ({ key, weight, isSlow }: Adjustment) => {
      told$.next(`${key} ${isSlow ? 'slow' : 'quick'}, weight ${weight}`);
      return timer(ANSWER_TIME);
    },
  };
  TestBed.configureTestingModule({ providers: [SmuxService, { provide: BACKEND, useValue: backend }] });
  return { service: TestBed.inject(SmuxService), told$ };
}

const requestOf = (traffic: Traffic) => psh(3, encodeRequest(traffic));

describe('SmuxService', () => {
  it('opens a stream for what is started, and closes it when that is stopped', () => {
    run(
      (helpers) => {
        const peer = helpers.frames('-----');
        const sent = '               (sr)f';
        const { service } = serviceOver(helpers, peer);
        service.session$.subscribe(); // somebody wants the link, with or without streams
        const traffic = service.start('bulk', 7);
        timer(4).subscribe(() => service.stop(traffic));

        helpers
          .expectObservable(
            service.streams$.pipe(map((streams) => streams.map(({ kind, weight }) => `${kind} ${weight}`))),
          )
          .toBe('a---b', { a: ['bulk 7'], b: [] });
        helpers.expectFrames(peer).toBe(sent, { s: syn(3), r: requestOf(traffic), f: fin(3) });
      },
      { until: 1000 },
    );
  });

  it('finds a lost link again after two seconds, and opens its streams again', () => {
    run(
      (helpers) => {
        const peers = [helpers.frames('---#', {}, new Error('cable')), helpers.frames('-----')];
        const { service } = serviceOver(helpers, ...peers);
        const traffic = service.start('telemetry');
        const state$ = service.connection$.pipe(map(({ session, cause }) => (session ? 'connected' : cause)));

        helpers.expectObservable(state$).toBe('c--l 1999ms c', { c: 'connected', l: expect.stringContaining('cable') });
        for (const peer of peers) {
          helpers.expectFrames(peer).toBe('(sr)', { s: syn(3), r: requestOf(traffic) });
        }
      },
      { until: 3000, assertDeepEqual: (actual, expected) => expect(actual).toEqual(expected) },
    );
  });

  it('tells of the frames that pass, both ways', () => {
    run(
      (helpers) => {
        const peer = helpers.frames('---a-', { a: psh(3, 'hello') });
        const { service } = serviceOver(helpers, peer);
        const frames$ = service.frames$.pipe(map(({ direction, frame }) => `${direction} ${describeFrame(frame)}`));
        helpers.expectObservable(frames$).toBe('(sr)-', {
          s: 'out SYN',
          r: expect.stringMatching(/^out PSH \d+ bytes$/),
          a: 'in PSH 5 bytes',
        });
        service.start('bulk');
      },
      { until: 2, assertDeepEqual: (actual, expected) => expect(actual).toEqual(expected) },
    );
  });

  it('stops one stream that is read slowly, while another one goes on', () => {
    const figures = run(
      (helpers) => {
        const [near, far] = helpers.linkedTransports({ bandwidth: 1_000_000 });
        const server = helpers.createSession(far, { role: 'server' });
        server.streams$.subscribe((stream) => stream.send(endless()).subscribe());
        const { service } = serviceOver(helpers, near);
        const [slow, quick] = [service.start('bulk'), service.start('bulk')];
        const seen: { slow?: Figures; quick?: Figures } = {};
        slow.figures$.subscribe((latest) => Object.assign(seen, { slow: latest }));
        quick.figures$.subscribe((latest) => Object.assign(seen, { quick: latest }));
        timer(1000).subscribe(() => slow.isSlow$.next(true));
        return seen;
      },
      { until: 4990 },
    );
    expect(figures.slow?.rate).toBe(0);
    expect(figures.slow?.stats?.window).toBe(0);
    expect(figures.quick?.rate).toBeGreaterThan(950_000);
  });

  it('has the server read an upload slowly, beside the link, and tells it one thing after the other', () => {
    run(
      (helpers) => {
        const { service, told$ } = serviceOver(helpers, helpers.frames('-----'));
        const upload = service.start('upload');
        upload.isSlow$.next(true);
        upload.isSlow$.next(false);
        helpers.expectObservable(told$).toBe('s-q', {
          s: `${upload.key} slow, weight 1`,
          q: `${upload.key} quick, weight 1`,
        });
      },
      { until: 10 },
    );
  });

  it('weighs a stream anew at both of its ends, and in the next link', () => {
    run(
      (helpers) => {
        const [first, second] = [helpers.frames('---#', {}, new Error('cable')), helpers.frames('-----')];
        const { service, told$ } = serviceOver(helpers, first, second);
        const bulk = service.start('bulk', 2);
        const request = { kind: bulk.kind, key: bulk.key, isSlow: false };
        bulk.weight$.next(7);
        timer(1000).subscribe(() => bulk.weight$.next(9)); // there is no link then, so the request says it

        const weight$ = bulk.stream$.pipe(map((stream) => stream?.weight));
        helpers.expectObservable(weight$).toBe('a--u 1999ms b', { a: 7, u: undefined, b: 9 });
        helpers.expectObservable(told$).toBe('a', { a: `${bulk.key} quick, weight 7` });
        helpers.expectFrames(first).toBe('(sr)', { s: syn(3), r: psh(3, encodeRequest({ ...request, weight: 2 })) });
        helpers.expectFrames(second).toBe('(sr)', { s: syn(3), r: psh(3, encodeRequest({ ...request, weight: 9 })) });
      },
      { until: 3000 },
    );
  });
});

/** Milliseconds that the server takes to hear something. */
const ANSWER_TIME = 2;

function* endless(): Generator<Uint8Array> {
  for (;;) yield new Uint8Array(16 * 1024);
}
