import { Component, input, model } from '@angular/core';

/** A share of the link: from 1 to 256. What is no such number is put right when the field is left. */
@Component({
  selector: 'app-weight-field',
  template: `
    <label>
      Weight
      <input
        type="number"
        min="1"
        max="256"
        required
        [value]="weight()"
        [disabled]="isDisabled()"
        [attr.aria-label]="label()"
        (input)="choose(field)"
        (change)="field.valueAsNumber = weight()"
        #field
      />
    </label>
  `,
})
export class WeightField {
  readonly weight = model.required<number>();
  /** Tells it from others. */
  readonly label = input('Weight');
  readonly isDisabled = input(false);

  choose({ validity, valueAsNumber }: HTMLInputElement): void {
    if (validity.valid) this.weight.set(valueAsNumber);
  }
}
