import { Violation } from './Violation.js';

/** Remembers the first rule that was broken: sessions catch what is thrown inside a transport or a consumer. */
export class Judge {
  #found: Violation | undefined;

  blame(rule: string, details: string): never {
    this.#found ??= new Violation(rule, details);
    throw this.#found;
  }

  /** @throws Violation the first one that was found */
  check(): void {
    if (this.#found) throw this.#found;
  }
}
