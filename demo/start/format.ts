/** `1.5 MB`, in powers of a thousand. */
export function formatSize(bytes: number): string {
  const unit = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
  const value = bytes / 1000 ** unit;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${['B', 'kB', 'MB'][unit]}`;
}

export function formatTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}
