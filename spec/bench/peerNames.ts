/** Who is measured, in the order of the rounds; the first is what the others are compared with. */
export const PEERS = [
  { name: 'raw', title: 'net.Socket' },
  { name: 'rx-smux-1', title: 'rx-smux v1' },
  { name: 'rx-smux-2', title: 'rx-smux v2' },
  { name: 'http2', title: 'http2' },
  { name: 'http2-4m', title: 'http2, 4 MiB windows' },
] as const;

export type PeerName = (typeof PEERS)[number]['name'];
