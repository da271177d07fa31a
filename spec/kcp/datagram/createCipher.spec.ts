import { describe, expect, it } from 'vitest';
import { CRYPT_NAMES, createCipher, deriveKey, type KcpCrypt } from '../../../lib/kcp/datagram/createCipher.js';
import { type DatagramCipher } from '../../../lib/kcp/datagram/DatagramCipher.js';
import { DatagramWriter } from '../../../lib/kcp/datagram/DatagramWriter.js';
import { counting, hex, toHex } from '../../helpers/bytes.js';
import { RandomBytes } from '../../helpers/random.js';

const KEY = "it's a secrect";
const ALL = CRYPT_NAMES as readonly KcpCrypt[];
const CHECKED = ALL.filter((name) => name !== 'null');

/** What a cipher makes of payloads, sealed together. */
const seal = (name: KcpCrypt, payloads: readonly Uint8Array[], key = KEY) => {
  const sealed: Uint8Array[] = [];
  const writer = new DatagramWriter(createCipher(name, key), (datagrams) => {
    sealed.push(...datagrams.map((datagram) => new Uint8Array(datagram)));
    return true;
  });
  for (const payload of payloads) writer.write(payload);
  writer.flush();
  return sealed;
};

const open = (cipher: DatagramCipher, datagram: Uint8Array) => cipher.open([datagram])[0];

describe('deriveKey', () => {
  it('makes the key that kcptun makes of its default passphrase', () => {
    expect(toHex(deriveKey(KEY))).toBe('25d7d7bd51050742d8d791f2b653c6c8b2366b7e25a124cf7a2e12eaf4ffa444');
  });
});

describe('createCipher', () => {
  it('opens the datagram of aes that was recorded, again and again', () => {
    const cipher = createCipher('aes', KEY);
    const datagram =
      'e663de7d730c70d0c9ef5d493b51ec7e6562609de600f939ea63d18cdd54218dfbab3ede498cdf0f1b1887b06d4c08395e73289d';
    for (let time = 0; time < 3; time++) {
      const payload = open(cipher, hex(datagram)) as Uint8Array;
      expect(toHex(payload)).toMatch(/^50c706ce51000004\w{24}080000000100000003000000$/);
    }
  });

  it('puts nonce and CRC-32 in front for none, in clear text', () => {
    const [datagram] = seal('none', [hex('31 32 33 34 35 36 37 38 39')]);
    expect(toHex(datagram as Uint8Array).slice(32)).toBe('2639f4cb313233343536373839');
    expect(seal('null', [counting(5)])).toEqual([counting(5)]);
  });

  it.each(ALL)('opens what it sealed, of every size: %s', (name) => {
    const random = new RandomBytes(3);
    const payloads = Array.from({ length: 400 }, (_, at) => random.take(at < 100 ? at : 1350 - at));
    const sealed = seal(name, payloads);
    const cipher = createCipher(name, KEY);
    const { headerSize, trailerSize } = cipher;
    expect(sealed).toHaveLength(400);
    for (let from = 0, count = 1; from < 400; from += count, count = (count % 48) + 1) {
      const datagrams = sealed.slice(from, from + count);
      const wanted = payloads.slice(from, from + count);
      expect(datagrams.map(({ length }) => length)).toEqual(
        wanted.map(({ length }) => headerSize + length + trailerSize),
      );
      const opened = cipher.open(datagrams).map((payload) => toHex(payload as Uint8Array));
      expect(opened).toEqual(wanted.map((payload) => toHex(payload)));
    }
  });

  it.each(ALL.filter((name) => name !== 'null' && name !== 'none'))('shows nothing of the bytes: %s', (name) => {
    const payload = new Uint8Array(1000).fill(7);
    const [first, second] = seal(name, [payload, payload]).map((datagram) => toHex(datagram));
    expect(first).not.toBe(second);
    if (name !== 'xor') expect(first).not.toContain('07070707');
  });

  it.each(CHECKED)('opens nothing that was changed: %s', (name) => {
    const cipher = createCipher(name, KEY);
    const [sealed] = seal(name, [counting(100)]) as [Uint8Array];
    const { headerSize } = cipher;
    // A change of the nonce of none is no change of the payload; elsewhere it is.
    for (let at = name === 'none' || name === 'xor' ? 16 : headerSize; at < sealed.length; at++) {
      const changed = new Uint8Array(sealed);
      changed[at] = (changed[at] as number) ^ 0x10;
      expect(open(cipher, changed)).toBeUndefined();
    }
    expect(open(cipher, sealed.slice(0, -1))).toBeUndefined();
    expect(open(cipher, new Uint8Array([...sealed, 0]))).toBeUndefined();
    expect(open(cipher, new Uint8Array(sealed))).toEqual(expect.any(Uint8Array));
  });

  it.each(CHECKED)('picks out of many what is sealed with its key: %s', (name) => {
    const payloads = [counting(100), counting(1), counting(1300)];
    const [first, second, third] = seal(name, payloads) as [Uint8Array, Uint8Array, Uint8Array];
    const changed = new Uint8Array(second);
    changed[changed.length - 1] = (changed[changed.length - 1] as number) ^ 1;
    const datagrams = [new Uint8Array(3), first, changed, counting(600), second, new Uint8Array(0), third];
    const opened = createCipher(name, KEY).open(datagrams);
    expect(opened.map((payload) => payload && toHex(payload))).toEqual(
      [undefined, payloads[0], undefined, undefined, payloads[1], undefined, payloads[2]].map(
        (payload) => payload && toHex(payload),
      ),
    );
  });

  it.each(CHECKED)('opens nothing that is too short, or random, or sealed with another key: %s', (name) => {
    const cipher = createCipher(name, KEY);
    const random = new RandomBytes(9);
    for (let size = 0; size < 40; size++) expect(open(cipher, new Uint8Array(size))?.length ?? 0).toBe(0);
    for (let size = 20; size < 1500; size += 37) expect(open(cipher, random.take(size))).toBeUndefined();
    if (name === 'none') return;
    for (const datagram of seal(name, [counting(50), counting(1300)], 'another key')) {
      expect(open(cipher, datagram)).toBeUndefined();
    }
  });

  it('rejects what it does not know', () => {
    expect(() => createCipher('blowfish' as KcpCrypt, KEY)).toThrow(RangeError);
    expect(() => createCipher('toString' as KcpCrypt, KEY)).toThrow('crypt must be one of null, none, aes, ');
  });
});

describe('DatagramWriter', () => {
  it('joins the parts of a payload', () => {
    const sent: string[] = [];
    const writer = new DatagramWriter(createCipher('null', ''), (datagrams) => {
      sent.push(...datagrams.map(toHex));
      return true;
    });
    writer.write(counting(3), counting(2, 9));
    expect(sent).toEqual([]);
    writer.flush();
    writer.flush();
    expect(sent).toEqual(['000102090a']);
  });

  it('never overwrites what has not left', () => {
    const kept: Uint8Array[] = [];
    const writer = new DatagramWriter(createCipher('null', ''), (datagrams) => {
      kept.push(...datagrams);
      return false;
    });
    for (let at = 0; at < 500; at++) {
      writer.write(counting(1000, at));
      if (at % 7 === 0) writer.flush();
    }
    writer.flush();
    expect(kept).toHaveLength(500);
    kept.forEach((datagram, at) => {
      expect(datagram).toEqual(counting(1000, at));
    });
  });
});
