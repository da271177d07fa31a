import { Component, inject, signal } from '@angular/core';
import { type Kind } from '../../../shared/TrafficRequest';
import { SmuxService } from '../smux/SmuxService';

@Component({
  selector: 'app-stream-starter',
  template: `
    <form (submit)="$event.preventDefault()">
      <label>
        Weight
        <input type="number" name="weight" min="1" max="256" required [value]="weight()" (input)="choose(field)" #field />
      </label>
      <div class="buttons" role="group" aria-label="Start a stream">
        @for (kind of kinds; track kind.name) {
          <button type="button" [title]="kind.hint" [disabled]="!field.validity.valid" (click)="smux.start(kind.name, weight())">
            Start {{ kind.label }}
          </button>
        }
      </div>
    </form>
  `,
})
export class StreamStarter {
  readonly smux = inject(SmuxService);
  readonly weight = signal(1);
  readonly kinds: readonly { readonly name: Kind; readonly label: string; readonly hint: string }[] = [
    { name: 'bulk', label: 'bulk', hint: 'The server sends without end' },
    { name: 'chat', label: 'chat', hint: 'Four short messages a second, each of which is echoed' },
    { name: 'telemetry', label: 'telemetry', hint: 'The server sends ten readings a second' },
    { name: 'upload', label: 'file upload', hint: 'The page sends 268 MB' },
  ];

  choose({ validity, valueAsNumber }: HTMLInputElement): void {
    if (validity.valid) this.weight.set(valueAsNumber);
  }
}
