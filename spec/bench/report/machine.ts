import { arch, availableParallelism, cpus, platform, release } from 'node:os';
import { canPin } from '../pinned.js';

/** What the numbers were measured on. */
export function machine(): { readonly [name: string]: string | number | boolean } {
  return {
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    areEndsPinned: canPin,
  };
}
