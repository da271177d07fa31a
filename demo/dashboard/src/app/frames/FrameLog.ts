import { DatePipe } from '@angular/common';
import { Component, computed, inject, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { bufferTime, filter, map, scan } from 'rxjs';
import { SmuxService } from '../smux/SmuxService';
import { type PassingFrame } from '../smux/tapFrames';
import { describeFrame } from './describeFrame';

/** A line of the log. */
interface Line {
  readonly timestamp: number;
  readonly direction: 'in' | 'out';
  readonly streamId: number;
  readonly words: string;
}

@Component({
  selector: 'app-frame-log',
  imports: [DatePipe],
  templateUrl: './FrameLog.html',
})
export class FrameLog {
  readonly isPaused = signal(false);
  readonly filter = signal('');
  readonly #lines = toSignal(
    inject(SmuxService).frames$.pipe(
      bufferTime(REFRESH_INTERVAL),
      filter((frames) => frames.length > 0 && !this.isPaused()),
      map((frames) => frames.map(lineOf).reverse()),
      scan((lines, news) => [...news, ...lines].slice(0, KEPT), [] as readonly Line[]),
    ),
    { initialValue: [] },
  );
  readonly lines = computed(() => {
    const words = this.filter().toLowerCase().split(/\s+/);
    const matches = (line: Line) => words.every((word) => textOf(line).includes(word));
    return this.#lines().filter(matches).slice(0, SHOWN);
  });
}

/** Payloads are let go of. */
function lineOf({ frame, direction, timestamp }: PassingFrame): Line {
  return { timestamp, direction, streamId: frame.streamId, words: describeFrame(frame) };
}

function textOf({ direction, streamId, words }: Line): string {
  return `${direction} stream ${streamId} ${words}`.toLowerCase();
}

/** Milliseconds. */
const REFRESH_INTERVAL = 250;
const KEPT = 2000;
const SHOWN = 100;
