import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that are in use when all garbage has been collected. */
export function bytesInUse(): number {
  collect ??= collector();
  collect();
  return process.memoryUsage().heapUsed;
}

let collect: (() => void) | undefined;

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
