import { catchError, config, EMPTY, NEVER, of, Subject, TimeoutError, throwError, timeout, timer, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { type SmuxStream } from '../lib/stream.js';
import { framesOf } from '../lib/testing/index.js';
import { bytes, sizeOf, textOf } from './helpers/frames.js';
import { observe } from './helpers/observe.js';
import { scriptedPeers } from './helpers/scriptedPeers.js';

const v1 = framesOf(1);
const v2 = framesOf(2);
const INITIAL_WINDOW = 262_144;
const scripted = scriptedPeers();
const started: typeof scripted = (options, counters) => scripted({ keepAliveDisabled: true, ...options }, counters);
/** A stream that we opened, its SYN already sent. */
const opened = async (options = {}, counters = {}) => {
  const peer = started({ role: 'client', ...options }, counters);
  const stream = peer.session.open();
  await peer.sent();
  return { ...peer, stream };
};
/** A stream that the peer opened. */
const accepted = async (options = {}) => {
  const peer = started({ role: 'server', version: 2, ...options });
  await peer.receive(framesOf(peer.session.version ?? 2).syn(3));
  const stream = observe(peer.session.streams$).values[0] as SmuxStream;
  return { ...peer, stream };
};

describe('reading by subscription', () => {
  it('pauses when it is unsubscribed and goes on with the next subscriber, nothing lost', async () => {
    const { stream, receive } = await opened();
    const first = observe(stream);
    await receive(v2.psh(3, 'one '));
    first.subscription.unsubscribe();
    await receive(v2.psh(3, 'two '), v2.psh(3, 'three'));
    expect(stream.stats.unread).toBe(9);
    expect(textOf(first.values)).toBe('one ');
    expect(textOf(observe(stream).values)).toBe('two three');
    expect(stream.stats.unread).toBe(0);
  });

  it('notifies a second subscriber that the stream is taken', async () => {
    const { stream, receive } = await opened();
    const first = observe(stream);
    const second = observe(stream);
    expect(second.error).toMatchObject({ name: 'StreamError', code: 'SMUX_ERR_STREAM_LOCKED', streamId: 3 });
    await receive(v2.psh(3, 'x'));
    expect(first.values).toHaveLength(1);
  });

  it('replays the end', async () => {
    const { stream, receive } = await opened();
    observe(stream);
    await receive(v2.fin(3));
    expect(observe(stream)).toMatchObject({ isComplete: true, values: [] });
  });

  it('counts a chunk as consumed although the subscriber throws, and reports that once', async () => {
    const { stream, session, receive, pass } = await opened();
    const unhandled = vi.fn();
    config.onUnhandledError = unhandled;
    stream.subscribe({
      next: () => {
        throw new Error('bug in a consumer');
      },
      error: () => undefined,
    });
    await receive(v2.psh(3, 'x'));
    await pass(1); // RxJS reports behind the code that runs now
    config.onUnhandledError = null;
    expect(unhandled).toHaveBeenCalledTimes(1);
    expect(session.stats.unread).toBe(0);
    expect(session.isClosed).toBe(false);
  });
});

describe('credit', () => {
  it('returns with each half window, that which the protocol opens a stream with included', async () => {
    const { stream, receive, sent } = await opened();
    observe(stream);
    for (const consumed of [131_072, 262_144]) {
      await receive(...Array.from({ length: 4 }, () => v2.psh(3, new Uint8Array(32_767))));
      expect(await sent()).toEqual([]);
      await receive(v2.psh(3, new Uint8Array(4)));
      expect(await sent()).toEqual([`UPD 3 ${consumed}/${INITIAL_WINDOW}`]);
    }
  });

  it('returns with the first bytes where the options want a smaller window', async () => {
    const { stream, receive, sent } = await accepted({ maxStreamBuffer: 1000 });
    expect(await sent()).toEqual([]);
    observe(stream);
    await receive(v2.psh(3, new Uint8Array(1)));
    expect(await sent()).toEqual(['UPD 3 1/1000']);
    await receive(v2.psh(3, new Uint8Array(499)));
    expect(await sent()).toEqual([]);
    await receive(v2.psh(3, new Uint8Array(1)));
    expect(await sent()).toEqual(['UPD 3 501/1000']);
  });

  it('is less from the start where the session has little room', async () => {
    const { session, receive, sent } = await accepted();
    for (let id = 5; id < 45; id += 2) {
      await receive(v2.syn(id), ...Array.from({ length: 5 }, () => v2.psh(id, new Uint8Array(0xc000))));
    }
    expect(session.stats.unread).toBeGreaterThan(4 * 1024 * 1024);
    expect((await sent()).at(-1)).toBe('UPD 43 0/4096');
    await receive(v2.syn(99));
    expect(await sent()).toEqual(['UPD 99 0/4096']);
  });

  it('does not return for bytes that nobody has consumed', async () => {
    const { receive, sent } = await opened();
    await receive(v2.psh(3, new Uint8Array(60_000)));
    expect(await sent()).toEqual([]);
  });

  it('is not returned in version 1, nor behind FIN', async () => {
    const old = await opened({ version: 1 });
    observe(old.stream);
    await old.receive(v1.psh(3, 'x'));
    expect(await old.sent()).toEqual([]);
    const { stream, receive, sent } = await opened();
    await receive(v2.psh(3, 'x'), v2.fin(3));
    observe(stream);
    expect(await sent()).toEqual([]);
  });

  it('is returned while we read on after our own FIN', async () => {
    const { stream, receive, sent } = await opened();
    observe(stream);
    stream.complete();
    await sent();
    for (let turn = 0; turn < 3; turn++) await receive(v2.psh(3, new Uint8Array(50_000)));
    expect(await sent()).toEqual([`UPD 3 150000/${INITIAL_WINDOW}`]);
  });

  it('waits as one update a stream while the link is full, the newest', async () => {
    const { stream, receive, sent, link, drain } = await opened();
    observe(stream);
    link.isFull = true;
    stream.next(bytes('fill'));
    await sent();
    for (let turn = 0; turn < 8; turn++) await receive(v2.psh(3, new Uint8Array(50_000)));
    expect(await sent()).toEqual([]);
    await drain();
    expect(await sent()).toEqual([`UPD 3 150000/${INITIAL_WINDOW}`, `UPD 3 400000/${INITIAL_WINDOW}`]);
  });

  it('counts on across 2^32, both ways', async () => {
    const { stream, receive, sent } = await opened({}, { sent: 0xffff_fff0, consumed: 0xffff_fff0 });
    observe(stream);
    for (let turn = 0; turn < 4; turn++) await receive(v2.psh(3, new Uint8Array(0x8000)));
    expect(await sent()).toEqual([`UPD 3 ${0x20000 - 0x10}/${INITIAL_WINDOW}`]);
    stream.next(new Uint8Array(INITIAL_WINDOW + 0x20));
    expect((await sent()).length).toBe(8);
    expect(stream.bufferedAmount).toBe(0x20);
    await receive(v2.upd(3, 0x10, INITIAL_WINDOW));
    expect(await sent()).toEqual(['PSH 3 (32)']);
  });
});

describe('consume', () => {
  it('holds the peer back until the work on a chunk is done', async () => {
    const { stream, session, receive, sent, pass } = await opened({ maxStreamBuffer: 6000 });
    const slow = observe(stream.consume(() => timer(100)));
    await receive(v2.psh(3, new Uint8Array(3000)), v2.psh(3, new Uint8Array(4000)));
    await pass(99);
    expect(await sent()).toEqual([]);
    expect(session.stats.unread).toBe(7000);
    await pass(1);
    expect(await sent()).toEqual(['UPD 3 3000/6000']);
    await pass(100);
    expect(session.stats.unread).toBe(0);
    await receive(v2.fin(3));
    expect(slow).toMatchObject({ values: [0, 0], isComplete: true });
  });

  it('has as many chunks in hand as it may, no more', async () => {
    const { stream, receive } = await opened();
    const inHand: Subject<never>[] = [];
    observe(
      stream.consume(
        () => {
          const work = new Subject<never>();
          inHand.push(work);
          return work;
        },
        { concurrency: 2 },
      ),
    );
    await receive(...Array.from({ length: 5 }, () => v2.psh(3, new Uint8Array(3000))));
    expect(inHand).toHaveLength(2);
    inHand[1]?.complete();
    expect(inHand).toHaveLength(3);
    inHand[0]?.complete();
    inHand[2]?.complete();
    expect(inHand).toHaveLength(5);
  });

  it('counts the chunks in hand as consumed when it is left early, and leaves the rest', async () => {
    const { stream, session, receive } = await opened();
    const consuming = observe(stream.consume(() => NEVER));
    await receive(v2.psh(3, new Uint8Array(3000)), v2.psh(3, new Uint8Array(4000)));
    consuming.subscription.unsubscribe();
    expect(session.stats.unread).toBe(4000);
    expect(sizeOf(observe(stream).values)).toBe(4000);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('bad chunk');
      },
    ],
    ['errors', () => throwError(() => new Error('bad chunk'))],
  ])('errors when the work %s, and the stream stays open and readable', async (_, work: () => never | typeof EMPTY) => {
    const { stream, session, receive } = await opened();
    const consuming = observe(stream.consume(work));
    await receive(v2.psh(3, new Uint8Array(3000)), v2.psh(3, new Uint8Array(4000)));
    expect(consuming.error).toMatchObject({ message: 'bad chunk' });
    expect(session.stats.unread).toBe(4000);
    expect(sizeOf(observe(stream).values)).toBe(4000);
  });
});

