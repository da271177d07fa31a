import { Component, computed, inject, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { switchMap } from 'rxjs';
import { SizePipe } from '../SizePipe';
import { SmuxService } from '../smux/SmuxService';
import { type Delivery } from '../upload/Delivery';
import { DeliveryMeter } from '../upload/DeliveryMeter';
import { CreditMeter } from './CreditMeter';
import { type Figures, type Traffic } from './Traffic';
import { WeightField } from './WeightField';

@Component({
  selector: 'app-stream-card',
  imports: [CreditMeter, DeliveryMeter, SizePipe, WeightField],
  templateUrl: './StreamCard.html',
})
export class StreamCard {
  readonly #smux = inject(SmuxService);
  readonly traffic = input.required<Traffic>();
  readonly #traffic$ = toObservable(this.traffic);
  readonly figures = toSignal(this.#traffic$.pipe(switchMap(({ figures$ }) => figures$)), { initialValue: NOTHING });
  readonly stream = toSignal(this.#traffic$.pipe(switchMap(({ stream$ }) => stream$)));
  readonly weight = toSignal(this.#traffic$.pipe(switchMap(({ weight$ }) => weight$)), { initialValue: 1 });
  readonly isSlow = toSignal(this.#traffic$.pipe(switchMap(({ isSlow$ }) => isSlow$)), { initialValue: false });
  readonly isDone = toSignal(this.#traffic$.pipe(switchMap(({ isDone$ }) => isDone$)), { initialValue: false });
  readonly delivery = toSignal(this.#traffic$.pipe(switchMap(({ delivery$ }) => delivery$)), {
    initialValue: { sent: 0 } as Delivery,
  });
  readonly isUpload = computed(() => this.traffic().kind === 'upload');
  readonly reader = computed(() => (this.isUpload() ? 'server' : 'reader'));
  readonly state = computed(() => {
    if (this.isDone()) return this.delivery().failure ? 'failed' : 'all sent';
    return this.stream() ? (this.isSlow() ? `slow ${this.reader()}` : 'running') : 'waits for a link';
  });
  readonly title = computed(() => (this.isUpload() ? 'file upload' : this.traffic().kind));

  stop(): void {
    this.#smux.stop(this.traffic());
  }
}

const NOTHING: Figures = { stats: undefined, rate: 0 };
