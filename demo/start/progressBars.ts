import { MultiBar, type SingleBar } from 'cli-progress';
import { type DemoFile } from './files.js';
import { formatSize } from './format.js';

/** Shows how far the transfers are. */
export interface ProgressBars {
  update(file: DemoFile, bytes: number): void;
  stop(): void;
}

/** A bar for each transfer on a terminal that is high enough, else a line now and then. */
export function progressBars(files: readonly DemoFile[]): ProgressBars {
  const { isTTY, rows = 0 } = process.stdout;
  return isTTY && rows > files.length + 1 ? bars(files) : lines(files);
}

function bars(files: readonly DemoFile[]): ProgressBars {
  const multiBar = new MultiBar({
    format: '  {name} {bar} {percentage}%  {size}',
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 40,
    hideCursor: true,
    fps: 20,
    stream: process.stdout,
  });
  const byFile = new Map<DemoFile, SingleBar>();
  for (const file of files) {
    const payload = { name: file.name.padEnd(8), size: formatSize(file.size).padStart(9) };
    // A bar of nothing would stay at 0 % for ever.
    byFile.set(file, multiBar.create(file.size || 1, 0, payload));
  }
  return {
    update: (file, bytes) => byFile.get(file)?.update(file.size === 0 ? 1 : bytes),
    stop: () => multiBar.stop(),
  };
}

function lines(files: readonly DemoFile[]): ProgressBars {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const bytesOf = new Map<DemoFile, number>();
  let bytes = 0;
  let printed = 0;
  return {
    update: (file, now) => {
      bytes += now - (bytesOf.get(file) ?? 0);
      bytesOf.set(file, now);
      const percent = Math.floor((10 * bytes) / total) * 10;
      if (percent <= printed) return;
      printed = percent;
      const doneCount = files.filter((other) => (bytesOf.get(other) ?? 0) >= other.size).length;
      console.log(`  ${`${percent}`.padStart(3)} %  ${formatSize(bytes).padStart(9)}  ${doneCount} files complete`);
    },
    stop: () => undefined,
  };
}
