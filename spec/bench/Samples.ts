import { type Metric } from './metrics.js';
import { type PeerName } from './peerNames.js';

/** Everything measured: value by name and peer, one a round. */
export class Samples {
  readonly #values = new Map<string, Map<PeerName, number[]>>();
  readonly failures: { readonly peer: PeerName; readonly title: string; readonly message: string }[] = [];

  add(value: string, peer: PeerName, round: number, sample: number): void {
    if (!Number.isFinite(sample)) return;
    const peers = this.#values.get(value) ?? new Map<PeerName, number[]>();
    this.#values.set(value, peers);
    const samples = peers.get(peer) ?? [];
    peers.set(peer, samples);
    samples[round] = sample;
  }

  /** The median over the rounds; `undefined` for what was not measured. */
  median(value: string, peer: PeerName): number | undefined {
    return median(this.rounds(value, peer));
  }

  /** The median of the ratios within a round, so that a machine that slows down does so for both. */
  ratio({ value, against }: Metric, peer: PeerName): number | undefined {
    if (against === undefined) return this.median(value, peer);
    const others = 'peer' in against ? this.rounds(value, against.peer) : this.rounds(against.value, peer);
    return median(this.rounds(value, peer).map((sample, round) => sample / (others[round] ?? Number.NaN)));
  }

  /** A value each; holes where there is none. */
  rounds(value: string, peer: PeerName): readonly number[] {
    return this.#values.get(value)?.get(peer) ?? [];
  }
}

function median(samples: readonly number[]): number | undefined {
  const sorted = samples.filter((sample) => Number.isFinite(sample)).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)];
  const [low, high] = sorted.slice(middle - 1, middle + 1);
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
