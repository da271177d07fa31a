import { Command, type Frame } from '../wire/frame.js';
import { describeBytes } from './describeBytes.js';

/** A frame in a few words: `v2 PSH stream 3, 5 bytes "hello"`. */
export function describeFrame(frame: Frame): string {
  const { version, command, streamId } = frame;
  const name = COMMAND_NAMES[command];
  if (command === Command.NOP) return `v${version} ${name}`;
  const head = `v${version} ${name} stream ${streamId}`;
  if (command === Command.PSH) return `${head}, ${describeBytes(frame.payload)}`;
  if (command === Command.UPD) return `${head}, consumed ${frame.consumed}, window ${frame.window}`;
  return head;
}

const COMMAND_NAMES = ['SYN', 'FIN', 'PSH', 'NOP', 'UPD'] as const;
