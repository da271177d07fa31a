/** The IDs refused last. Data for one of them is answered, at most once between two flushes, so that its writer learns of it. */
export class RefusedIds {
  readonly #ids = new Set<number>();
  readonly #answered = new Set<number>();

  add(streamId: number): void {
    this.#ids.delete(streamId);
    this.#ids.add(streamId);
    this.#answered.add(streamId);
    if (this.#ids.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      this.#answered.delete(oldest);
      return;
    }
  }

  /** The refusal should be repeated. */
  deservesAnswer(streamId: number): boolean {
    if (!this.#ids.has(streamId) || this.#answered.has(streamId)) return false;
    this.#answered.add(streamId);
    return true;
  }

  /** An answer for it waits to be sent. */
  isAnswering(streamId: number): boolean {
    return this.#answered.has(streamId);
  }

  flushed(): void {
    if (this.#answered.size > 0) this.#answered.clear();
  }
}

const MAX_REMEMBERED = 1024;
