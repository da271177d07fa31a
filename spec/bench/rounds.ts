import { measure } from './measure.js';
import { type Measurement } from './measurements.js';
import { type PeerName } from './peerNames.js';
import { progressLine } from './report/progress.js';
import { type Samples } from './Samples.js';

export interface RoundsOptions {
  readonly measurements: readonly Measurement[];
  /** The program of one end, for each peer that takes part. */
  readonly commands: ReadonlyMap<PeerName, readonly string[]>;
  /** Default: 0 */
  readonly firstRound?: number;
  readonly rounds: number;
  readonly scale: number;
}

/** Measures everything in rounds: raw, v1, v2, …, raw, v1, v2, … A peer that fails at something is not asked for it again. */
export async function runRounds(options: RoundsOptions, samples: Samples): Promise<void> {
  const { firstRound = 0, rounds, scale, commands } = options;
  const total = options.measurements.reduce((sum, one) => {
    return sum + roundsOf(one, rounds) * peersOf(one, [...commands.keys()]).length;
  }, 0);
  const progress = progressLine(total);
  for (const measurement of options.measurements) {
    const peers = new Set(peersOf(measurement, [...commands.keys()]));
    for (let round = firstRound; round < firstRound + roundsOf(measurement, rounds); round++) {
      for (const peer of peers) {
        progress.step(`${measurement.rows[0]} ${measurement.title}: ${peer}, round ${round + 1}`);
        try {
          const measured = await measure({
            command: commands.get(peer) ?? [],
            peer: peer === 'raw' ? measurement.raw : peer,
            work: measurement.work(scale),
            place: measurement.place ?? 'two processes',
            seconds: SECONDS,
          });
          const values = Object.entries(measurement.values(measured));
          for (const [value, sample] of values) samples.add(value, peer, round, sample);
        } catch (error) {
          peers.delete(peer);
          const message = error instanceof Error ? error.message : String(error);
          samples.failures.push({ peer, title: `${measurement.rows[0]} ${measurement.title}`, message });
        }
      }
    }
  }
  progress.stop();
}

/** Who takes part in a measurement. */
function peersOf(measurement: Measurement, peers: readonly PeerName[]): readonly PeerName[] {
  return peers.filter((peer) => measurement.peers?.includes(peer) ?? true);
}

/** Virtual time is the same every time. */
function roundsOf({ place }: Measurement, rounds: number): number {
  return place === 'virtual time' ? 1 : rounds;
}

/** What one measurement may take. */
const SECONDS = 60;
