import { type Observable } from 'rxjs';
import { expectTypeOf } from 'vitest';
import { type Session, type Transport } from '../../lib/index.js';
import {
  connectKcp,
  connectKcpAsync,
  type KcpCrypt,
  type KcpMode,
  type KcpSession,
  type KcpStats,
  type KcpTransport,
  kcpTransport,
  listenKcp,
} from '../../lib/kcp/index.js';

// Sessions over KCP are sessions, whose transport tells more.
expectTypeOf(connectKcp).returns.toEqualTypeOf<Observable<KcpSession>>();
expectTypeOf(connectKcpAsync).returns.toEqualTypeOf<Promise<KcpSession>>();
expectTypeOf(listenKcp).returns.toEqualTypeOf<Observable<KcpSession>>();
expectTypeOf<KcpSession>().toExtend<Session>();
expectTypeOf<KcpSession['transport']>().toEqualTypeOf<KcpTransport>();
expectTypeOf<KcpTransport>().toExtend<Transport>();
expectTypeOf<KcpTransport['stats$']>().toEqualTypeOf<Observable<KcpStats>>();
expectTypeOf(kcpTransport).returns.toEqualTypeOf<KcpTransport>();

// A port is needed, names are checked.
connectKcp({ port: 1, crypt: 'aes', key: 'k', mode: 'fast', version: 1 });
// @ts-expect-error
connectKcp({ host: 'example.org' });
// @ts-expect-error
connectKcp({ port: 1, crypt: 'blowfish' });
// @ts-expect-error
listenKcp({ port: 1, mode: 'manual' });
expectTypeOf<KcpMode>().toEqualTypeOf<'normal' | 'fast' | 'fast2' | 'fast3'>();
expectTypeOf<KcpCrypt>().toEqualTypeOf<
  'null' | 'none' | 'aes' | 'aes-192' | 'aes-128' | 'aes-128-gcm' | '3des' | 'sm4' | 'xor' | 'salsa20'
>();
