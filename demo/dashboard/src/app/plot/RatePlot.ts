import { afterRenderEffect, Component, DestroyRef, type ElementRef, inject, input, viewChild } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { fromEvent, map, merge } from 'rxjs';
import type uPlot from 'uplot';
import { type Traffic } from '../streams/Traffic';
import { drawPlot } from './drawPlot';
import { RateHistory } from './RateHistory';

/** A minute of bytes per second, a line for each stream. */
@Component({
  selector: 'app-rate-plot',
  template: `<div #place role="img" aria-label="Bytes per second of each stream, during the last minute; the figures are with the streams"></div>`,
})
export class RatePlot {
  readonly streams = input.required<readonly Traffic[]>();
  protected readonly place = viewChild.required<ElementRef<HTMLElement>>('place');
  readonly #history = new RateHistory();
  readonly #isDark = toSignal(
    fromEvent<MediaQueryListEvent>(matchMedia('(prefers-color-scheme: dark)'), 'change').pipe(
      map(({ matches }) => matches),
    ),
  );
  #plot: uPlot | undefined;

  constructor() {
    afterRenderEffect((onCleanup) => {
      this.#isDark(); // other colours: another plot
      const streams = this.streams();
      const plot = drawPlot(this.place().nativeElement, streams, this.#history.of(streams));
      const updates = merge(...streams.map((traffic) => this.#history.follow(traffic))).subscribe(() =>
        plot.setData(this.#history.of(streams)),
      );
      this.#plot = plot;
      onCleanup(() => {
        updates.unsubscribe();
        plot.destroy();
      });
    });
    const watcher = new ResizeObserver(([entry]) => {
      if (entry) this.#plot?.setSize(entry.contentRect);
    });
    afterRenderEffect(() => watcher.observe(this.place().nativeElement));
    inject(DestroyRef).onDestroy(() => watcher.disconnect());
  }
}
