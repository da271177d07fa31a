import { describe, expect, it } from 'vitest';
import { ProtocolError, SessionError, SmuxError, StreamError } from '../lib/errors.js';

const cause = new Error('cable');

describe.each([
  {
    error: new ProtocolError('SMUX_ERR_LENGTH', 'too long', { cause }),
    plain: new ProtocolError('SMUX_ERR_LENGTH', 'too long'),
    type: ProtocolError,
    name: 'ProtocolError',
    code: 'SMUX_ERR_LENGTH',
    message: 'too long',
  },
  {
    error: new SessionError('SMUX_ERR_LINK_LOST', 'gone', { cause }),
    plain: new SessionError('SMUX_ERR_LINK_LOST', 'gone'),
    type: SessionError,
    name: 'SessionError',
    code: 'SMUX_ERR_LINK_LOST',
    message: 'gone',
  },
  {
    error: new StreamError('SMUX_ERR_STREAM_LOCKED', 7, 'taken', { cause }),
    plain: new StreamError('SMUX_ERR_STREAM_LOCKED', 7, 'taken'),
    type: StreamError,
    name: 'StreamError',
    code: 'SMUX_ERR_STREAM_LOCKED',
    message: 'stream 7: taken',
  },
])('$name', ({ error, plain, type, name, code, message }) => {
  it('is an error of this library, and of no other kind', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(SmuxError);
    const kinds = [ProtocolError, SessionError, StreamError].filter((kind) => error instanceof kind);
    expect(kinds).toStrictEqual([type]);
  });

  it('has a name, a code and a message', () => {
    expect(error).toMatchObject({ name, code, message });
    expect(String(error)).toBe(`${name}: ${message}`);
    expect(error.stack).toContain('errors.spec.ts');
  });

  it('keeps its cause, and has none where there is none', () => {
    expect(error.cause).toBe(cause);
    expect(plain.cause).toBeUndefined();
    expect('cause' in plain).toBe(false);
  });
});

describe('StreamError', () => {
  it('knows its stream, with IDs above 2^31 too', () => {
    const error = new StreamError('SMUX_ERR_PEER_CLOSED', 0xffffffff, 'gone');
    expect(error.streamId).toBe(0xffffffff);
    expect(error.message).toBe('stream 4294967295: gone');
  });
});
