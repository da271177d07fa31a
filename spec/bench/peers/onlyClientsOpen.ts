/** For links that have no streams of the server's. */
export function onlyClientsOpen(): never {
  throw new Error('only the client opens');
}
