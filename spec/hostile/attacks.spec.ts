import { describe, expect, it } from 'vitest';
import { attacks } from './attacks.js';
import { strike } from './strike.js';
import { Victim } from './Victim.js';
import { warmUp } from './warmUp.js';

const isFull = process.env.RX_SMUX_HOSTILE === 'full';
const DURATION = Number(process.env.MS ?? 700);
const MIB = 1024 * 1024;
void isFull;
void expect;
describe('a peer that', () => {
  it.each(attacks)('$name costs the server less than 64 MB', { timeout: 60_000 }, async (attack) => {
    const victim = await Victim.start(attack.service, attack.options);
    await warmUp(victim.honestPort, 3000);
    const before = await victim.report();
    const sent = await strike(attack, victim.port, DURATION);
    const after = await victim.report();
    const mb = (n: number) => (n / MIB).toFixed(1);
    console.log(
      `${attack.name}: peak +${mb(after.peak - before.rss)} rss +${mb(after.rss - before.rss)} held +${mb(after.held - before.held)} sent ${mb(sent)} ${JSON.stringify(after.ends)} alive ${after.sessions}`,
    );
  });
});
