import { type Side } from './Side.js';
import { type Simulation } from './Simulation.js';

/** Once everything has been read, all credit is back, and the sessions hold nothing. */
export function checkAllRead({ sides, judge }: Simulation): void {
  for (const side of [sides.client, sides.server]) {
    const peer = side === sides.client ? sides.server : sides.client;
    const { unread, unsent } = side.session.stats;
    if (unread !== 0 || unsent !== 0) judge.blame('leak', `${side.role}: ${unread} bytes unread, ${unsent} unsent`);
    for (const [id, end] of side.ends) {
      const other = peer.ends.get(id);
      if (other === undefined || end.isClosed || end.isAborted || other.isClosed || other.isAborted || end.isLost)
        continue;
      if (end.watch.ending?.cause || other.watch.ending?.cause) continue;
      if (end.seen !== other.written) judge.blame('lost', `${end.seen} of ${other.written} bytes, ${end.name}`);
      if (!other.isEnded) checkCredit(peer, id);
    }
  }

  /** At least half a window is open to a writer that may go on: where the session had no room, of the smallest one. */
  function checkCredit(writer: Side, id: number): void {
    const end = writer.ends.get(id);
    const wire = writer.rules.streams.get(id);
    if (end === undefined || wire === undefined || writer.rules.version !== 2) return;
    if (wire.sent === 0 && writer.options.holdFirstFrames > 0) return; // it may not have begun
    const reader = writer === sides.client ? sides.server : sides.client;
    if (reader.transport.isFull) return; // its update may wait behind a mere sign of life
    const window = Math.min(reader.options.maxStreamBuffer, MIN_WINDOW);
    const { credit } = end.stream.stats;
    if (credit < window / 2) judge.blame('lost credit', `${end.name} may send ${credit} bytes of ${window}`);
  }
}

/** Bytes. */
const MIN_WINDOW = 4096;
