import { describe, expect, it } from 'vitest';
import { type Block, SendQueue } from '../../../lib/kcp/core/SendQueue.js';
import { counting } from '../../helpers/bytes.js';

describe('SendQueue', () => {
  it('uses the bytes of released blocks again, up to the limit', () => {
    const queue = new SendQueue(10, 100);
    const first = carry(queue, 150);
    for (const block of first) queue.release(block);
    const reused = carry(queue, 150).filter((block) => first.includes(block));
    expect(reused).toHaveLength(100);
    expect(new Set(reused)).toHaveLength(100);
  });

  it('lets go of most blocks when it is trimmed', () => {
    const queue = new SendQueue(10, 1000);
    const first = carry(queue, 500);
    for (const block of first) queue.release(block);
    queue.trim();
    expect(carry(queue, 500).filter((block) => first.includes(block))).toHaveLength(64);
  });

  it('cuts what is written into blocks, topping up the last one', () => {
    const queue = new SendQueue(10, 100);
    queue.push(counting(7));
    queue.push(counting(25));
    expect(queue.size).toBe(4);
    expect(all(queue).map(({ size }) => size)).toEqual([10, 10, 10, 2]);
  });
});

/** Writes so many full blocks and takes them out. */
function carry(queue: SendQueue, count: number): readonly Block[] {
  queue.push(counting(10 * count));
  return all(queue);
}

function all(queue: SendQueue): readonly Block[] {
  const blocks: Block[] = [];
  for (let block = queue.shift(); block !== undefined; block = queue.shift()) blocks.push(block);
  return blocks;
}