describe('demand', () => {
  it('hands out exactly what is granted', async () => {
    const { stream, session, receive } = await opened();
    const credit = new Subject<number>();
    const reading = observe(stream.demand(credit));
    await receive(v2.psh(3, 'abcdef'), v2.psh(3, 'ghij'));
    expect(reading.values).toEqual([]);
    credit.next(4);
    expect(textOf(reading.values)).toBe('abcd');
    expect(session.stats.unread).toBe(6);
    credit.next(3);
    expect(textOf(reading.values)).toBe('abcdefg');
    credit.complete();
    expect(reading.isComplete).toBe(true);
    expect(textOf(observe(stream).values)).toBe('hij');
  });

  it('completes when all that was granted has come, and lets the next reader follow at once', async () => {
    const { stream, receive } = await opened();
    const texts: string[] = [];
    stream
      .demand(of(1, 2))
      .pipe(toArray())
      .subscribe((head) => {
        texts.push(textOf(head));
        stream
          .demand(of(4))
          .pipe(toArray())
          .subscribe((body) => texts.push(textOf(body)));
      });
    await receive(v2.psh(3, 'ab'));
    expect(texts).toEqual([]);
    await receive(v2.psh(3, 'cdefgh'));
    expect(texts).toEqual(['abc', 'defg']);
    expect(stream.stats.unread).toBe(1);
  });

  it('completes early when the stream ends, and errors with it', async () => {
    const { stream, receive } = await opened();
    const reading = observe(stream.demand(of(100)));
    await receive(v2.psh(3, 'short'), v2.fin(3));
    expect(textOf(reading.values)).toBe('short');
    expect(reading.isComplete).toBe(true);
  });

  it.each([-1, 2.5, Number.NaN])('errors on a grant of %d', async (grant) => {
    const { stream } = await opened();
    expect(observe(stream.demand(of(grant))).error).toBeInstanceOf(RangeError);
    expect(observe(stream).error).toBeUndefined();
  });
});

