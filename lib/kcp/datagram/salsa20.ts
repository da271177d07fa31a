import { readUint32 } from '../core/segment.js';
import { type Scrambler } from './ChecksummedCipher.js';

/** `salsa20`: Salsa20/20. The first 8 bytes of a datagram are the nonce, which stays as it is; what follows is enciphered. */
export function salsa20(key: Uint8Array): Scrambler {
  const input = new Uint32Array(16);
  const state = new Uint32Array(16);
  const stream = new Uint8Array(state.buffer);
  [0, 5, 10, 15].forEach((position, index) => {
    input[position] = CONSTANTS[index] as number;
  });
  for (let word = 0; word < 4; word++) {
    input[1 + word] = readUint32(key, 4 * word);
    input[11 + word] = readUint32(key, 16 + 4 * word);
  }

  const apply = (bytes: Uint8Array, start: number, end: number) => {
    input[6] = readUint32(bytes, start);
    input[7] = readUint32(bytes, start + 4);
    input[8] = 0; // the block counter; a datagram is far too short for its upper half, which stays 0
    for (let at = start + NONCE_SIZE; at < end; at += BLOCK_SIZE) {
      core(state, input);
      input[8]++;
      const size = Math.min(BLOCK_SIZE, end - at);
      for (let index = 0; index < size; index++) {
        bytes[at + index] = (bytes[at + index] as number) ^ (stream[index] as number);
      }
    }
  };
  return {
    scramble({ bytes, starts, sizes }) {
      starts.forEach((start, index) => void apply(bytes, start, start + (sizes[index] as number)));
      return bytes;
    },
    unscramble(datagrams) {
      for (const datagram of datagrams) apply(datagram, 0, datagram.length);
      return datagrams;
    },
  };
}

/** One block of key stream. Words are little-endian, as they are in the memory of every machine that Node runs on. */
function core(state: Uint32Array, input: Uint32Array): void {
  state.set(input);
  for (let round = 0; round < 10; round++) {
    quarter(state, 0, 4, 8, 12);
    quarter(state, 5, 9, 13, 1);
    quarter(state, 10, 14, 2, 6);
    quarter(state, 15, 3, 7, 11);
    quarter(state, 0, 1, 2, 3);
    quarter(state, 5, 6, 7, 4);
    quarter(state, 10, 11, 8, 9);
    quarter(state, 15, 12, 13, 14);
  }
  for (let word = 0; word < 16; word++) state[word] = (state[word] as number) + (input[word] as number);
}

function quarter(state: Uint32Array, a: number, b: number, c: number, d: number): void {
  const x = state[a] as number;
  const w = state[d] as number;
  const y = (state[b] as number) ^ rotate(x + w, 7);
  const z = (state[c] as number) ^ rotate(y + x, 9);
  const v = w ^ rotate(z + y, 13);
  state[a] = x ^ rotate(v + z, 18);
  state[b] = y;
  state[c] = z;
  state[d] = v;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

// "expand 32-byte k"
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const NONCE_SIZE = 8;
const BLOCK_SIZE = 64;
