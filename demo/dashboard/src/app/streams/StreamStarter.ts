import { Component, inject, signal } from '@angular/core';
import { type Kind } from '../../../shared/TrafficRequest';
import { SmuxService } from '../smux/SmuxService';
import { WeightField } from './WeightField';

@Component({
  selector: 'app-stream-starter',
  imports: [WeightField],
  template: `
    <form (submit)="$event.preventDefault()">
      <app-weight-field [(weight)]="weight" />
      <div class="buttons" role="group" aria-label="Start a stream">
        @for (kind of kinds; track kind.name) {
          <button type="button" [title]="kind.hint" (click)="smux.start(kind.name, weight())">Start {{ kind.label }}</button>
        }
        <label class="button" title="The page sends them, and the server answers with their SHA-256">
          Upload files …
          <input type="file" multiple (change)="upload(picker)" #picker />
        </label>
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
    { name: 'upload', label: 'file upload', hint: 'The page sends 268 MB that it makes up' },
  ];

  upload(picker: HTMLInputElement): void {
    for (const file of picker.files ?? []) this.smux.start('upload', this.weight(), file);
    picker.value = ''; // so that the same one may be chosen again
  }
}
