import { createHash } from 'node:crypto';

export { RandomBytes, randomChunks } from './randomBytes.js';

export function sha256(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
