import { type History, type Reading, type Step, type StreamPlan } from './History.js';

/** A history for people. */
export function describeHistory({ options, counters, link, accepting, streams, troubles, lastWord }: History): string {
  const lines = [`client   ${words(options.client)}`, `server   ${words(options.server)}`, `link     ${words(link)}`];
  for (const role of ['client', 'server'] as const) {
    if (Object.keys(counters[role]).length > 0) lines.push(`counters of the ${role}: ${words(counters[role])}`);
    if (accepting[role].length > 0) lines.push(`the ${role} accepts, and stops, at ${accepting[role].join(', ')} ms`);
  }
  lines.push(...streams.flatMap(describeStream));
  for (const { at, side, what } of troubles) lines.push(`at ${at} ms ${side}: ${what}`);
  lines.push(`at the end the ${lastWord} closes`);
  return lines.join('\n');
}

function describeStream({ name, openedBy, at, weight, opener, acceptor }: StreamPlan): string[] {
  const weighed = weight === undefined ? '' : `, weight ${weight}`;
  return [
    `at ${at} ms the ${openedBy} opens stream ${name}${weighed}`,
    ...(opener.length > 0 ? [`  opener:   ${opener.map(describeStep).join(', ')}`] : []),
    ...(acceptor.length > 0 ? [`  acceptor: ${acceptor.map(describeStep).join(', ')}`] : []),
  ];
}

function describeStep(step: Step): string {
  const waited = step.after === 0 ? '' : `${step.after} ms, `;
  switch (step.do) {
    case 'write':
      return `${waited}write ${step.size}`;
    case 'send':
      return `${waited}send [${step.sizes.join(' ')}]${step.preventClose ? '' : ' and complete'}`;
    case 'read':
      return `${waited}read: ${describeReading(step.how)}`;
    case 'react':
      return `${waited}at chunk ${step.chunk} ${describeStep({ after: 0, ...step.reaction })}`;
    case 'weigh':
      return `${waited}weight ${step.weight}`;
    default:
      return `${waited}${step.do}`;
  }
}

function describeReading(how: Reading): string {
  switch (how.kind) {
    case 'flow':
      return 'all';
    case 'some':
      return `${how.chunks} chunks`;
    case 'failing':
      return `fails at chunk ${how.chunks}`;
    case 'work':
      return `${how.delays.join(' ')} ms a chunk, ${how.concurrency} at once`;
    case 'granted':
      return `grants [${how.grants.join(' ')}] every ${how.interval} ms`;
    case 'batches':
      return `batches of ${how.size}, ${how.pause} ms apart`;
  }
}

function words(fields: object): string {
  const entries = Object.entries(fields).map(
    ([name, value]) => `${name} ${typeof value === 'object' ? `(${words(value)})` : value}`,
  );
  return entries.join(', ') || 'by default';
}
