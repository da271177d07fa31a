/** What goes through a stream: endless bytes, lines that are answered, a reading now and then, a file of the page. */
export type Kind = 'bulk' | 'chat' | 'telemetry' | 'upload';

/** What the page asks of the server, with the first bytes of a stream. */
export interface TrafficRequest {
  readonly kind: Kind;
  /** Share of the link that the answer has. */
  readonly weight: number;
  /** By which the server knows the stream when some of this changes, of which it is told beside the link. */
  readonly key: string;
  /** Whether whoever reads shall begin with that slowly. */
  readonly isSlow: boolean;
}
