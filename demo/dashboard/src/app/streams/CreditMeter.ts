import { Component, input, linkedSignal } from '@angular/core';
import { SizePipe } from '../SizePipe';

/** Bytes that may be sent at once, of the most that there ever were: what is missing is in use. */
@Component({
  selector: 'app-credit-meter',
  imports: [SizePipe],
  template: `
    <span>{{ label() }}</span>
    <meter min="0" [max]="most()" [value]="left()" [attr.aria-label]="label()"></meter>
    <span class="value">{{ left() | size }} of {{ most() | size }}</span>
  `,
})
export class CreditMeter {
  readonly label = input.required<string>();
  /** Bytes. */
  readonly left = input.required<number>();
  readonly most = linkedSignal<number, number>({
    source: this.left,
    computation: (left, before) => Math.max(FIRST_WINDOW, left, before?.value ?? 0),
  });
}

/** Bytes: what every stream of version 2 begins with. */
const FIRST_WINDOW = 262_144;
