import { Component, computed, effect, HostAttributeToken, inject, input } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { map, scan } from 'rxjs';
import { RatePlot } from '../plot/RatePlot';
import { SizePipe } from '../SizePipe';
import { SmuxService } from '../smux/SmuxService';
import { VERSION } from '../smux/VERSION';
import { type Figures, SAMPLE_INTERVAL } from '../streams/Traffic';

/** A link of its own, of one version, with an upload and a chat. */
@Component({
  selector: 'app-version-lane',
  imports: [RatePlot, SizePipe],
  providers: [SmuxService, { provide: VERSION, useFactory: () => Number(inject(new HostAttributeToken('version'))) }],
  templateUrl: './VersionLane.html',
})
export class VersionLane {
  readonly #smux = inject(SmuxService);
  readonly version = inject(VERSION);
  readonly isSlow = input.required<boolean>();
  readonly #upload = this.#smux.start('upload');
  readonly #chat = this.#smux.start('chat');
  readonly chats = [this.#chat];
  readonly uploadRate = toSignal(this.#upload.figures$.pipe(map(({ rate }) => rate)), { initialValue: 0 });
  readonly unsent = toSignal(this.#upload.figures$.pipe(map(({ stats }) => stats?.bufferedAmount ?? 0)));
  /** Milliseconds for which no message was answered. */
  readonly silence = toSignal(
    this.#chat.figures$.pipe(
      map(({ stats }: Figures) => stats?.received ?? 0),
      scan((last, received) => ({ received, ms: received === last.received ? last.ms + SAMPLE_INTERVAL : 0 }), {
        received: 0,
        ms: 0,
      }),
      map(({ ms }) => ms),
    ),
    { initialValue: 0 },
  );
  readonly isStuck = computed(() => this.silence() >= STUCK_AFTER);

  constructor() {
    effect(() => this.#upload.isSlow$.next(this.isSlow()));
  }
}

/** Milliseconds. */
const STUCK_AFTER = 1000;
