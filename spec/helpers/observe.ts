import { type Observable, type Subscription } from 'rxjs';

/** What an Observable has done so far. */
export interface Observed<T> {
  readonly values: T[];
  isComplete: boolean;
  error: unknown;
  readonly subscription: Subscription;
}

/** Subscribes and takes notes. */
export function observe<T>(source: Observable<T>): Observed<T> {
  const notes = { values: [] as T[], isComplete: false, error: undefined as unknown };
  const subscription = source.subscribe({
    next: (value) => void notes.values.push(value),
    error: (error: unknown) => {
      notes.error = error;
    },
    complete: () => {
      notes.isComplete = true;
    },
  });
  return Object.assign(notes, { subscription });
}
