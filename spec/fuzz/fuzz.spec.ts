import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hex } from '../helpers/bytes.js';
import { bytesInUse } from '../helpers/garbage.js';
import { fuzzDecoder } from './fuzzDecoder.js';
import { fuzzSession, type SessionOutcome, type SessionScript } from './fuzzSession.js';
import { peerBytes } from './ops.js';

/** Frames to try; `npm run fuzz` tries ten million. */
const FRAMES = Number(process.env.RX_SMUX_FUZZ_FRAMES ?? 40_000);
const SEED = Number(process.env.RX_SMUX_FUZZ_SEED ?? 1);
const unhandled = vi.fn();

beforeEach(() => {
  unhandled.mockClear();
  process.on('unhandledRejection', unhandled).on('uncaughtException', unhandled);
});
afterEach(() => {
  process.off('unhandledRejection', unhandled).off('uncaughtException', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

describe('any bytes', () => {
  it('make frames, or a ProtocolError, of a decoder', { timeout: 3_600_000 }, () => {
    const chunks = fc.oneof(fc.array(peerBytes(1)), fc.array(peerBytes(2), { minLength: 50, maxLength: 500 }));
    const version = fc.constantFrom(1 as const, 2 as const, 'auto' as const);
    let frames = 0;
    let seed = SEED;
    while (frames < FRAMES * 0.9) {
      const run = (one: Parameters<typeof fuzzDecoder>[0], input: readonly Uint8Array[], size: number) => {
        frames += fuzzDecoder(one, recut(input, size));
      };
      fc.assert(fc.property(version, chunks, fc.integer({ min: 1, max: 70_000 }), run), { seed: seed++, numRuns: 100 });
    }
    expect(frames).toBeGreaterThanOrEqual(FRAMES * 0.9);
  });

  it('leave a session within its options, and settled', { timeout: 3_600_000 }, async () => {
    const scripts = fc.constantFrom(1 as const, 2 as const).chain((version) =>
      fc.record({
        version: fc.constant(version),
        role: fc.constantFrom('client' as const, 'server' as const),
        service: fc.constantFrom('echo' as const, 'hold' as const, 'close' as const, 'error' as const, 'none' as const),
        chunks: fc.array(fc.oneof({ weight: 9, arbitrary: peerBytes(version) }, fc.constant(new Uint8Array(0))), {
          maxLength: 400,
          size: 'max',
        }),
        fullAfter: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
      }),
    );
    let frames = 0;
    let seed = SEED;
    const before = bytesInUse();
    while (frames < FRAMES * 0.1) {
      const property = fc.asyncProperty(scripts, async (script) => {
        frames += (await fuzzSession(script)).frames;
      });
      await fc.assert(property, { seed: seed++, numRuns: 50 });
    }
    expect(bytesInUse() - before).toBeLessThan(8_000_000);
  });
});

describe('what was found, or feared, before', () => {
  const folder = new URL('../fixtures/fuzz/', import.meta.url);
  const names = readdirSync(folder).map((file) => file.replace('.json', ''));
  it.each(names)('%s does no harm, and ends as it should', async (name) => {
    const { chunks, version, role, service, frames, ...outcome } = findingOf(new URL(`${name}.json`, folder));
    for (const anyService of ['echo', 'hold', 'close', 'error', 'none'] as const) {
      for (const anyRole of ['client', 'server'] as const) {
        for (const fullAfter of [1, 3, Number.POSITIVE_INFINITY]) {
          await fuzzSession({ version, role: anyRole, service: anyService, chunks, fullAfter });
        }
      }
    }
    expect(fuzzDecoder('auto', chunks)).toBe(frames);
    expect(await fuzzSession({ version, role, service, chunks, fullAfter: Number.POSITIVE_INFINITY })).toEqual({
      frames: expect.any(Number),
      ...outcome,
    });
  });
});

/** A finding: the bytes, and how a session of one role and service takes them. */
type Finding = Omit<SessionScript, 'fullAfter'> & SessionOutcome;

/** Chunks are hex, `(61)*5` a repetition; an empty one lets a turn pass. `what` is for people. */
function findingOf(file: URL): Finding {
  const { what: _what, chunks, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  const written = (chunk: string) => chunk.replaceAll(/\((\w+)\)\*(\d+)/g, (_, part, count) => part.repeat(count));
  return { ...rest, chunks: chunks.map((chunk: string) => hex(written(chunk))) };
}

function recut(chunks: readonly Uint8Array[], size: number): Uint8Array[] {
  const whole = Buffer.concat(chunks);
  const cut: Uint8Array[] = [];
  for (let at = 0; at < whole.length; at += size) cut.push(new Uint8Array(whole.subarray(at, at + size)));
  return cut;
}
