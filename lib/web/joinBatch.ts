/**
 * A batch as one message. Always a copy: what becomes of a message, a transfer to another thread for one, must not
 * reach the bytes of a user.
 */
export function joinBatch(batch: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const bytes of batch) size += bytes.length;
  const message = new Uint8Array(size);
  let at = 0;
  for (const bytes of batch) {
    message.set(bytes, at);
    at += bytes.length;
  }
  return message;
}
