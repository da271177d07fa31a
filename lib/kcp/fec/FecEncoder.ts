import { writeUint32 } from '../core/segment.js';
import { FEC_HEADER_SIZE, FecKind, SHARD_OFFSET } from './fecHeader.js';
import { ReedSolomon } from './ReedSolomon.js';

/** Puts a header on each payload and, behind every `dataShards` of them, `parityShards` that make up for as many lost ones. */
export class FecEncoder {
  readonly #code: ReedSolomon;
  readonly #emit: (...parts: readonly Uint8Array[]) => void;
  readonly #shards: Uint8Array[];
  readonly #views: Uint8Array[] = [];
  readonly #parity: Uint8Array;
  readonly #header = new Uint8Array(FEC_HEADER_SIZE);
  readonly #wrapAt: number;
  #number: number;

  /**
   * @param maxPayload bytes
   * @param emit gets the parts of each datagram, whose bytes are overwritten when it returns
   * @param first number, which the wire fixes at 0
   */
  constructor(
    dataShards: number,
    parityShards: number,
    maxPayload: number,
    emit: (...parts: readonly Uint8Array[]) => void,
    first = 0,
  ) {
    this.#code = new ReedSolomon(dataShards, parityShards);
    this.#emit = emit;
    this.#shards = Array.from({ length: dataShards }, () => new Uint8Array(SIZE_SIZE + maxPayload));
    this.#parity = new Uint8Array(SIZE_SIZE + maxPayload);
    this.#wrapAt = wrapOf(dataShards + parityShards);
    this.#number = first;
  }

  write(payload: Uint8Array): void {
    const size = SIZE_SIZE + payload.length;
    const shard = this.#shards[this.#views.length] as Uint8Array;
    shard[0] = size;
    shard[1] = size >>> 8;
    shard.set(payload, SIZE_SIZE);
    const view = shard.subarray(0, size);
    this.#views.push(view);
    this.#put(FecKind.DATA, view);
    if (this.#views.length < this.#code.dataCount) return;

    const parity = this.#parity.subarray(0, Math.max(...this.#views.map(({ length }) => length)));
    for (let index = 0; index < this.#code.parityCount; index++) {
      this.#code.parity(this.#views, index, parity);
      this.#put(FecKind.PARITY, parity);
    }
    this.#views.length = 0;
  }

  #put(kind: number, shard: Uint8Array): void {
    const header = this.#header;
    writeUint32(header, 0, this.#number);
    header[4] = kind;
    this.#number = (this.#number + 1) % this.#wrapAt;
    this.#emit(header.subarray(0, SHARD_OFFSET), shard);
  }
}

/** Numbers begin anew with a whole group. */
function wrapOf(groupSize: number): number {
  return Math.floor(0xffffffff / groupSize) * groupSize;
}

const SIZE_SIZE = 2;
