import { type History, type Reading, type Step, type StreamPlan } from './History.js';

/** Histories that have a little less in them, the boldest attempts first. */
export function* simplerHistories(history: History): Generator<History, void, undefined> {
  const { streams, troubles, options, link, counters, accepting } = history;
  for (const fewer of withoutSome(streams)) yield { ...history, streams: fewer };
  for (const fewer of withoutSome(troubles)) yield { ...history, troubles: fewer };
  for (const simpler of withoutFields(link)) yield { ...history, link: simpler };
  for (const role of ['client', 'server'] as const) {
    for (const simpler of withoutFields(options[role], ['version'])) {
      yield { ...history, options: { ...options, [role]: simpler } };
    }
    if (accepting[role].length > 0) yield { ...history, accepting: { ...accepting, [role]: [] } };
  }
  if (Object.keys({ ...counters.client, ...counters.server }).length > 0) {
    yield { ...history, counters: { client: {}, server: {} } };
  }
  for (const [at, stream] of streams.entries()) {
    for (const simpler of simplerStreams(stream)) {
      yield { ...history, streams: streams.map((other, index) => (index === at ? simpler : other)) };
    }
  }
}

function* simplerStreams(stream: StreamPlan): Generator<StreamPlan, void, undefined> {
  for (const end of ['opener', 'acceptor'] as const) {
    for (const fewer of withoutSome(stream[end])) yield { ...stream, [end]: fewer };
  }
  const { weight, ...unweighed } = stream;
  if (weight !== undefined) yield unweighed;
  if (stream.at > 0) yield { ...stream, at: 0 };
  for (const end of ['opener', 'acceptor'] as const) {
    for (const [at, step] of stream[end].entries()) {
      for (const simpler of simplerSteps(step)) {
        yield { ...stream, [end]: stream[end].map((other, index) => (index === at ? simpler : other)) };
      }
    }
  }
}

function* simplerSteps(step: Step): Generator<Step, void, undefined> {
  if (step.after > 0) yield { ...step, after: 0 };
  if (step.do === 'write') for (const size of smaller(step.size)) yield { ...step, size };
  if (step.do === 'send') for (const sizes of withoutSome(step.sizes)) yield { ...step, sizes };
  if (step.do === 'read') for (const how of simplerReadings(step.how)) yield { ...step, how };
}

function* simplerReadings(how: Reading): Generator<Reading, void, undefined> {
  if (how.kind !== 'flow') yield { kind: 'flow' };
  if (how.kind === 'work')
    for (const delays of withoutSome(how.delays)) if (delays.length > 0) yield { ...how, delays };
  if (how.kind === 'granted') for (const grants of withoutSome(how.grants)) yield { ...how, grants };
}

/** Without any, each half, each quarter … each one. */
function* withoutSome<T>(items: readonly T[]): Generator<readonly T[], void, undefined> {
  for (let size = items.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < items.length; at += size) yield [...items.slice(0, at), ...items.slice(at + size)];
  }
}

function* withoutFields<T extends object>(fields: T, kept: readonly string[] = []): Generator<T, void, undefined> {
  for (const name of Object.keys(fields)) {
    if (kept.includes(name)) continue;
    const { [name as keyof T]: _, ...others } = fields;
    yield others as T;
  }
}

/** Round numbers and small ones read best. */
function* smaller(size: number): Generator<number, void, undefined> {
  for (const simple of [0, 1, 10, 1000, 100_000, 262_144, 262_145]) if (simple < size) yield simple;
  if (size > 2) yield Math.floor(size / 2);
}
