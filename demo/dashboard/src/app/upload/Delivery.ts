import { type Checksum } from '../../../shared/Checksum';

/** How far a file has come. */
export interface Delivery {
  /** Bytes handed to the link. */
  readonly sent: number;
  /** Of what was sent here, and of what has arrived there: when that is all. */
  readonly checksums?: { readonly here: Checksum; readonly there: Checksum };
  /** Why the rest cannot be sent. */
  readonly failure?: string;
}
