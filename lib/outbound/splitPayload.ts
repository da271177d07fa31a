/** The pieces of a chunk that fit into one frame each, as views. */
export function splitPayload(chunk: Uint8Array, maxSize: number): readonly Uint8Array[] {
  if (chunk.length <= maxSize) return [chunk];
  const payloads: Uint8Array[] = [];
  for (let at = 0; at < chunk.length; at += maxSize) payloads.push(chunk.subarray(at, at + maxSize));
  return payloads;
}
