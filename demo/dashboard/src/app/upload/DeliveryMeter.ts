import { Component, computed, input } from '@angular/core';
import { SizePipe } from '../SizePipe';
import { type Delivery } from './Delivery';
import { type UploadFile } from './UploadFile';

/** How far a file has come, and whether all of it has arrived as it was. */
@Component({
  selector: 'app-delivery-meter',
  imports: [SizePipe],
  templateUrl: './DeliveryMeter.html',
})
export class DeliveryMeter {
  readonly file = input.required<UploadFile>();
  readonly delivery = input.required<Delivery>();
  /** An empty file is sent when its checksum is there. */
  readonly percent = computed(() =>
    this.delivery().checksums ? 100 : (100 * this.delivery().sent) / Math.max(1, this.file().size),
  );
  readonly isSame = computed(() => {
    const { here, there } = this.delivery().checksums ?? {};
    return here?.size === there?.size && here?.sha256 === there?.sha256;
  });
}
