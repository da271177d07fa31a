import { SingleBar } from 'cli-progress';

/** Says what is being measured and how far it all is. */
export interface Progress {
  step(what: string): void;
  stop(): void;
}

/** A bar on a terminal, nothing elsewhere. */
export function progressLine(total: number): Progress {
  const bar = new SingleBar({
    format: '  {bar} {value}/{total}  {what}',
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let count = 0;
  bar.start(total, 0, { what: '' });
  return { step: (what) => bar.update(count++, { what }), stop: () => bar.stop() };
}
