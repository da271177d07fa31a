/** Who is measured, in the order of the rounds; the first is what the others are compared with. */
export const PEERS = [
  { name: 'raw', title: 'net.Socket', color: '#999999' },
  { name: 'rx-smux-1', title: 'rx-smux v1', color: '#e5399b' },
  { name: 'rx-smux-2', title: 'rx-smux v2', color: '#a1187a' },
  { name: 'http2', title: 'http2', color: '#5fa04e' },
  { name: 'http2-4m', title: 'http2, 4 MiB windows', color: '#a9cf9f' },
  { name: 'libp2p-yamux', title: 'libp2p yamux', color: '#f0a030' },
  { name: 'go-1', title: 'Go smux v1', color: '#6ad0ea' },
  { name: 'go-2', title: 'Go smux v2', color: '#0099bb' },
] as const;

export type PeerName = (typeof PEERS)[number]['name'];
