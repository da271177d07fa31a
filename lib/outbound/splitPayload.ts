/** The pieces of a chunk that fit into one frame each, as views. */
export function* splitPayload(chunk: Uint8Array, maxSize: number): Generator<Uint8Array, void, undefined> {
  if (chunk.length <= maxSize) {
    yield chunk;
    return;
  }
  for (let at = 0; at < chunk.length; at += maxSize) yield chunk.subarray(at, at + maxSize);
}
