import { type Side } from './Side.js';
import { type Simulation } from './Simulation.js';
import { type StreamEnd } from './StreamEnd.js';

/** What must be true when all is over. */
export function checkEndings(simulation: Simulation): void {
  const { sides, judge } = simulation;
  for (const side of [sides.client, sides.server]) {
    const peer = side === sides.client ? sides.server : sides.client;
    checkSession(simulation, side);
    for (const [id, end] of side.ends) {
      const other = peer.ends.get(id);
      checkReader(end, other, peer);
      checkCauses(end, side);
      checkSecondFin(side, id, end);
    }
  }

  /** A reader that completes has seen everything, unless somebody did not mean to. */
  function checkReader(end: StreamEnd, other: StreamEnd | undefined, peer: Side): void {
    const written = other?.written ?? 0;
    if (end.seen > written) judge.blame('too much', `${end.seen} of ${written} bytes, ${end.name}`);
    if (end.outcome === undefined) judge.blame('unsettled', `the reader of the ${end.name}`);
    if (end.outcome?.error !== undefined || end.isClosed || end.isAborted || end.isLost) return;
    if (other === undefined || other.isAborted || codeOf(other.watch.ending?.cause) === 'SMUX_ERR_PEER_CLOSED') return;
    if (end.seen !== written) judge.blame('lost tail', `${end.seen} of ${written} bytes, ${end.name}`);
    if (!other.isEnded && !peer.isClosing && other.watch.ending?.cause) judge.blame('end of nothing', end.name);
  }

  /** Everybody learns why. */
  function checkCauses(end: StreamEnd, side: Side): void {
    const { abortedWith, outcome } = end;
    const error = outcome?.error;
    const ofSession = side.ending?.cause;
    const isOfSession = (cause: unknown) =>
      cause === undefined || cause === ofSession || codeOf(cause) === 'SMUX_ERR_SESSION_CLOSED';
    const isOwn = (cause: unknown) =>
      cause === abortedWith || (end.hasOverflowed && codeOf(cause) === 'SMUX_ERR_SEND_BUFFER');
    if (!isOwn(error) && !isOfSession(error)) judge.blame('cause', `${error}, reader of the ${end.name}`);
    const { cause } = end.watch.ending ?? {};
    if (!isOwn(cause) && !isOfSession(cause) && codeOf(cause) !== 'SMUX_ERR_PEER_CLOSED') {
      judge.blame('cause', `${cause}, ${end.name}`);
    }
    const hasPeerEnded = (side.rules.streams.get(end.stream.id)?.finsReceived ?? 0) > 0;
    if (codeOf(cause) === 'SMUX_ERR_PEER_CLOSED' && !hasPeerEnded && !end.isClosed) judge.blame('cause', `${cause}`);
    if (codeOf(cause) === 'SMUX_ERR_SESSION_CLOSED') checkDrained(end, side);
  }

  /** A session that is closed in order waits for its streams. */
  function checkDrained({ watch: { endedAt }, name }: StreamEnd, { closedAt, knewVersion, options }: Side): void {
    if (closedAt === undefined || (knewVersion && endedAt < closedAt + options.drainTimeout)) {
      judge.blame('not drained', `${name}, ended at ${endedAt} ms, closed at ${closedAt} ms`);
    }
  }

  /** One FIN would only be a half-close: who has closed behind one sends another. */
  function checkSecondFin(side: Side, id: number, end: StreamEnd): void {
    const wire = side.rules.streams.get(id);
    if (!end.owesSecondFin || wire === undefined || wire.wasEndedByPeer) return;
    // The peer may have ended too, before another one could leave.
    if (wire.overSince !== undefined && wire.overSince <= Math.max(end.closedAt, wire.finBatch) + 1) return;
    if (
      side.ending?.cause === undefined &&
      simulation.troubles.length === 0 &&
      !end.watch.ending?.cause &&
      wire.finsSent < 2
    ) {
      judge.blame('second FIN', end.name);
    }
  }
}

function checkSession({ judge, troubles, cut, sides }: Simulation, side: Side): void {
  const { session, ending, transport, role } = side;
  const { unread, unsent, sent, streamCount } = session.stats;
  if (sent !== side.bytesSent) judge.blame('stats', `${sent} of ${side.bytesSent} bytes sent, ${role}`);
  if (streamCount !== 0) judge.blame('left over', `${streamCount} streams, ${role}`);
  if (unread !== 0 || unsent !== 0) judge.blame('leak', `${role}: ${unread} bytes unread, ${unsent} unsent`);
  if (!transport.isDestroyed) judge.blame('transport', `not released, ${role}`);
  const cause = ending?.cause;
  if (side.destroyedWith && cause !== side.destroyedWith)
    judge.blame('cause', `${cause}, ${role}, which was destroyed`);
  const happened = (...kinds: string[]) => troubles.some(({ what }) => kinds.includes(what));
  const other = role === 'client' ? sides.server : sides.client;
  if (cause === undefined) {
    const isOfPeer = other.isClosing || other.ending?.cause !== undefined;
    if (!side.isClosing && !isOfPeer && !happened('hang up')) judge.blame('closed by nobody', role);
    return;
  }
  const code = codeOf(cause) ?? '';
  const isMismatched =
    sides.client.options.version !== sides.server.options.version && sides.server.options.version !== 'auto';
  const isExpected =
    (code === 'SMUX_ERR_LINK_LOST' &&
      (happened('close', 'destroy', 'cut', 'hang up', 'silence') || other.ending?.cause)) ||
    (code === 'SMUX_ERR_KEEPALIVE_TIMEOUT' && happened('silence')) ||
    (code === 'SMUX_ERR_FIRST_FRAME_TIMEOUT' && role === 'server') ||
    (code === 'SMUX_ERR_VERSION' && isMismatched) ||
    cause === side.destroyedWith;
  if (!isExpected) judge.blame('cause', `${cause}, ${role}`);
  if (cause.cause === cut && !happened('cut')) judge.blame('cause', `${cause}, ${role}`);
}

function codeOf(cause: unknown): string | undefined {
  return (cause as { readonly code?: string } | undefined)?.code;
}
