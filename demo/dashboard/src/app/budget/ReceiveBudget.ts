import { Component, computed, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { type Session } from 'rx-smux';
import { EMPTY, interval, map, startWith, switchMap } from 'rxjs';
import { MAX_RECEIVE_BUFFER } from '../../../shared/settings';
import { SizePipe } from '../SizePipe';
import { SAMPLE_INTERVAL } from '../streams/Traffic';

/** The token bucket of a session: a byte that arrives takes a token, a byte that is read puts it back. */
@Component({
  selector: 'app-receive-budget',
  imports: [SizePipe],
  template: `
    <div class="bucket" aria-hidden="true"><div class="tokens" [style.height.%]="percent()"></div></div>
    @let stats = this.stats();
    <dl>
      <div><dt>Tokens left</dt><dd data-testid="tokens">{{ left() | size }} of {{ size | size }}, {{ percent().toFixed(0) }} %</dd></div>
      <div><dt>Unread, all streams</dt><dd>{{ stats?.unread ?? 0 | size }}</dd></div>
      <div><dt>Unsent, all streams</dt><dd>{{ stats?.unsent ?? 0 | size }}</dd></div>
      <div><dt>Received in all</dt><dd>{{ stats?.received ?? 0 | size }}</dd></div>
      <div><dt>Sent in all</dt><dd>{{ stats?.sent ?? 0 | size }}</dd></div>
    </dl>
    <p class="hint">
      A byte that arrives takes a token, a byte that is read puts it back. In version 2 each slow reader is stopped by its own
      window, long before the bucket is empty.
    </p>
  `,
})
export class ReceiveBudget {
  readonly session = input.required<Session | undefined>();
  readonly size = MAX_RECEIVE_BUFFER;
  readonly stats = toSignal(
    toObservable(this.session).pipe(
      switchMap((session) =>
        session
          ? interval(SAMPLE_INTERVAL).pipe(
              startWith(0),
              map(() => session.stats),
            )
          : EMPTY,
      ),
    ),
  );
  readonly left = computed(() => Math.max(0, this.size - (this.stats()?.unread ?? 0)));
  readonly percent = computed(() => (100 * this.left()) / this.size);
}
