/** A fault put into a copy of the compiled library. */
export interface Mutant {
  /** What it does wrong. */
  readonly name: string;
  /** In `lib`, without its ending. */
  readonly file: string;
  /** Must be there exactly once; any white space will do for a blank. */
  readonly find: string;
  readonly replace: string;
}

/** Faults that sessions of this kind are known for. The simulation must find each. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'drops the window update that waited for the one before',
    file: 'inbound/windowUpdates',
    find: 'take(0);',
    replace: '',
  },
  {
    name: 'gives credit twice',
    file: 'inbound/windowUpdates',
    find: 'total += size;',
    replace: 'total += 2 * size;',
  },
  {
    name: 'queues window updates without end',
    file: 'inbound/windowUpdates',
    find: 'isPending = sent$ !== undefined;',
    replace: '',
  },
  {
    name: 'gives credit on receipt',
    file: 'inbound/StreamReader',
    find: 'this.#input$.next(payload);',
    replace: 'this.#input$.next(payload); this.consume(payload.length);',
  },
  {
    name: 'forgets to return the credit of what a consumer worked on',
    file: 'inbound/consume',
    find: 'reader.consume(chunk.length);',
    replace: '',
  },
  {
    name: 'loses the unread tail when FIN comes',
    file: 'inbound/StreamReader',
    find: 'if (this.#input$) this.#input$.complete(); else this.#finish();',
    replace: 'this.#finish();',
  },
  {
    name: 'keeps the budget of what was thrown away unread',
    file: 'inbound/StreamReader',
    find: 'this.#host.budget.give(this.unread);',
    replace: '',
  },
  {
    name: 'never reads again once the budget was used up',
    file: 'inbound/ReceiveBudget',
    find: 'this.#link.resume();',
    replace: ';',
  },
  {
    name: 'never stops reading',
    file: 'inbound/ReceiveBudget',
    find: 'this.#link.pause();',
    replace: ';',
  },
  {
    name: 'lets FIN overtake data',
    file: 'outbound/Outlet',
    find: 'command === Command.SYN ||',
    replace: 'command === Command.SYN || command === Command.FIN ||',
  },
  {
    name: 'does not wrap counters at 2^32',
    file: 'outbound/limitAfter',
    find: 'sent - consumed) | 0;',
    replace: 'sent - consumed);',
  },
  {
    name: 'ignores the window',
    file: 'outbound/StreamWriter',
    find: 'this.#version === 1 ? Number.POSITIVE_INFINITY : INITIAL_WINDOW',
    replace: 'Number.POSITIVE_INFINITY',
  },
  {
    name: 'sends frames larger than it may',
    file: 'outbound/StreamWriter',
    find: 'splitPayload(chunk, options.maxFrameSize)',
    replace: 'splitPayload(chunk, 65535)',
  },
  {
    name: 'writes while the link is full',
    file: 'outbound/Outlet',
    find: 'if (isReady) this.#ready();',
    replace: 'this.#ready();',
  },
  {
    name: 'does not notice that the link has room again',
    file: 'outbound/Outlet',
    find: 'drained$, () => this.#ready());',
    replace: 'drained$, () => {});',
  },
  {
    name: 'never sends again once all that waited was dropped',
    file: 'outbound/Outlet',
    find: 'else this.#isIdle = true;',
    replace: '',
  },
  {
    name: 'keeps the room of what was sent',
    file: 'outbound/Outlet',
    find: 'if (frame.command === Command.PSH) this.unsent -= frame.payload.length;',
    replace: '',
  },
  {
    name: 'keeps the room of what an aborted stream had waiting',
    file: 'outbound/StreamWriter',
    find: 'outlet.release(dropped);',
    replace: '',
  },
  {
    name: 'leaves the frames of an aborted stream in the queue',
    file: 'outbound/StreamWriter',
    find: 'outlet.drop(this.#stream.id, this.#queuedFrames);',
    replace: '',
  },
  {
    name: 'leaves a timer running when a stream ends early',
    file: 'outbound/StreamWriter',
    find: 'this.#lingering?.unsubscribe(); this.#watching?.unsubscribe();',
    replace: '',
  },
  {
    name: 'sends no second FIN when a half-closed stream is closed',
    file: 'outbound/StreamWriter',
    find: 'if (this.isEnded && !this.#isPeerEnded) this.#finsWanted = 2;',
    replace: '',
  },
  {
    name: 'lets a writer wait for ever for a peer that has ended',
    file: 'outbound/StreamWriter',
    find: 'if (isWaiting && framed === this.#framed)',
    replace: 'if (false)',
  },
  {
    name: 'forgets a lane of the round robin when its turn is over',
    file: 'outbound/RoundRobin',
    find: 'this.#turns.push(lane); } return undefined;',
    replace: '} return undefined;',
  },
  {
    name: 'splits bytes at the wrong place',
    file: 'queue/ByteQueue',
    find: 'this.#chunks.replaceHead(unpinned(chunk.subarray(limit), 8));',
    replace: 'this.#chunks.replaceHead(unpinned(chunk.subarray(limit > 9 ? limit - 1 : limit), 8));',
  },
  {
    name: 'keeps streams that are over',
    file: 'session/StreamTable',
    find: 'this.inlets.delete(streamId);',
    replace: '',
  },
  {
    name: 'counts streams of the peer that are over',
    file: 'session/StreamTable',
    find: 'this.#peerIds.delete(streamId);',
    replace: '',
  },
  {
    name: 'sends no SYN for streams opened before the version was known',
    file: 'session/StreamTable',
    find: 'for (const stream of this.all) this.#announce(stream);',
    replace: 'for (const stream of this.all) stream.start();',
  },
  {
    name: 'takes more streams than it may',
    file: 'session/StreamTable',
    find: 'this.#peerIds.size >= options.maxStreams',
    replace: 'false',
  },
  {
    name: 'swallows why a stream has ended',
    file: 'stream',
    find: 'this.#closed$?.next(this.#failure ? { cause: asError(this.#failure.cause) } : {});',
    replace: 'this.#closed$?.next({});',
  },
  {
    name: 'swallows why the session has ended',
    file: 'session/MuxSession',
    find: 'this.closed$.next(cause === undefined ? {} : { cause });',
    replace: 'this.closed$.next({});',
  },
  {
    name: 'does not tell the streams that the session has ended',
    file: 'session/StreamTable',
    find: 'for (const stream of this.all) stream.linkEnded(cause);',
    replace: '',
  },
  {
    name: 'closes the session while frames still wait',
    file: 'session/MuxSession',
    find: 'this.streamCount === 0 && this.#outlet.waiting === 0',
    replace: 'true',
  },
  {
    name: 'never gives up on a silent peer',
    file: 'session/keepAlive',
    find: 'silentTicks === TICKS',
    replace: 'false',
  },
  {
    name: 'shows no life while it has nothing to send',
    file: 'session/MuxSession',
    find: 'if (this.#outlet.waiting === 0) this.#outlet.queue(',
    replace: 'if (false) this.#outlet.queue(',
  },
  {
    name: 'leaves a transport behind',
    file: 'session/MuxSession',
    find: 'this.transport.destroy();',
    replace: '',
  },
  {
    name: 'loses streams that wait to be accepted',
    file: 'session/AcceptQueue',
    find: 'this.#waiting.push(stream);',
    replace: '',
  },
];
