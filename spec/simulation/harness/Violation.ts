/** A rule that a history has broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** Which rule, as a word or two that stay the same from history to history. */
  readonly rule: string;

  constructor(rule: string, details: string, options?: { readonly cause?: unknown }) {
    super(`${rule}: ${details}`, options);
    this.rule = rule;
  }
}
