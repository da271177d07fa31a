import { Component, computed, effect, inject, input, type OnInit } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { type Version } from 'rx-smux';
import { map, scan } from 'rxjs';
import { RatePlot } from '../plot/RatePlot';
import { SizePipe } from '../SizePipe';
import { SmuxService } from '../smux/SmuxService';
import { type Figures, SAMPLE_INTERVAL } from '../streams/Traffic';

/** A link of its own, of one version, with an upload and a chat. */
@Component({
  selector: 'app-version-lane',
  imports: [RatePlot, SizePipe],
  providers: [SmuxService],
  templateUrl: './VersionLane.html',
})
export class VersionLane implements OnInit {
  readonly #smux = inject(SmuxService);
  readonly version = input.required<Version>();
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

  ngOnInit(): void {
    this.#smux.version = this.version();
  }
}

/** Milliseconds. */
const STUCK_AFTER = 1000;
