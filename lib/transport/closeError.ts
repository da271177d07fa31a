/**
 * Why the end of a WebSocket is a failure; undefined where it is in order: close code 1000, 1001 or 1005, and nothing
 * lost.
 * @param unsent bytes that were still buffered
 */
export function closeError(code: number, why: string, unsent: number): Error | undefined {
  if (unsent > 0) return new Error(`the WebSocket was closed with code ${code}, ${unsent} bytes unsent`);
  if (code === 1000 || code === 1001 || code === 1005) return undefined;
  return new Error(`the WebSocket was closed with code ${code}${why && `: ${why}`}`);
}
