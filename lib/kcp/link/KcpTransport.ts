import { type Observable } from 'rxjs';
import { type Transport } from '../../transport/Transport.js';

/** A conversation over KCP as the link of a session, with what it can tell about the network. */
export interface KcpTransport extends Transport {
  readonly stats: KcpStats;
  /** {@link KcpStats} once a second while subscribed, until the conversation ends. */
  readonly stats$: Observable<KcpStats>;
}

/** What a conversation knows of the network, and what has passed through it so far. */
export interface KcpStats {
  /** Smoothed round trip and the timeout that follows from it, in milliseconds; a round trip of 0 has not been measured. */
  readonly rtt: number;
  readonly rto: number;
  /** Segments, the ones that were sent again included. */
  readonly segmentsSent: number;
  readonly segmentsReceived: number;
  /** Segments that came a second time. */
  readonly segmentsRepeated: number;
  /** Segments sent again after a timeout, and as later ones had arrived. */
  readonly timedOut: number;
  readonly fastResent: number;
  /** The part of the segments sent that had to be sent again, from 0 to 1: somewhat more than the network lost. */
  readonly loss: number;
  /** Segments under way, and how many the peer would take. */
  readonly underWay: number;
  readonly remoteWindow: number;
  /** Segments that we would take. */
  readonly receiveWindow: number;
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
  /** Datagrams that forward error correction has rebuilt. */
  readonly datagramsRebuilt: number;
  /** Datagrams that were no part of the conversation, or not sealed with our key. */
  readonly datagramsRejected: number;
}
