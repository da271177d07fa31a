import { TestScheduler } from 'rxjs/testing';

/** What a diagram says: a mark of it that the table explains, the end, or an error. */
export type Moment<T> = { readonly at: number } & (
  | { readonly kind: 'next'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'complete' }
);

/**
 * Reads a marble diagram, as `cold` and `toBe` of RxJS do.
 * @param meaningOf what a mark stands for
 */
export function parseDiagram<T>(diagram: string, meaningOf: (mark: string) => T, error?: unknown): Moment<T>[] {
  return TestScheduler.parseMarbles(diagram, undefined, error, false, true).map(({ frame: at, notification }) => {
    if (notification.kind === 'N') return { at, kind: 'next', value: meaningOf(notification.value as string) };
    return notification.kind === 'E' ? { at, kind: 'error', error: notification.error } : { at, kind: 'complete' };
  });
}
