import { type TrafficRequest } from './TrafficRequest.js';

/** JSON, behind its length in one byte. */
export function encodeRequest({ kind, weight, key, isSlow }: TrafficRequest): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ kind, weight, key, isSlow }));
  return Uint8Array.of(json.length, ...json);
}
