import { type Role } from '../../../lib/options.js';
import { type SmuxStream } from '../../../lib/stream.js';
import { type LinkedTransport, type LinkOptions, linkedTransports } from '../../../lib/testing/linkedTransports.js';
import { type Core } from './Core.js';
import { checkAllRead } from './checkAllRead.js';
import { checkEndings } from './checkEndings.js';
import { type History, type Step, type StreamPlan, type Trouble } from './History.js';
import { type Judge } from './Judge.js';
import { Side } from './Side.js';
import { StreamEnd } from './StreamEnd.js';
import { type Outcome, type Watchers } from './simulate.js';
import { type VirtualClock } from './VirtualClock.js';

/** Two sessions, and the history that they live through. */
export class Simulation {
  readonly history: History;
  readonly judge: Judge;
  readonly sides: Readonly<Record<Role, Side>>;
  /** What the history did to the sessions so far, or their options had to lead to. */
  readonly troubles: Trouble[] = [];
  /** The error of a link that was cut. */
  readonly cut = new Error('the link was cut');
  readonly #clock: VirtualClock;
  readonly #links: readonly [LinkedTransport, LinkedTransport];
  readonly #watchers: Watchers;
  readonly #plans = new Map<number, StreamPlan>();
  readonly #unsettled = new Set<string>();
  #count = 0;

