/**
 * Joins what `shift` gives, up to `limit` pieces: the piece itself where there is one, a copy where there are more; `undefined` where
 * there is none.
 */
export function joinRun(shift: () => Uint8Array | undefined, limit: number): Uint8Array | undefined {
  const first = shift();
  if (first === undefined) return undefined;
  const run = [first];
  let size = first.length;
  while (run.length < limit) {
    const piece = shift();
    if (piece === undefined) break;
    run.push(piece);
    size += piece.length;
  }
  if (run.length === 1) return first;
  const joined = new Uint8Array(size);
  let at = 0;
  for (const piece of run) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
