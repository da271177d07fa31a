import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { Link } from './Link';
import { SizePipe } from './SizePipe';

@Component({
  selector: 'app-dashboard',
  imports: [SizePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './Dashboard.html',
})
export class Dashboard {
  readonly link = inject(Link);
  /** MB a second. */
  readonly paces = [1, 2, 4] as const;
  /** Bytes a second: the full length of a bar. */
  readonly topRate = 1_000_000 * Math.max(...this.paces);
}
