import { describe, expect, it } from 'vitest';
import { FecDecoder } from '../../../lib/kcp/fec/FecDecoder.js';
import { FecEncoder } from '../../../lib/kcp/fec/FecEncoder.js';
import { FEC_HEADER_SIZE, fecKindOf } from '../../../lib/kcp/fec/fecHeader.js';
import { GeometryDetector } from '../../../lib/kcp/fec/GeometryDetector.js';
import { ReedSolomon } from '../../../lib/kcp/fec/ReedSolomon.js';
import { counting, hex, join, toHex } from '../../helpers/bytes.js';
import { RandomBytes } from '../../helpers/random.js';

/** Payloads as an encoder sends them. */
const encode = (payloads: readonly Uint8Array[], data: number, parity: number, first = 0) => {
  const datagrams: Uint8Array[] = [];
  const encoder = new FecEncoder(data, parity, 1400, (...parts) => datagrams.push(join(parts)), first);
  for (const payload of payloads) encoder.write(payload);
  return datagrams;
};
const payloadsOf = (count: number, seed = 1) => {
  const random = new RandomBytes(seed);
  return Array.from({ length: count }, (_, at) => random.take(24 + ((at * 97) % 1300)));
};

describe('ReedSolomon', () => {
  it.each([
    [2, 1, ['03 02']],
    [3, 2, ['01 01 01', '0f 08 06']],
    [10, 3, ['81 96 af b8 d2 c4 fe e8 03 02']],
  ])('has the coefficients of the code that kcp-go uses: %i + %i', (data, parity, rows) => {
    const code = new ReedSolomon(data, parity);
    rows.forEach((row, index) => {
      const actual = Array.from({ length: data }, (_, one) => {
        const target = new Uint8Array(1);
        code.parity(
          Array.from({ length: data }, (__, at) => new Uint8Array([at === one ? 1 : 0])),
          index,
          target,
        );
        return toHex(target);
      });
      expect(actual.join(' ')).toBe(row);
    });
  });

  it('makes up for every loss that it can, and for no more', () => {
    const code = new ReedSolomon(4, 3);
    const data = Array.from({ length: 4 }, (_, at) => new RandomBytes(at + 1).take(50));
    const parity = [0, 1, 2].map((index) => {
      const target = new Uint8Array(50);
      code.parity(data, index, target);
      return target;
    });
    const all = [...data, ...parity];
    for (let lost = 0; lost < 2 ** 7; lost++) {
      const shards = all.map((shard, at) => ((lost >> at) & 1 ? undefined : shard));
      const missing = data.filter((_, at) => (lost >> at) & 1);
      const isTooMuch = shards.filter((shard) => shard !== undefined).length < 4 && missing.length > 0;
      expect(code.rebuild(shards)).toEqual(isTooMuch ? undefined : missing);
    }
  });
});

describe('FecEncoder', () => {
  it('puts number, kind and size in front, and parity behind each group', () => {
    const datagrams = encode([counting(4), counting(2), counting(3)], 2, 1).map(toHex);
    expect(datagrams.slice(0, 2)).toEqual([
      toHex(hex('00000000 f100 0600 00010203')),
      toHex(hex('01000000 f100 0400 0001')),
    ]);
    // 03 · (06 00 00 01 02 03) + 02 · (04 00 00 01 00 00)
    expect(datagrams[2]).toBe(toHex(hex('02000000 f200 0200 00010605')));
    expect(datagrams[3]).toBe(toHex(hex('03000000 f100 0500 000102')));
    expect(datagrams).toHaveLength(4);
  });

  it('begins anew with a whole group before the numbers are used up', () => {
    const last = Math.floor(0xffffffff / 13) * 13 - 13;
    const datagrams = encode(payloadsOf(11), 10, 3, last);
    expect(datagrams).toHaveLength(14);
    expect(toHex((datagrams[13] as Uint8Array).subarray(0, 6))).toBe('00000000f100');
  });
});

describe('fecKindOf', () => {
  it('tells shards from plain segments', () => {
    expect(fecKindOf(hex('00000000 f100 0600'))).toBe(0xf1);
    expect(fecKindOf(hex('00000000 f200 0600'))).toBe(0xf2);
    expect(fecKindOf(hex('ffffffff f300 0600'))).toBe(0xf3);
    expect(fecKindOf(hex('00000000 5100 0600'))).toBeUndefined();
    expect(fecKindOf(hex('00000000 f101 0600'))).toBeUndefined();
    expect(fecKindOf(hex('00000000 f100'))).toBeUndefined();
  });
});

