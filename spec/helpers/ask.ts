import { lastValueFrom, toArray } from 'rxjs';
import { type Session } from '../../lib/index.js';
import { bytes, textOf } from './frames.js';

/** Sends a text to an echo server; what comes back. */
export async function ask(session: Session, text: string): Promise<string> {
  const stream = session.open();
  stream.send([bytes(text)]).subscribe();
  return textOf(await lastValueFrom(stream.pipe(toArray())));
}
