import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type DatagramCipher } from '../../../lib/kcp/datagram/DatagramCipher.js';
import { DatagramReader } from '../../../lib/kcp/datagram/DatagramReader.js';
import { counting } from '../../helpers/bytes.js';

describe('DatagramReader', () => {
  it('opens what has arrived together at one go, and tells each where it comes from', async () => {
    const { reader, goes, received } = setUp();
    reader.push(counting(3), 'a');
    reader.push(counting(0), 'b');
    reader.push(counting(5), 'a');
    expect(received).toEqual([]);
    await turn();
    expect(goes).toEqual([3]);
    expect(received).toEqual(['a: 3', 'b: undefined', 'a: 5']);
    reader.push(counting(7), 'c');
    await turn();
    expect(goes).toEqual([3, 1]);
    expect(received).toHaveLength(4);
  });

  it('does not wait for more when it has much', async () => {
    const { reader, goes, received } = setUp();
    for (let count = 0; count < 50; count++) reader.push(counting(1400), 'a');
    expect(goes).toEqual([47]); // with the last of them, more than 65536 bytes
    await turn();
    expect(goes).toEqual([47, 3]);
    expect(received).toHaveLength(50);
  });
});

/** A reader whose cipher takes empty datagrams for badly sealed ones, how many it opened at each go, and what came of it. */
function setUp() {
  const goes: number[] = [];
  const received: string[] = [];
  const cipher: DatagramCipher = {
    headerSize: 0,
    trailerSize: 0,
    seal: ({ bytes }) => bytes,
    open: (datagrams) => {
      goes.push(datagrams.length);
      return datagrams.map((datagram) => (datagram.length > 0 ? datagram : undefined));
    },
  };
  const reader = new DatagramReader<string>(cipher, (payload, from) => received.push(`${from}: ${payload?.length}`));
  return { reader, goes, received };
}
