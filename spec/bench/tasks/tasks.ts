import { type LongLinkParameters } from '../simulation/longLink.js';
import { type BulkParameters, bulk } from './bulk.js';
import { type EchoParameters, echo } from './echo.js';
import { type IdleParameters, idle } from './idle.js';
import { type MessagesParameters, messages } from './messages.js';
import { type OpeningsParameters, openings } from './openings.js';
import { type Task } from './Task.js';

/** What can be measured between two ends, and what each is told. */
export type LinkWork =
  | ({ readonly task: 'bulk' } & BulkParameters)
  | ({ readonly task: 'messages' } & MessagesParameters)
  | ({ readonly task: 'echo' } & EchoParameters)
  | ({ readonly task: 'openings' } & OpeningsParameters)
  | ({ readonly task: 'idle' } & IdleParameters);

/** That, and what is computed rather than measured. */
export type Work = LinkWork | ({ readonly task: 'longLink' } & LongLinkParameters);

export const tasks: { readonly [K in LinkWork['task']]: Task<Extract<LinkWork, { task: K }>> } = {
  bulk,
  messages,
  echo,
  openings,
  idle,
};
