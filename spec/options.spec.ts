import { describe, expect, it } from 'vitest';
import { assertWeight, type ResolvedOptions, resolveOptions, type SessionOptions } from '../lib/options.js';

const MAX = 0x7fffffff;
/** Each number, and what it may be. */
const numbers = [
  ['keepAliveInterval', 1, 30_000],
  ['keepAliveTimeout', 10_000, MAX],
  ['maxFrameSize', 1, 65_535],
  ['maxReceiveBuffer', 1, MAX],
  ['maxReceiveOverdraft', 0, MAX],
  ['maxStreamBuffer', 1, 4_194_304],
  ['maxSendBuffer', 1, Number.MAX_SAFE_INTEGER],
  ['maxStreams', 0, MAX],
  ['maxStreamRate', 0, MAX],
  ['acceptBacklog', 0, MAX],
  ['firstFrameTimeout', 0, MAX],
  ['closeTimeout', 1, MAX],
  ['drainTimeout', 0, MAX],
  ['finLinger', 0, MAX],
  ['holdFirstFrames', 0, MAX],
] as const;
const flags = ['keepAliveDisabled', 'holdFinUntilPeerFin'] as const;
const clientDefaults: ResolvedOptions = {
  role: 'client',
  version: 2,
  keepAliveInterval: 10_000,
  keepAliveTimeout: 30_000,
  keepAliveDisabled: false,
  maxFrameSize: 32_768,
  maxReceiveBuffer: 4_194_304,
  maxReceiveOverdraft: 16_777_216,
  maxStreamBuffer: 262_144,
  maxSendBuffer: 33_554_432,
  maxStreams: 1024,
  maxStreamRate: 0,
  acceptBacklog: 1024,
  firstFrameTimeout: 30_000,
  closeTimeout: 60_000,
  drainTimeout: 10_000,
  finLinger: 0,
  holdFinUntilPeerFin: false,
  holdFirstFrames: 0,
};

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveOptions({ role: 'client' })).toStrictEqual(clientDefaults);
    expect(resolveOptions({ role: 'server' })).toStrictEqual({ ...clientDefaults, role: 'server', version: 'auto' });
  });

  it('takes an undefined field for one that is missing', () => {
    const options = Object.fromEntries(Object.keys(clientDefaults).map((field) => [field, undefined]));
    expect(resolveOptions({ ...options, role: 'client' })).toStrictEqual(clientDefaults);
  });

  it('knows no other fields, and leaves its input alone', () => {
    const options = Object.freeze({ role: 'client', maxFrameSize: 1000, maxframesize: 7 } as const);
    expect(resolveOptions(options)).toStrictEqual({ ...clientDefaults, maxFrameSize: 1000 });
  });

  it('checks each field', () => {
    const checked = [...numbers.map(([field]) => field), ...flags, 'role', 'version'].sort();
    expect(checked).toStrictEqual(Object.keys(clientDefaults).sort());
  });

  describe.each(numbers)('%s', (field, least, most) => {
    it(`may be from ${least} to ${most}`, () => {
      expect(resolveOptions({ role: 'server', [field]: least })[field]).toBe(least);
      expect(resolveOptions({ role: 'server', [field]: most })[field]).toBe(most);
    });

    it.each([
      least - 1,
      most + 1,
      least + 0.5,
      -1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      '10000',

      10_000n,
      true,
      {},
      [10_000],
    ])('may not be %s', (value) => {
      const options = { role: 'server', [field]: value } as unknown as SessionOptions;
      // An interval beyond the timeout is too little of a timeout.
      const named = field === 'keepAliveInterval' && value === most + 1 ? 'keepAliveTimeout' : field;
      expect(() => resolveOptions(options)).toThrow(RangeError);
      expect(() => resolveOptions(options)).toThrow(new RegExp(`^${named} must be an integer from \\d+ to \\d+, got `));
    });
  });

  describe.each(flags)('%s', (field) => {
    it('may be true or false', () => {
      expect(resolveOptions({ role: 'client', [field]: true })[field]).toBe(true);
      expect(resolveOptions({ role: 'client', [field]: false })[field]).toBe(false);
    });

    it.each([0, 1, 'true', '', {}, Number.NaN])('may not be %j', (value) => {
      const options = { role: 'client', [field]: value } as unknown as SessionOptions;
      expect(() => resolveOptions(options)).toThrow(RangeError);
      expect(() => resolveOptions(options)).toThrow(`${field} must be one of true, false, got ${value}`);
    });
  });

  describe('role', () => {
    it.each([undefined, null, 'peer', '', 0, {}])('may not be %j', (role) => {
      const options = { role } as unknown as SessionOptions;
      expect(() => resolveOptions(options)).toThrow(RangeError);
      expect(() => resolveOptions(options)).toThrow(`role must be one of client, server, got ${role}`);
    });
  });

  describe('version', () => {
    it.each([1, 2] as const)('may be %i on both sides', (version) => {
      expect(resolveOptions({ role: 'client', version }).version).toBe(version);
      expect(resolveOptions({ role: 'server', version }).version).toBe(version);
    });

    it('may be detected by a server only: a client is heard first', () => {
      expect(resolveOptions({ role: 'server', version: 'auto' }).version).toBe('auto');
      expect(() => resolveOptions({ role: 'client', version: 'auto' })).toThrow(
        new RangeError('version must be one of 1, 2, got auto'),
      );
    });

    it.each([0, 3, 1.5, '1', Number.NaN, true, {}])('may not be %j', (version) => {
      for (const role of ['client', 'server']) {
        const options = { role, version } as unknown as SessionOptions;
        expect(() => resolveOptions(options)).toThrow(RangeError);
        expect(() => resolveOptions(options)).toThrow(/^version must be one of 1, 2/);
      }
    });
  });

  describe('fields that go together', () => {
    it('keepAliveTimeout is at least keepAliveInterval', () => {
      const at = (keepAliveInterval: number, keepAliveTimeout?: number) =>
        resolveOptions({ role: 'client', keepAliveInterval, ...(keepAliveTimeout && { keepAliveTimeout }) });
      expect(at(500, 500)).toMatchObject({ keepAliveInterval: 500, keepAliveTimeout: 500 });
      expect(() => at(500, 499)).toThrow(/^keepAliveTimeout must be an integer from 500 /);
      expect(() => at(30_001)).toThrow(/^keepAliveTimeout must be an integer from 30001 /);
    });

    it('maxStreamBuffer is at most maxReceiveBuffer, and follows it down', () => {
      const at = (options: Partial<SessionOptions>) => resolveOptions({ role: 'client', ...options });
      expect(at({ maxReceiveBuffer: 1000 }).maxStreamBuffer).toBe(1000);
      expect(at({ maxReceiveBuffer: 262_145 }).maxStreamBuffer).toBe(262_144);
      expect(at({ maxReceiveBuffer: 1000, maxStreamBuffer: 1000 }).maxStreamBuffer).toBe(1000);
      expect(() => at({ maxReceiveBuffer: 1000, maxStreamBuffer: 1001 })).toThrow(
        new RangeError('maxStreamBuffer must be an integer from 1 to 1000, got 1001'),
      );
    });
  });
});

describe('assertWeight', () => {
  it.each([1, 1.5, 2, 256])('takes %d', (weight) => {
    expect(assertWeight(weight)).toBe(weight);
  });

  it.each([0, 0.99, 256.5, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (weight) => {
    expect(() => assertWeight(weight)).toThrow(new RangeError(`weight must be from 1 to 256, got ${weight}`));
  });
});
