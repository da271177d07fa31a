import { setTimeout as sleep } from 'node:timers/promises';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, it } from 'vitest';
import { connectAsync } from '../../lib/node/index.js';
import { bytes, textOf } from '../helpers/frames.js';
import { attacks } from './attacks.js';
import { isFullForm } from './form.js';
import { strike } from './strike.js';
import { Victim } from './Victim.js';
import { warmUp } from './warmUp.js';

describe('a peer that', () => {
  it.concurrent.for(attacks)(
    '$name takes less than 64 MB, and others notice nothing',
    { timeout: 60_000 },
    async (attack, { expect, onTestFinished }) => {
      const victim = await Victim.start(attack.service, attack.options);
      onTestFinished(() => victim.stop());
      await warmUp(victim.honestPort, isFullForm ? 8000 : 1000);
      const honest = await connectAsync({ host: '127.0.0.1', port: victim.honestPort });
      const before = await victim.report();

      const striking = strike(attack, victim.port, DURATION);
      await sleep(DURATION / 2);
      const stream = honest.open();
      stream.next(bytes('still there?'));
      stream.complete();
      const answer = await lastValueFrom(stream.pipe(toArray()));
      const { sent, retreat } = await striking;
      onTestFinished(retreat);
      const after = await victim.report();
      const held = Math.max(0, after.held - before.held);
      const peak = Math.max(0, after.peak - before.peak);
      if (isFullForm || process.env.SHOW)
        console.log(`${attack.name}: +${mb(peak)} MB of RSS, +${mb(held)} held, ${mb(sent)} sent`);

      expect(textOf(answer)).toBe('still there?');
      expect(held).toBeLessThan(48 * MB);
      expect(peak).toBeLessThan(64 * MB);
      const connections = attack.connections ?? 1;
      expect(after).toMatchObject(
        attack.code ? { sessions: 0, ends: { [attack.code]: connections } } : { sessions: connections, ends: {} },
      );
      honest.close();
    },
  );
});

const mb = (size: number) => (size / MB).toFixed(0);

const DURATION = isFullForm ? 10_000 : 700;
const MB = 1_000_000;
