import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as core from '../lib/index.js';
import * as kcp from '../lib/kcp/index.js';
import * as node from '../lib/node/index.js';
import * as operators from '../lib/operators.js';
import * as testing from '../lib/testing/index.js';
import * as web from '../lib/web/index.js';

describe.each([
  {
    entry: 'rx-smux',
    file: 'index.ts',
    module: core,
    values: ['ProtocolError', 'SessionError', 'SmuxError', 'StreamError', 'createSession', 'handleStreams'],
    types: [
      'Ending',
      'ProtocolErrorCode',
      'Role',
      'Session',
      'SessionErrorCode',
      'SessionOptions',
      'SessionStats',
      'SmuxErrorCode',
      'SmuxOptions',
      'SmuxStream',
      'StreamErrorCode',
      'StreamStats',
      'Transport',
      'TransportInfo',
      'Version',
    ],
  },
  {
    entry: 'rx-smux/operators',
    file: 'operators.ts',
    module: operators,
    values: ['Command', 'decodeFrames', 'demultiplex', 'encodeFrames', 'fairQueue', 'limitByCredit', 'windowUpdates'],
    types: ['DataFrame', 'FairQueueOptions', 'Frame', 'SignalFrame', 'UpdateFrame', 'Version', 'WindowUpdate'],
  },
  {
    entry: 'rx-smux/node',
    file: 'node/index.ts',
    module: node,
    values: ['connect', 'connectAsync', 'duplexTransport', 'listen', 'listenWebSocket', 'socketTransport', 'toDuplex'],
    types: ['AdmissionOptions', 'ConnectOptions', 'ListenOptions', 'ListenWebSocketOptions', 'ListeningAddress'],
  },
  {
    entry: 'rx-smux/web',
    file: 'web/index.ts',
    module: web,
    values: [
      'connectWebSocket',
      'connectWebSocketAsync',
      'messagePortTransport',
      'toWebStreams',
      'webSocketTransport',
      'webStreamsTransport',
    ],
    types: [
      'MessagePortLike',
      'PushedInputOptions',
      'WebSocketConfig',
      'WebSocketConstructor',
      'WebSocketEvent',
      'WebSocketEventType',
      'WebSocketLike',
      'WebSocketTransportOptions',
      'WebStreams',
    ],
  },
  {
    entry: 'rx-smux/kcp',
    file: 'kcp/index.ts',
    module: kcp,
    values: ['connectKcp', 'connectKcpAsync', 'kcpTransport', 'listenKcp'],
    types: [
      'ConnectKcpOptions',
      'KcpCrypt',
      'KcpMode',
      'KcpOptions',
      'KcpSession',
      'KcpStats',
      'KcpTransport',
      'ListenKcpOptions',
    ],
  },
  {
    entry: 'rx-smux/testing',
    file: 'testing/index.ts',
    module: testing,
    values: ['fin', 'framesOf', 'linkedTransports', 'nop', 'psh', 'run', 'syn', 'upd'],
    types: [
      'FrameBuilders',
      'FrameNote',
      'FrameTransport',
      'LinkDirection',
      'LinkOptions',
      'LinkedSessions',
      'LinkedTransport',
      'RunOptions',
      'TestHelpers',
    ],
  },
])('$entry', ({ file, module, values, types }) => {
  it('exports these values', () => {
    expect(Object.keys(module).sort()).toStrictEqual(values);
  });

  it('exports these types', () => {
    expect(typesOf(file)).toStrictEqual(types);
  });
});

/** Types leave no trace at run time, so they are read from the list of exports. */
function typesOf(file: string): string[] {
  const source = readFileSync(new URL(`../lib/${file}`, import.meta.url), 'utf8');
  const lists = source.matchAll(/^export (type )?\{([^}]*)\}/gm);
  return [...lists]
    .flatMap(([, isTypeList, names = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && (isTypeList !== undefined || name.startsWith('type ')))
        .map((name) => name.replace(/^type /, '')),
    )
    .sort();
}
