import { Pipe, type PipeTransform } from '@angular/core';

/** Bytes for people: `1.5 MB`. */
@Pipe({ name: 'size' })
export class SizePipe implements PipeTransform {
  transform(bytes: number): string {
    const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
    return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
