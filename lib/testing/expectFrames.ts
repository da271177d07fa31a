import { type Frame } from '../wire/frame.js';
import { describeFrame } from './describeFrame.js';
import { THE_END } from './FramePeer.js';
import { lookUp } from './lookUp.js';
import { parseDiagram } from './parseDiagram.js';
import { type FrameNote, type FrameTransport } from './TestHelpers.js';
import { type VirtualTime } from './VirtualTime.js';

/** Compares, at the end, what a session has sent with a diagram; what it received stands in both lists, to be read along. */
export function expectFrames(time: VirtualTime, peer: FrameTransport) {
  return {
    toBe(diagram: string, table: Readonly<Record<string, Frame>> = {}): void {
      const expected = parseDiagram(diagram, (mark) => describeFrame(lookUp(table, mark)), undefined).map((moment) => {
        if (moment.kind === 'error') throw new TypeError('a session does not break a link: `#` has no meaning here');
        return { at: moment.at, words: moment.kind === 'next' ? moment.value : THE_END };
      });
      time.checkAtEnd(() => time.assertDeepEqual(conversation(peer, peer.sent), conversation(peer, expected)));
    },
  };
}

function conversation({ received }: FrameTransport, sent: readonly FrameNote[]): string[] {
  const both = [
    ...received.map((note) => ({ ...note, direction: 'received' })),
    ...sent.map((note) => ({ ...note, direction: 'sent    ' })),
  ];
  both.sort((one, other) => one.at - other.at); // keeps the order of what is of the same time
  return both.map(({ at, direction, words }) => `${String(at).padStart(6)} ms  ${direction}  ${words}`);
}
