import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WindowTuner } from '../../lib/inbound/WindowTuner.js';

const KB = 1024;
const MB = 1024 * KB;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('WindowTuner', () => {
  it('begins with the window it is given, and knows no round trip', () => {
    const tuner = new WindowTuner(64 * KB);
    expect(tuner.window).toBe(64 * KB);
    expect(tuner.roundTrip).toBeUndefined();
  });

  it.each([
    ['a long link', { roundTrip: 100, rate: 125_000 }],
    ['a very long link', { roundTrip: 600, rate: 20_000 }],
    ['a link across a town', { roundTrip: 10, rate: 1_000_000 }],
  ])('grows until %s is full, and not much further', (_, link) => {
    const { tuner, received } = talk(link, { ms: 20_000 });
    const product = link.rate * link.roundTrip;
    expect(tuner.window).toBeGreaterThanOrEqual(product);
    expect(tuner.window).toBeLessThanOrEqual(5 * product);
    expect(tuner.roundTrip).toBeGreaterThanOrEqual(link.roundTrip);
    expect(tuner.roundTrip).toBeLessThanOrEqual(1.5 * link.roundTrip);
    expect(received(19_000, 20_000)).toBeGreaterThanOrEqual(0.95 * link.rate * 1000);
  });

  it('reaches that within three seconds on 1 Gbit/s with 100 ms', () => {
    const { received } = talk({ roundTrip: 100, rate: 125_000 }, { ms: 4000 });
    expect(received(3000, 4000)).toBeGreaterThanOrEqual(0.9 * 125_000_000);
  });

  it('reaches it from a small window too', () => {
    const { received } = talk({ roundTrip: 100, rate: 125_000 }, { ms: 6000, window: 16 * KB });
    expect(received(5000, 6000)).toBeGreaterThanOrEqual(0.95 * 125_000_000);
  });

  it('does not grow beyond what there is room for', () => {
    const { tuner } = talk({ roundTrip: 100, rate: 125_000 }, { ms: 5000, most: 3 * MB });
    expect(tuner.window).toBe(3 * MB);
  });

  it('leaves a window alone that is large enough already', () => {
    const { tuner } = talk({ roundTrip: 1, rate: 100_000 }, { ms: 5000 });
    expect(tuner.window).toBeLessThanOrEqual(512 * KB);
  });

  it('does not take a peer with little to say for a long link', () => {
    const { tuner } = talk({ roundTrip: 20, rate: 5 }, { ms: 600_000, window: 16 * KB });
    expect(tuner.window).toBeLessThanOrEqual(32 * KB); // at most one wrong guess
  });

  it('grows on when the round trip has grown', () => {
    const link = { roundTrip: 20, rate: 50_000 };
    const { tuner, received, go } = talk(link, { ms: 5000 });
    const before = tuner.window;
    link.roundTrip = 200;
    go(8000);
    expect(tuner.window).toBeGreaterThan(before);
    expect(received(12_000, 13_000)).toBeGreaterThanOrEqual(0.9 * 50_000_000);
  });

  it('survives a clock that is set back and forth', () => {
    const link = { roundTrip: 100, rate: 125_000 };
    const { tuner, go, setClock, received } = talk(link, { ms: 1000 });
    for (const step of [-3_600_000, 7_200_000, -100, 100]) {
      setClock(step);
      go(1000);
    }
    go(4000);
    expect(tuner.window).toBeGreaterThanOrEqual(link.rate * link.roundTrip);
    expect(tuner.window).toBeLessThanOrEqual(32 * MB);
    expect(received(8000, 9000)).toBeGreaterThanOrEqual(0.95 * 125_000_000);
  });
});

/** A peer that sends all that link and window allow, to a reader that consumes it at once. @param link rate: bytes a millisecond */
function talk(
  link: { roundTrip: number; rate: number },
  { ms, window = 256 * KB, most = 32 * MB }: { readonly ms: number; readonly window?: number; readonly most?: number },
) {
  let now = 0;
  let clock = 1_000_000;
  const tuner = new WindowTuner(window);
  const totals = [0];
  let received = 0;
  let limit = window;
  let announced = window;
  const updates: { at: number; limit: number }[] = [];

  const tick = () => {
    now++;
    vi.setSystemTime(++clock);
    while (updates[0] && updates[0].at <= now) limit = updates.shift()?.limit ?? limit;
    for (let left = Math.min(link.rate, limit - received); left > 0; left -= 16 * KB) {
      const size = Math.min(left, 16 * KB);
      received += size;
      tuner.received(received, most);
      if (announced - received > tuner.window - Math.min(tuner.window / 2, 256 * KB)) continue;
      tuner.announced(announced);
      announced = received + tuner.window;
      updates.push({ at: now + link.roundTrip, limit: announced });
    }
    totals.push(received);
  };
  const go = (duration: number) => {
    for (let count = 0; count < duration; count++) tick();
  };
  go(ms);
  const at = (time: number) => totals[time] ?? Number.NaN;
  return {
    tuner,
    go,
    setClock: (step: number) => {
      clock += step;
    },
    received: (from: number, to: number) => at(to) - at(from),
  };
}
