import { Command, type Frame } from 'rx-smux/operators';

/** A frame in words, without its stream: `PSH 512 bytes`. */
export function describeFrame(frame: Frame): string {
  if (frame.command === Command.PSH) return `PSH ${frame.payload.length} bytes`;
  if (frame.command === Command.UPD) return `UPD consumed ${frame.consumed}, window ${frame.window}`;
  return NAMES[frame.command];
}

const NAMES = { [Command.SYN]: 'SYN', [Command.FIN]: 'FIN', [Command.NOP]: 'NOP' } as const;
