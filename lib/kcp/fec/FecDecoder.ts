import { readUint32 } from '../core/segment.js';
import { FecKind, SHARD_OFFSET } from './fecHeader.js';
import { type Geometry, GeometryDetector } from './GeometryDetector.js';
import { ReedSolomon } from './ReedSolomon.js';

/** Rebuilds the payloads that were lost, once it knows how the peer groups its shards. */
export class FecDecoder {
  /** Payloads rebuilt so far. */
  rebuiltCount = 0;
  readonly #detector = new GeometryDetector();
  #geometry: Geometry | undefined;
  #code: ReedSolomon | undefined;
  readonly #groups = new Map<number, Group>();

  /** Takes a datagram with its header, which must stay as it is; returns the payloads that it lets be rebuilt. */
  push(datagram: Uint8Array): readonly Uint8Array[] {
    const number = readUint32(datagram, 0);
    const isParity = datagram[4] === FecKind.PARITY;
    this.#learn(number, isParity);
    if (this.#geometry === undefined || this.#code === undefined) return NONE;

    const { dataShards, parityShards } = this.#geometry;
    const index = number % (dataShards + parityShards);
    if (isParity !== index >= dataShards) {
      this.#setGeometry(undefined); // it groups in another way now
      return NONE;
    }
    const group = this.#groupOf(number - index, dataShards + parityShards);
    if (group.isDone || group.shards[index] !== undefined) return NONE;
    group.shards[index] = datagram.subarray(SHARD_OFFSET);
    group.count++;
    if (group.count < dataShards) return NONE;
    group.isDone = true;
    const rebuilt = this.#code.rebuild(group.shards)?.flatMap(payloadOf) ?? [];
    group.shards.length = 0;
    this.rebuiltCount += rebuilt.length;
    return rebuilt;
  }

  #learn(number: number, isParity: boolean): void {
    const geometry = this.#detector.observe(number, isParity);
    if (geometry === undefined) return;
    const { dataShards, parityShards } = geometry;
    if (dataShards === this.#geometry?.dataShards && parityShards === this.#geometry.parityShards) return;
    this.#setGeometry(geometry);
  }

  #setGeometry(geometry: Geometry | undefined): void {
    this.#geometry = geometry;
    this.#code = geometry && new ReedSolomon(geometry.dataShards, geometry.parityShards);
    this.#groups.clear();
  }

  #groupOf(first: number, size: number): Group {
    let group = this.#groups.get(first);
    if (group === undefined) {
      group = { shards: new Array<Uint8Array | undefined>(size).fill(undefined), count: 0, isDone: false };
      this.#groups.set(first, group);
      // The oldest one has got all that it will get.
      if (this.#groups.size > MAX_GROUPS) this.#groups.delete(this.#groups.keys().next().value as number);
    }
    return group;
  }
}

interface Group {
  readonly shards: (Uint8Array | undefined)[];
  count: number;
  isDone: boolean;
}

/** What a shard carries, without the zeros behind it; nothing where that cannot be. */
function payloadOf(shard: Uint8Array): readonly Uint8Array[] {
  const size = (shard[0] as number) | ((shard[1] as number) << 8);
  return size >= 2 && size <= shard.length ? [shard.subarray(2, size)] : [];
}

const NONE: readonly Uint8Array[] = [];
const MAX_GROUPS = 32;