describe('GeometryDetector', () => {
  const observe = (kinds: string, first = 0) => {
    const detector = new GeometryDetector();
    const found: string[] = [];
    [...kinds].forEach((kind, at) => {
      if (kind === '-') return;
      const geometry = detector.observe(first + at, kind === 'p');
      if (geometry) found.push(`${geometry.dataShards}+${geometry.parityShards} at ${at}`);
    });
    return found;
  };

  it.each([
    ['dddppdddppd', ['3+2 at 10']],
    ['dpdpd', ['1+1 at 4']],
    ['dddppddd-pdddppdddpp', ['3+2 at 15']], // a gap hides a parity shard
    ['dddppd-dppdddppdd', ['3+2 at 15']],
    ['dddpp', []],
    ['dddppdddpp', []],
    ['dddddddddd', []],
  ])('is sure when it has seen a whole group: %s', (kinds, expected) => {
    expect(observe(kinds)).toEqual(expected);
  });

  it('takes nothing that does not begin where a group must', () => {
    expect(observe('dddppdddppd', 1)).toEqual([]);
  });
});

describe('FecDecoder', () => {
  /** Feeds what is not lost; what has been rebuilt, by the payload's place. */
  const decode = (datagrams: readonly Uint8Array[], isLost: (at: number) => boolean) => {
    const decoder = new FecDecoder();
    const rebuilt = datagrams.flatMap((datagram, at) => (isLost(at) ? [] : decoder.push(datagram)));
    return { rebuilt: rebuilt.map(toHex), decoder };
  };

  it('rebuilds what was lost, once the geometry is known', () => {
    const payloads = payloadsOf(100);
    const datagrams = encode(payloads, 10, 3);
    // Two data shards and a parity shard of each group but the first two.
    const { rebuilt, decoder } = decode(datagrams, (at) => at >= 26 && [2, 9, 11].includes(at % 13));
    const lost = payloads.filter((_, at) => at >= 20 && [2, 9].includes(at % 10)).map(toHex);
    expect(rebuilt).toEqual(lost);
    expect(decoder.rebuiltCount).toBe(16);
  });

  it('rebuilds nothing that came, and nothing where too much was lost', () => {
    const datagrams = encode(payloadsOf(100), 10, 3);
    expect(decode(datagrams, () => false).rebuilt).toEqual([]);
    expect(decode(datagrams, (at) => at >= 26 && at % 13 < 4).rebuilt).toEqual([]);
  });

  it('never guesses: without a whole group it stays idle', () => {
    const datagrams = encode(payloadsOf(100), 2, 1);
    expect(decode(datagrams, (at) => at % 3 === 0).rebuilt).toEqual([]);
  });

  it('bears shards in any order', () => {
    const payloads = payloadsOf(60);
    const datagrams = encode(payloads, 3, 2);
    const mixed = datagrams.slice(20).sort((a, b) => (a[8] as number) - (b[8] as number));
    const lost = new Set(mixed.filter((datagram) => (datagram[0] as number) % 5 === 1));
    const decoder = new FecDecoder();
    for (const datagram of datagrams.slice(0, 20)) decoder.push(datagram);
    const rebuilt = mixed.flatMap((datagram) => (lost.has(datagram) ? [] : decoder.push(datagram)));
    const all = new Set(payloads.map(toHex));
    const found = new Set(rebuilt.map(toHex));
    // Some that come late have been rebuilt before; what was lost has been rebuilt, and nothing that was never sent.
    expect([...found].filter((payload) => !all.has(payload))).toEqual([]);
    expect([...lost].filter((datagram) => !found.has(toHex(datagram.subarray(FEC_HEADER_SIZE))))).toEqual([]);
  });

  it('learns another geometry when the peer begins anew', () => {
    const decoder = new FecDecoder();
    for (const datagram of encode(payloadsOf(30), 3, 2)) decoder.push(datagram);
    const payloads = payloadsOf(60, 2);
    const again = encode(payloads, 10, 3);
    const rebuilt = again.flatMap((datagram, at) => (at >= 39 && at % 13 === 4 ? [] : decoder.push(datagram)));
    expect(rebuilt.map(toHex)).toEqual([34, 44, 54].map((at) => toHex(payloads[at] as Uint8Array)));
  });

  it('works with numbers that begin anew', () => {
    const payloads = payloadsOf(80);
    const datagrams = encode(payloads, 10, 3, Math.floor(0xffffffff / 13) * 13 - 39);
    const { rebuilt } = decode(datagrams, (at) => at >= 26 && at % 13 === 5);
    expect(rebuilt).toEqual(payloads.filter((_, at) => at >= 20 && at % 10 === 5).map(toHex));
  });

  it('keeps little of what never becomes whole', () => {
    const decoder = new FecDecoder();
    for (const datagram of encode(payloadsOf(30), 3, 2)) decoder.push(datagram);
    const random = new RandomBytes(1);
    for (let at = 0; at < 20_000; at++) {
      const datagram = random.take(40);
      datagram[4] = 0xf1 + (at % 2);
      datagram[5] = 0;
      for (const payload of decoder.push(datagram)) expect(payload.length).toBeLessThanOrEqual(32);
    }
  });
});
