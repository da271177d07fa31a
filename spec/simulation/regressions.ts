import { type History } from './harness/History.js';

/** Histories that once went wrong, as simple as they could be made, and what had been wrong. */
export const REGRESSIONS: readonly { readonly name: string; readonly history: History }[] = [
  {
    name: 'a stream that is over is let go of at once, not with the next frame of another one',
    history: history({
      streams: [{ name: 1, openedBy: 'client', at: 0, opener: [{ after: 0, do: 'write', size: 1 }], acceptor: [] }],
    }),
  },
  {
    name: 'an echo over a link that falls silent ends with its session, though a full link has stopped its reading',
    history: history({
      options: { client: { version: 1 }, server: { version: 1, maxReceiveBuffer: 3602 } },
      link: { sendBuffer: 10, bToA: { latency: 53, bandwidth: 60_848 } },
      streams: [
        {
          name: 2,
          openedBy: 'client',
          at: 0,
          opener: [{ after: 0, do: 'write', size: 350_000 }],
          acceptor: [{ after: 0, do: 'echo' }],
        },
      ],
      troubles: [{ at: 1550, side: 'client', what: 'silence' }],
    }),
  },
  {
    name: 'a session ends in order when its peer, which it owes nothing, is destroyed',
    history: history({ troubles: [{ at: 2795, side: 'server', what: 'destroy' }] }),
  },
  {
    name: 'a client that nobody has heard of sees its link end when the server gives up on the first frame',
    history: history({
      options: { client: { version: 2 }, server: { version: 'auto', firstFrameTimeout: 100 } },
      streams: [{ name: 1, openedBy: 'server', at: 0, opener: [{ after: 0, do: 'write', size: 10 }], acceptor: [] }],
      troubles: [{ at: 2417, side: 'client', what: 'close' }],
    }),
  },
  {
    name: 'streams that wait to be accepted are handed over although the first of them destroys the session',
    history: history({
      options: { client: { version: 1 }, server: { version: 1 } },
      accepting: { client: [], server: [130, 172, 205, 213] },
      streams: [
        {
          name: 22,
          openedBy: 'client',
          at: 254,
          opener: [{ after: 7, do: 'write', size: 1 }],
          acceptor: [
            { after: 0, do: 'react', chunk: 1, reaction: { do: 'destroy session' } },
            { after: 0, do: 'read', how: { kind: 'flow' } },
          ],
        },
        { name: 8, openedBy: 'client', at: 262, opener: [{ after: 0, do: 'write', size: 1 }], acceptor: [] },
      ],
      lastWord: 'client',
    }),
  },
];

function history(parts: Partial<History>): History {
  return {
    options: { client: { version: 2 }, server: { version: 'auto' } },
    counters: { client: {}, server: {} },
    link: {},
    accepting: { client: [], server: [] },
    streams: [],
    troubles: [],
    lastWord: 'server',
    ...parts,
  };
}
