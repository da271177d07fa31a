import { map, type Observable } from 'rxjs';
import type uPlot from 'uplot';
import { SAMPLE_INTERVAL, type Traffic } from '../streams/Traffic';

/** The last minute of streams. */
export class RateHistory {
  readonly #rates = new WeakMap<Traffic, number[]>();

  /** Remembers how fast a stream is while subscribed; emits when there is something new. */
  follow(traffic: Traffic): Observable<void> {
    return traffic.figures$.pipe(
      map(({ rate }) => {
        this.#rates.set(traffic, [...this.#ratesOf(traffic), rate].slice(-TIMES.length));
      }),
    );
  }

  /** Columns: seconds from now, and a rate a stream. */
  of(streams: readonly Traffic[]): uPlot.AlignedData {
    const columns = streams.map((traffic) => {
      const rates = this.#ratesOf(traffic);
      return [...new Array<null>(TIMES.length - rates.length).fill(null), ...rates];
    });
    return [TIMES, ...columns];
  }

  #ratesOf(traffic: Traffic): number[] {
    return this.#rates.get(traffic) ?? [];
  }
}

const LENGTH = 60_000 / SAMPLE_INTERVAL;
const TIMES = Array.from({ length: LENGTH + 1 }, (_, index) => ((index - LENGTH) * SAMPLE_INTERVAL) / 1000);
