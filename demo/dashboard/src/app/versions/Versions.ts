import { Component, signal } from '@angular/core';
import { VersionLane } from './VersionLane';

/** The same two streams in a link of each version: what a slow reader of one does to the other. */
@Component({
  selector: 'app-versions',
  imports: [VersionLane],
  templateUrl: './Versions.html',
})
export class Versions {
  readonly isRunning = signal(false);
  readonly isSlow = signal(false);

  toggle(): void {
    this.isRunning.update((isRunning) => !isRunning);
    this.isSlow.set(false);
  }
}