  constructor(history: History, core: Core, clock: VirtualClock, judge: Judge, watchers: Watchers) {
    this.history = history;
    this.judge = judge;
    this.#clock = clock;
    this.#watchers = watchers;
    this.#links = linkedTransports(history.link);
    const side = (role: Role, link: LinkedTransport) =>
      new Side(role, history, link, core, judge, {
        accepted: (stream) => this.#accepted(role, stream),
        expect: (what) => this.#expect(what),
        trace: (words) => this.#trace(words),
      });
    this.troubles.push(...troublesOf(history.link));
    this.sides = { client: side('client', this.#links[0]), server: side('server', this.#links[1]) };
  }

  play(): Outcome {
    const { history, sides } = this;
    const { client, server } = sides;
    for (const role of ROLES) this.#planAccepting(role);
    for (const plan of history.streams) this.#clock.plan(plan.at, () => this.#open(plan));
    for (const trouble of history.troubles) this.#clock.plan(trouble.at, () => this.#trouble(trouble));
    this.#passUntil('script', () => this.#clock.planned === 0);
    this.#trace('the scripts are over');
    const isCalm = () => this.troubles.length === 0 && !client.session.isClosed && !server.session.isClosed;
    for (const role of ROLES) if (!sides[role].isAccepting) sides[role].accept(true);
    if (isCalm()) this.#endInOrder();
    else this.#waitForSilence();
    if (isCalm()) this.#watchers.streamsOver?.(this);
    for (const role of isCalm() ? [history.lastWord] : ROLES) sides[role].close(this.#clock.now);
    this.#passUntil('end', () => {
      this.#readAll();
      return this.#clock.pending === 0;
    });
    checkEndings(this);
    for (const what of this.#unsettled) this.judge.blame('unsettled', what);
    return {
      events: this.#clock.events,
      time: this.#clock.now,
      bytes: client.bytesSent + server.bytesSent,
      streams: this.#plans.size,
    };
  }

  /** What must be true at any time. */
  check(): void {
    this.sides.client.checkBounds();
    this.sides.server.checkBounds();
  }

  /** Everything is read and arrives, then every stream ends, and the sessions are as good as new. */
  #endInOrder(): void {
    const { client, server } = this.sides;
    const all = () => [...client.ends.values(), ...server.ends.values()];
    // A server that has not heard of its client yet sends nothing, so the client says something.
    this.#open({ name: 0, openedBy: 'client', at: 0, opener: [{ after: 0, do: 'write', size: 1 }], acceptor: [] });
    this.#passUntil('delivery', () => {
      this.#readAll();
      if (client.session.isClosed || server.session.isClosed) return true; // a server that heard nothing in time, or of another version
      return this.#clock.planned === 0 && this.#clock.isQuiet && isIdle(client, server) && isIdle(server, client);
    });
    if (client.session.isClosed || server.session.isClosed) return;
    checkAllRead(this);
    this.#passUntil('end of all streams', () => {
      // Again and again: the SYN of a stream may have waited for a full link.
      for (const end of all()) if (!end.isEnded) end.do({ after: 0, do: 'complete' });
      return client.session.streamCount + server.session.streamCount === 0;
    });
    checkAllRead(this);
  }

  /** Nobody tells the sessions of a silent link: they are to find out for themselves. */
  #waitForSilence(): void {
    if (!this.history.troubles.some(({ what }) => what === 'silence')) return;
    for (const { session, options, transport } of [this.sides.client, this.sides.server]) {
      if (options.keepAliveDisabled || session.version === undefined) continue;
      const isOver = this.#clock.pass(1.25 * options.keepAliveTimeout + 1000, () => {
        this.#readAll(); // a session that does not read its link because nobody reads its streams cannot hear
        return session.isClosed;
      });
      // A session that has stopped reading, because it cannot pass on what it reads, takes silence for its own.
      if (!isOver && !transport.isPaused)
        this.judge.blame('silence', `nobody noticed for ${options.keepAliveTimeout} ms`);
    }
  }

  #passUntil(goal: string, isDone: () => boolean): void {
    if (this.#clock.pass(MAX_TIME, isDone)) return;
    const state = ROLES.map((role) => `${role} ${JSON.stringify(this.sides[role].session.stats)}`);
    this.judge.blame('deadlock', `${goal} was not reached by ${this.#clock.now} ms; ${state.join(', ')}`);
  }

  /** Whatever has done what its script says reads to the end. */
  #readAll(): void {
    if (this.#clock.planned > 0) return;
    for (const role of ROLES) for (const end of this.sides[role].ends.values()) end.readToEnd();
  }

  #planAccepting(role: Role): void {
    const times = this.history.accepting[role];
    if (times.length === 0) this.sides[role].accept(true);
    for (const [turn, at] of times.entries()) this.#clock.plan(at, () => this.sides[role].accept(turn % 2 === 0));
  }

  #open(plan: StreamPlan): void {
    const { session } = this.sides[plan.openedBy];
    let stream: SmuxStream;
    try {
      stream = session.open(plan.weight === undefined ? {} : { weight: plan.weight });
    } catch (error) {
      const { code } = error as { readonly code?: string };
      const hasLast = this.history.counters[plan.openedBy].nextStreamId !== undefined;
      const isExpected = session.isClosed
        ? code === 'SMUX_ERR_SESSION_CLOSED'
        : hasLast && code === 'SMUX_ERR_STREAM_IDS';
      if (!isExpected) this.judge.blame('open', String(error));
      return;
    }
    this.#plans.set(stream.id, plan);
    this.#trace(`${plan.openedBy} opens ${stream.id}, stream ${plan.name} of the history`);
    this.#start(plan.openedBy, stream, plan, true);
  }

  #accepted(role: Role, stream: SmuxStream): void {
    const plan = this.#plans.get(stream.id);
    if (plan === undefined || plan.openedBy === role) this.judge.blame('accepted', `${role} got stream ${stream.id}`);
    else this.#start(role, stream, plan, false);
  }

  #start(role: Role, stream: SmuxStream, plan: StreamPlan, isOpener: boolean): void {
    const side = this.sides[role];
    const isEchoed = plan.acceptor[0]?.do === 'echo';
    const up = 2 * plan.name;
    const down = isEchoed ? up : up + 1;
    const end = new StreamEnd(
      stream,
      `${isOpener ? 'opener' : 'acceptor'} of stream ${plan.name}`,
      isOpener ? { outbound: up, inbound: down } : { outbound: down, inbound: up },
      {
        judge: this.judge,
        maxSendBuffer: side.options.maxSendBuffer,
        now: () => this.#clock.now,
        trouble: (what) => this.#trouble({ at: this.#clock.now, side: role, what }),
        batches: () => side.rules.batches,
        hasPeerEnded: () => (side.rules.streams.get(stream.id)?.finsReceived ?? 0) > 0,
        expect: (what) => this.#expect(what),
      },
    );
    side.add(stream, end, isOpener);
    this.#run(side, end, isOpener ? plan.opener : plan.acceptor, 0);
  }

  /** What follows at once is done at once, inside of whatever goes on. */
  #run(side: Side, end: StreamEnd, script: readonly Step[], at: number): void {
    const step = script[at];
    if (step === undefined) return;
    const run = () => {
      this.#trace(`${end.name} does ${JSON.stringify(step)}`);
      end.do(step);
      this.#run(side, end, script, at + 1);
    };
    if (step.after > 0) this.#clock.plan(step.after, run);
    else run();
  }

  #trouble(trouble: Trouble): void {
    const { side, what } = trouble;
    this.#trace(`${side}: ${what}`);
    this.troubles.push(trouble);
    const link = this.#links[side === 'client' ? 0 : 1];
    if (what === 'close') this.sides[side].close(this.#clock.now);
    else if (what === 'destroy') this.sides[side].destroy(new Error('the session was destroyed'));
    else if (what === 'cut') link.break(this.cut);
    else if (what === 'hang up') link.close();
    else link.silence();
  }

  #trace(words: string): void {
    this.#watchers.trace?.(`${this.#clock.now} ms: ${words}`);
  }

  #expect(what: string): () => void {
    const name = `${what} (${++this.#count})`;
    this.#unsettled.add(name);
    return () => void this.#unsettled.delete(name);
  }
}

/** All that one side has written has arrived at the other, and been read. */
function isIdle(from: Side, to: Side): boolean {
  return from.session.stats.unsent === 0 && to.session.stats.unread === 0 && from.framesSent === to.framesReceived;
}

/** What the link will do by itself. */
function troublesOf({ aToB = {}, bToA = {}, ...both }: LinkOptions): Trouble[] {
  const all = [both, aToB, bToA];
  const trouble = (what: Trouble['what']): Trouble => ({ at: 0, side: 'client', what });
  return [
    ...(all.some(({ silentAfterBytes }) => silentAfterBytes !== undefined) ? [trouble('silence')] : []),
    ...(all.some(({ breakAfterBytes }) => breakAfterBytes !== undefined) ? [trouble('cut')] : []),
  ];
}

const ROLES: readonly Role[] = ['client', 'server'];
/** Milliseconds: half an hour, where the longest of thousands of histories takes four minutes. */
const MAX_TIME = 1_800_000;
