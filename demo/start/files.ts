import { createCipheriv, createHash } from 'node:crypto';

/** A file that exists only as the seed of its bytes. */
export interface DemoFile {
  readonly name: string;
  readonly size: number;
  /** One of those of equal size, by which fairness is measured. */
  readonly isBulk: boolean;
}

/** What is downloaded, smallest first. @param scale 1 for all of it */
export function downloads(scale: number): DemoFile[] {
  const others = SIZES.map((size, at) => ({ name: `file-${`${at + 1}`.padStart(2, '0')}`, size, isBulk: false }));
  const bulk = Array.from({ length: BULK_COUNT }, (_, at) => ({
    name: `bulk-${at + 1}`,
    size: BULK_SIZE,
    isBulk: true,
  }));
  return [...others, ...bulk].map((file) => scaled(file, scale));
}

export function uploadFile(scale: number): DemoFile {
  return scaled({ name: 'upload', size: UPLOAD_SIZE, isBulk: false }, scale);
}

/** The bytes of a file, made as they are wanted: the same ones every time. */
export function* bytesOf({ name, size }: DemoFile): Generator<Buffer, void, undefined> {
  const key = createHash('sha256').update(name).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let left = size; left > 0; left -= ZEROS.length) yield cipher.update(ZEROS.subarray(0, left));
}

export function hashOf(file: DemoFile): string {
  const hash = createHash('sha256');
  for (const chunk of bytesOf(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** Small files stay as they are: the smallest ones are there for their size. */
function scaled(file: DemoFile, scale: number): DemoFile {
  return file.size <= SMALL ? file : { ...file, size: Math.max(SMALL, Math.round(file.size * scale)) };
}

const KB = 1000;
const MB = 1000 * KB;
const SMALL = 100 * KB;
const SIZES = [
  ...[0, 1, 100, KB, 10 * KB, 32 * KB, 64 * KB, 100 * KB, 250 * KB, 500 * KB],
  ...[MB, 2 * MB, 4 * MB, 8 * MB, 16 * MB, 64 * MB],
];
const BULK_COUNT = 8;
const BULK_SIZE = 24 * MB;
const UPLOAD_SIZE = 24 * MB;
const ZEROS = Buffer.alloc(65_536);
