import { type Core } from './Core.js';
import { describeHistory } from './describeHistory.js';
import { type History } from './History.js';
import { shrinkHistory, violationOf } from './shrinkHistory.js';

/** What there is to say of a history that breaks a rule, its simplest form included; `undefined` where it breaks none. */
export function reportOf(title: string, history: History, core: Core): string | undefined {
  const violation = violationOf(history, core);
  const simplest = shrinkHistory(history, core);
  if (violation === undefined || simplest === undefined) return undefined;
  return [
    `${title} broke a rule: ${violation.message}`,
    describeHistory(history),
    '',
    `The simplest history found that breaks the same one: ${violationOf(simplest, core)?.message}`,
    describeHistory(simplest),
    '',
    'As data:',
    JSON.stringify(simplest),
  ].join('\n');
}
