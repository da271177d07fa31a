import { Component, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { scan } from 'rxjs';
import { ReceiveBudget } from './budget/ReceiveBudget';
import { FrameLog } from './frames/FrameLog';
import { RatePlot } from './plot/RatePlot';
import { SmuxService } from './smux/SmuxService';
import { StreamCard } from './streams/StreamCard';
import { StreamStarter } from './streams/StreamStarter';
import { Versions } from './versions/Versions';

@Component({
  selector: 'app-root',
  imports: [FrameLog, RatePlot, ReceiveBudget, StreamCard, StreamStarter, Versions],
  providers: [SmuxService],
  templateUrl: './App.html',
})
export class App {
  readonly #smux = inject(SmuxService);
  readonly connection = toSignal(this.#smux.connection$);
  readonly streams = toSignal(this.#smux.streams$, { requireSync: true });
  /** How often a link was found again. */
  readonly findings = toSignal(this.#smux.session$.pipe(scan((count, session) => (session ? count + 1 : count), -1)));

  cut(): void {
    this.connection()?.session?.destroy(new Error('somebody cut it'));
  }
}