describe('a reader that fails', () => {
  it('has let go of the stream when it tells', async () => {
    const { stream, receive } = await opened();
    const second = observe(stream.demand(of(-1)).pipe(catchError(() => stream.demand(of(2)))));
    await receive(v2.psh(3, 'ab'));
    expect(textOf(second.values)).toBe('ab');

    const work = () => throwError(() => new Error('bad chunk'));
    const third = observe(stream.consume(work).pipe(catchError(() => stream.demand(of(2)))));
    await receive(v2.psh(3, 'cd'), v2.psh(3, 'ef'));
    expect(textOf(third.values)).toBe('ef');
  });
});

describe('async iteration', () => {
  it('pulls chunk after chunk; one is consumed at the following pull', async () => {
    const { stream, session, receive } = await opened();
    const iterator = stream[Symbol.asyncIterator]();
    await receive(v2.psh(3, new Uint8Array(3000)), v2.psh(3, new Uint8Array(4000)), v2.fin(3));
    expect((await iterator.next()).value).toHaveLength(3000);
    expect(session.stats.unread).toBe(7000);
    expect((await iterator.next()).value).toHaveLength(4000);
    expect(session.stats.unread).toBe(4000);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(session.stats.unread).toBe(0);
  });

  it('leaves the rest for the next consumer at break', async () => {
    const { stream, receive } = await opened();
    await receive(v2.psh(3, new Uint8Array(3000)), v2.psh(3, new Uint8Array(4000)));
    for await (const chunk of stream) {
      expect(chunk).toHaveLength(3000);
      break;
    }
    expect(sizeOf(observe(stream).values)).toBe(4000);
  });

  it('locks at the first pull and rejects with the cause of the end', async () => {
    const { stream, session } = await opened();
    const iterator = stream[Symbol.asyncIterator]();
    const other = stream[Symbol.asyncIterator]();
    const pull = iterator.next();
    await expect(other.next()).rejects.toMatchObject({ code: 'SMUX_ERR_STREAM_LOCKED' });
    const failure = expect(pull).rejects.toThrow('gone');
    session.destroy(new Error('gone'));
    await failure;
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});

describe('writing', () => {
  it('goes as far as the window of 262144 bytes that every stream starts with, then as far as the peer allows', async () => {
    const { stream, receive, sent } = await opened();
    stream.next(new Uint8Array(300_000));
    expect(await sent()).toHaveLength(8);
    expect(stream.bufferedAmount).toBe(300_000 - INITIAL_WINDOW);
    await receive(v2.upd(3, INITIAL_WINDOW, 1000));
    expect(await sent()).toEqual(['PSH 3 (1000)']);
    await receive(v2.upd(3, INITIAL_WINDOW + 1000, 0));
    expect(await sent()).toEqual([]);
    await receive(v2.upd(3, INITIAL_WINDOW + 1000, 1_000_000));
    expect(await sent()).toEqual(['PSH 3 (32768)', 'PSH 3 (4088)']);
  });

  it('obeys a window that shrinks before anything was written', async () => {
    const { stream, receive, sent } = await opened();
    await receive(v2.upd(3, 0, 10));
    stream.next(bytes('0123456789 and more'));
    expect(await sent()).toEqual(['PSH 3 0123456789']);
  });

  it('knows no window in version 1', async () => {
    const { stream, sent } = await opened({ version: 1, maxFrameSize: 65_535 });
    stream.next(new Uint8Array(1_000_000));
    expect(await sent()).toHaveLength(16);
    expect(stream.stats.credit).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([['text'], [[1, 2]], [null], [new ArrayBuffer(1)]])('throws at %o', async (value) => {
    const { stream } = await opened();
    expect(() => stream.next(value as unknown as Uint8Array)).toThrow(TypeError);
  });

  it('ignores bytes after its end', async () => {
    const { stream, sent } = await opened();
    stream.next(bytes('a'));
    stream.complete();
    stream.next(bytes('b'));
    expect(await sent()).toEqual(['PSH 3 a', 'FIN 3']);
    expect(stream.bufferedAmount).toBe(0);
  });

  it('beyond maxSendBuffer aborts that stream only', async () => {
    const { stream, session, sent, link, drain } = await opened({ version: 1, maxSendBuffer: 1000 });
    const other = session.open();
    await sent();
    link.isFull = true;
    stream.next(bytes('x'));
    await sent();
    stream.next(new Uint8Array(600));
    other.next(new Uint8Array(400));
    expect(observe(stream.closed$).values).toEqual([]);
    stream.next(new Uint8Array(1));
    expect(observe(stream).error).toMatchObject({ code: 'SMUX_ERR_SEND_BUFFER', streamId: 3 });
    await drain();
    expect(await sent()).toEqual(['PSH 5 (400)', 'FIN 3']);
    expect(observe(stream.closed$).values).toMatchObject([{ cause: { code: 'SMUX_ERR_SEND_BUFFER' } }]);
    expect(session.stats.unsent).toBe(0);
  });

  it('tells when more is welcome', async () => {
    const { stream, receive } = await opened();
    const writable = observe(stream.writable$);
    stream.next(new Uint8Array(INITIAL_WINDOW));
    expect(writable.values).toEqual([true, false]);
    stream.next(new Uint8Array(INITIAL_WINDOW));
    await receive(v2.upd(3, 1000, INITIAL_WINDOW));
    expect(writable.values).toEqual([true, false]);
    await receive(v2.upd(3, INITIAL_WINDOW, INITIAL_WINDOW));
    expect(writable.values).toEqual([true, false, true]);
    stream.complete();
    await receive();
    expect(writable.isComplete).toBe(true);
  });

  it('sends nothing behind FIN where who hears that there is no room aborts it', async () => {
    const { stream, session, sent } = await opened({ maxSendBuffer: 1000 });
    await sent();
    stream.writable$.subscribe((isWritable) => {
      if (!isWritable) stream.error(new Error('enough'));
    });
    stream.next(new Uint8Array(600));
    expect(session.stats.unsent).toBe(0);
    expect(await sent()).toEqual(['FIN 3']);
  });

  it('tells writable$ of every stream that the session has no room, and when it has again', async () => {
    const { stream, session, link, drain } = await opened({ maxSendBuffer: 1000 });
    const other = session.open();
    const writable = observe(other.writable$);
    link.isFull = true;
    stream.next(bytes('fill'));
    await Promise.resolve();
    stream.next(new Uint8Array(600));
    expect(writable.values).toEqual([true, false]);
    link.isFull = false;
    await drain();
    expect(writable.values).toEqual([true, false, true]);
  });
});

describe('send', () => {
  it('pulls no faster than the peer takes, reports what was handed over and half-closes', async () => {
    const { stream, receive, sent } = await opened();
    let pulled = 0;
    function* source() {
      for (; pulled < 20; pulled++) yield new Uint8Array(65_536);
    }
    const sending = observe(stream.send(source()));
    await sent();
    const before = pulled;
    expect(before).toBeLessThan(12);
    await receive(v2.upd(3, INITIAL_WINDOW, 10_000_000));
    expect(sending).toMatchObject({ isComplete: true });
    expect(sending.values.at(-1)).toBe(20 * 65_536);
    expect((await sent()).at(-1)).toBe('FIN 3');
  });

  it('is one at a time', async () => {
    const { stream } = await opened();
    const first = observe(stream.send(NEVER));
    expect(observe(stream.send(EMPTY)).error).toMatchObject({ code: 'SMUX_ERR_STREAM_LOCKED' });
    first.subscription.unsubscribe();
    expect(observe(stream.send(EMPTY)).isComplete).toBe(true);
  });

  it('leaves the stream open when it is unsubscribed, and where it is told to', async () => {
    const { stream, sent } = await opened();
    observe(stream.send(NEVER)).subscription.unsubscribe();
    expect(observe(stream.send([bytes('a')], { preventClose: true })).values).toEqual([]);
    stream.next(bytes('b'));
    stream.complete();
    expect((await sent()).join()).toBe('PSH 3 a,PSH 3 b,FIN 3');
  });

  it('aborts the stream when the source fails', async () => {
    const { stream, sent } = await opened();
    const received = observe(stream);
    const sending = observe(stream.send(throwError(() => new Error('no such file'))));
    expect(sending.error).toMatchObject({ message: 'no such file' });
    expect(received.error).toMatchObject({ message: 'no such file' });
    expect(await sent()).toEqual(['FIN 3']);
  });

  it('errors when the stream is ended under it', async () => {
    const { stream } = await opened();
    const sending = observe(stream.send(NEVER));
    stream.complete();
    expect(sending.error).toMatchObject({ code: 'SMUX_ERR_STREAM_CLOSED' });
    expect(observe(stream.send(of(bytes('x')))).error).toMatchObject({ code: 'SMUX_ERR_STREAM_CLOSED' });
  });

  it('echoes a stream to itself', async () => {
    const { stream, receive, sent } = await accepted();
    const sending = observe(stream.send(stream));
    await receive(v2.psh(3, 'hello'), v2.fin(3));
    expect(await sent()).toEqual(['PSH 3 hello', 'FIN 3']);
    expect(sending).toMatchObject({ values: [5], isComplete: true });
  });
});

describe('deadlines, by RxJS', () => {
  it('end a read that takes too long and leave the stream to the next reader', async () => {
    const { stream, receive, pass } = await opened();
    const reading = observe(stream.pipe(timeout(1000)));
    await pass(1000);
    expect(reading.error).toBeInstanceOf(TimeoutError);
    await receive(v2.psh(3, 'late'));
    expect(textOf(observe(stream).values)).toBe('late');
  });

  it('end a send that gets no credit and leave the stream open', async () => {
    const { stream, receive, sent, pass } = await opened();
    await receive(v2.upd(3, 0, 0));
    const sending = observe(stream.send([bytes('waits')], { preventClose: true }).pipe(timeout(1000)));
    await pass(1000);
    expect(sending.error).toBeInstanceOf(TimeoutError);
    stream.complete();
    await receive(v2.upd(3, 0, 100));
    expect(await sent()).toEqual(['PSH 3 waits', 'FIN 3']);
  });
});

describe('half-close', () => {
  it('ours first: reading goes on, and the stream is over with the FIN of the peer', async () => {
    const { stream, session, receive, sent } = await opened();
    const received = observe(stream);
    const closed = observe(stream.closed$);
    stream.next(bytes('question'));
    stream.complete();
    expect(await sent()).toEqual(['PSH 3 question', 'FIN 3']);
    await receive(v2.psh(3, 'answer'));
    expect(closed.values).toEqual([]);
    await receive(v2.fin(3));
    expect(textOf(received.values)).toBe('answer');
    expect(received.isComplete).toBe(true);
    expect(closed.values).toEqual([{}]);
    expect(session.streamCount).toBe(0);
  });

  it('theirs first: one FIN of ours is enough, even where the end of the reader ends the stream twice', async () => {
    const { stream, receive, sent } = await accepted();
    stream.subscribe({
      complete: () => {
        stream.complete();
        stream.close();
      },
    });
    await receive(v2.fin(3));
    expect(await sent()).toEqual(['FIN 3']);
  });

  it('theirs first: the reader completes and we may still write', async () => {
    const { stream, session, receive, sent } = await accepted();
    await receive(v2.psh(3, 'question'), v2.fin(3));
    expect(observe(stream).isComplete).toBe(true);
    stream.next(bytes('answer'));
    stream.complete();
    expect(await sent()).toEqual(['PSH 3 answer', 'FIN 3']);
    expect(session.streamCount).toBe(0);
  });

  it('of both keeps the unread tail for whoever reads later', async () => {
    const { stream, session, receive, sent } = await opened();
    stream.complete();
    await sent();
    await receive(v2.psh(3, new Uint8Array(100_000).subarray(0, 30_000)), v2.psh(3, 'tail'), v2.fin(3));
    expect(observe(stream.closed$).values).toEqual([{}]);
    expect(session.streamCount).toBe(0);
    const received = observe(stream);
    expect(sizeOf(received.values)).toBe(30_004);
    expect(received.isComplete).toBe(true);
    expect(session.stats.unread).toBe(0);
  });

  it('waits behind bytes that wait for credit', async () => {
    const { stream, receive, sent } = await opened();
    await receive(v2.upd(3, 0, 2));
    stream.next(bytes('abcd'));
    stream.complete();
    expect(await sent()).toEqual(['PSH 3 ab']);
    await receive(v2.upd(3, 2, 2));
    expect(await sent()).toEqual(['PSH 3 cd', 'FIN 3']);
  });

  it('twice is as good as once', async () => {
    const { stream, sent } = await opened();
    stream.complete();
    stream.complete();
    expect(await sent()).toEqual(['FIN 3']);
  });
});

describe('close', () => {
  it('sends what waits and FIN, drops what is unread, and completes the reader', async () => {
    const { stream, session, receive, sent } = await opened();
    const received = observe(stream.consume(() => NEVER));
    await receive(v2.psh(3, new Uint8Array(3000)), v2.psh(3, new Uint8Array(3000)));
    stream.next(bytes('bye'));
    stream.close();
    expect(received.isComplete).toBe(false); // its work on the chunk in hand goes on
    expect(session.stats.unread).toBe(3000);
    expect(await sent()).toEqual(['PSH 3 bye', 'FIN 3']);
    expect(observe(stream.closed$).values).toEqual([{}]);
    expect(session.streamCount).toBe(0);
    await receive(v2.psh(3, 'too late'));
    received.subscription.unsubscribe();
    expect(session.stats.unread).toBe(0);
  });

  it('after complete sends a second FIN, which says that nobody reads', async () => {
    const { stream, sent } = await opened();
    stream.complete();
    expect(await sent()).toEqual(['FIN 3']);
    stream.close();
    stream.close();
    expect(await sent()).toEqual(['FIN 3']);
    expect(observe(stream.closed$).values).toEqual([{}]);
  });

  it('after complete sends both FINs behind bytes that wait for credit', async () => {
    const { stream, receive, sent } = await opened();
    await receive(v2.upd(3, 0, 2));
    stream.next(bytes('abcd'));
    stream.complete();
    stream.close();
    expect(await sent()).toEqual(['PSH 3 ab']);
    await receive(v2.upd(3, 2, 2));
    expect(await sent()).toEqual(['PSH 3 cd', 'FIN 3', 'FIN 3']);
  });

  it('after the end sends nothing', async () => {
    const { stream, receive, sent } = await opened();
    await receive(v2.fin(3));
    stream.complete();
    await sent();
    stream.close();
    stream.error(new Error('late'));
    expect(await sent()).toEqual([]);
  });

  it('gives up after closeTimeout on a peer that takes nothing more', async () => {
    const { stream, receive, sent, pass } = await opened({ closeTimeout: 5000 });
    await receive(v2.upd(3, 0, 0));
    stream.next(bytes('never read'));
    stream.close();
    await pass(4999);
    expect(await sent()).toEqual([]);
    await pass(1);
    expect(await sent()).toEqual(['FIN 3']);
    expect(observe(stream.closed$).values).toMatchObject([{ cause: { code: 'SMUX_ERR_PEER_CLOSED' } }]);
  });
});

describe('error', () => {
  it('drops what waits, sends FIN, errors the reader, and leaves the siblings alone', async () => {
    const { stream, session, receive, sent, link, drain } = await opened();
    const received = observe(stream);
    const sibling = session.open();
    await sent();
    link.isFull = true;
    sibling.next(bytes('x'));
    await sent();
    stream.next(bytes('dropped'));
    sibling.next(bytes('kept'));
    const cause = new Error('changed my mind');
    stream.error(cause);
    expect(received.error).toBe(cause);
    expect(stream.bufferedAmount).toBe(0);
    await drain();
    expect(await sent()).toEqual(['PSH 5 kept', 'FIN 3']);
    expect(observe(stream.closed$).values).toEqual([{ cause }]);
    await receive(v2.psh(3, 'late'));
    expect(session.stats.unread).toBe(0);
  });
});

describe('a writer whose peer is done', () => {
  it('fails at the second FIN', async () => {
    const { stream, receive, sent } = await opened();
    const sending = observe(stream.send(NEVER));
    await receive(v2.fin(3));
    expect(sending.error).toBeUndefined();
    await receive(v2.fin(3));
    expect(sending.error).toMatchObject({ code: 'SMUX_ERR_PEER_CLOSED' });
    expect(await sent()).toEqual(['FIN 3']);
    expect(observe(stream.closed$).values).toEqual([{}]);
  });

  it('fails after closeTimeout without credit behind one FIN; the session lives on', async () => {
    const { stream, session, receive, pass } = await opened({ closeTimeout: 5000 });
    const sending = observe(stream.send([new Uint8Array(300_000)]));
    await receive(v2.fin(3));
    await pass(4000);
    await receive(v2.upd(3, 1000, INITIAL_WINDOW)); // some credit: the time counts anew
    await pass(5000);
    expect(sending.error).toBeUndefined();
    await pass(1000);
    expect(sending.error).toMatchObject({ code: 'SMUX_ERR_PEER_CLOSED' });
    expect(session.isClosed).toBe(false);
  });

  it('is told by closed$ when bytes of it were lost', async () => {
    const { stream, receive } = await opened();
    await receive(v2.upd(3, 0, 2));
    stream.next(bytes('abc'));
    await receive(v2.fin(3), v2.fin(3));
    expect(observe(stream.closed$).values).toMatchObject([{ cause: { code: 'SMUX_ERR_PEER_CLOSED' } }]);
  });

  it('ends in order when it had nothing more to say, and the reader gets all that was sent', async () => {
    const { stream, receive, sent } = await opened();
    const slow = observe(stream.consume(() => timer(10)));
    await receive(v2.psh(3, new Uint8Array(3000)), v2.psh(3, new Uint8Array(4000)), v2.fin(3), v2.fin(3));
    expect(await sent()).toEqual(['FIN 3']);
    expect(observe(stream.closed$).values).toEqual([{}]);
    await vi.advanceTimersByTimeAsync(20);
    expect(slow).toMatchObject({ values: [0, 0], isComplete: true });
    expect(stream.stats.consumed).toBe(7000);
  });
});

describe('closing a stream whose peer has closed it', () => {
  it('gives back what nobody has read', async () => {
    const { stream, session, receive } = await opened();
    await receive(v2.psh(3, new Uint8Array(3000)), v2.fin(3), v2.fin(3));
    expect(session.stats.unread).toBe(3000);
    stream.close();
    expect(session.stats.unread).toBe(0);
    expect(observe(stream).isComplete).toBe(true);
  });
});

describe('for peers of old and half-closing kinds', () => {
  it('finLinger holds our FIN behind the answer to a peer that has half-closed', async () => {
    const { stream, receive, sent, pass } = await accepted({ finLinger: 500 });
    await receive(v2.psh(3, 'question'), v2.fin(3));
    stream.next(bytes('answer'));
    stream.complete();
    stream.close();
    expect(await sent()).toEqual(['PSH 3 answer']);
    await pass(499);
    expect(await sent()).toEqual([]);
    await pass(1);
    expect(await sent()).toEqual(['FIN 3']);
    expect(observe(stream.closed$).values).toEqual([{}]);
  });

  it('finLinger does not hold it before a peer that has not', async () => {
    const { stream, sent } = await accepted({ finLinger: 500 });
    stream.complete();
    expect(await sent()).toEqual(['FIN 3']);
  });

  it('holdFinUntilPeerFin keeps our FIN until theirs has come, or we close', async () => {
    const { stream, session, receive, sent } = await opened({ holdFinUntilPeerFin: true });
    const other = session.open();
    await sent();
    stream.next(bytes('question'));
    stream.complete();
    other.complete();
    expect(await sent()).toEqual(['PSH 3 question']);
    await receive(v2.psh(3, 'answer'), v2.fin(3));
    expect(await sent()).toEqual(['FIN 3']);
    other.close();
    expect(await sent()).toEqual(['FIN 5', 'FIN 5']); // the second one as after any complete()
  });

  it('holdFirstFrames keeps back what an acceptor says first, until the opener has spoken or the time is up', async () => {
    const speaking = await accepted({ holdFirstFrames: 300 });
    speaking.stream.next(bytes('welcome'));
    speaking.stream.complete();
    await speaking.pass(299);
    expect(await speaking.sent()).toEqual([]);
    await speaking.pass(1);
    expect(await speaking.sent()).toEqual(['PSH 3 welcome', 'FIN 3']);

    const answering = await accepted({ holdFirstFrames: 300 });
    answering.stream.next(bytes('welcome'));
    expect(await answering.sent()).toEqual([]);
    await answering.receive(v2.psh(3, 'hello'));
    expect(await answering.sent()).toEqual(['PSH 3 welcome']);

    const reading = await accepted({ holdFirstFrames: 300 });
    reading.stream.next(bytes('welcome'));
    await reading.receive(v2.upd(3, 0, 100_000)); // who gives credit has the stream as well
    expect(await reading.sent()).toEqual(['PSH 3 welcome']);
  });
});
