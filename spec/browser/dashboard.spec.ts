import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dashboard } from './Dashboard.js';
import { hasDashboard } from './hasDashboard.js';

const MB = 1_000_000;
const SLOWLY = { timeout: 15_000 };

describe.skipIf(!hasDashboard)('demo/dashboard', () => {
  let dashboard: Dashboard;

  beforeEach(async () => {
    dashboard = await Dashboard.open({ viewport: { width: 1280, height: 900 } });
    await expect.poll(state, SLOWLY).toContain('Connected, version 2.');
  });
  afterEach(async () => {
    await dashboard.close();
    expect(dashboard.complaints).toEqual([]);
  });

  const state = () => dashboard.page.getByRole('status').textContent();
  const rate = (...stream: Parameters<Dashboard['stream']>) =>
    dashboard.size(dashboard.stream(...stream).getByTestId('rate'));

  it('starts and stops streams of every kind', async () => {
    await dashboard.start('bulk', 'chat', 'telemetry', 'file upload');
    for (const kind of ['bulk', 'chat', 'telemetry', 'upload'] as const) {
      await expect.poll(() => rate(kind), SLOWLY).toBeGreaterThan(0);
      await dashboard.stream(kind).getByRole('button', { name: 'Stop' }).click();
      await expect.poll(() => dashboard.stream(kind).count()).toBe(0);
    }
    await expect.poll(() => dashboard.page.getByText('No streams yet').isVisible()).toBe(true);
  });

  it('shares the link by weight', async () => {
    await dashboard.start('bulk');
    await dashboard.weigh(4);
    await dashboard.start('bulk');
    await expect.poll(async () => (await rate('bulk', 1)) / (await rate('bulk', 0)), SLOWLY).toBeGreaterThan(3);
  });

  it('shares the link anew when a weight changes while the streams run', async () => {
    const share = async () => (await rate('bulk', 0)) / (await rate('bulk', 1));
    const weight = (index: number) => dashboard.stream('bulk', index).getByLabel(/^Weight of bulk, stream \d+$/);
    await dashboard.start('bulk', 'bulk');
    await expect.poll(share, SLOWLY).toBeGreaterThan(0.7);
    await expect.poll(share, SLOWLY).toBeLessThan(1.4);

    await weight(0).fill('4');
    await expect.poll(share, SLOWLY).toBeGreaterThan(3);
    await weight(0).fill('1');
    await weight(1).fill('4');
    await expect.poll(share, SLOWLY).toBeLessThan(1 / 3);
  });

  it('takes nothing for a weight that is none, neither in the page nor at the server', async () => {
    const { page } = dashboard;
    await dashboard.start('bulk');
    const weight = dashboard.stream('bulk').getByLabel('Weight');
    const [told] = await Promise.all([page.waitForRequest(/weight=7/), weight.fill('7')]);
    await weight.fill('257');
    await weight.blur();
    expect(await weight.inputValue()).toBe('7');

    const answer = await page.request.post(told.url().replace('weight=7', 'weight=257'));
    expect(answer.status()).toBe(400);
    await expect.poll(() => rate('bulk'), SLOWLY).toBeGreaterThan(MB);
  });

  it('shows that a slow reader pauses its stream, and none of the others', async () => {
    await dashboard.start('bulk', 'bulk', 'chat');
    await expect.poll(() => rate('bulk'), SLOWLY).toBeGreaterThan(MB);
    const slow = dashboard.stream('bulk').getByRole('switch', { name: 'Slow reader' });
    await slow.click();
    await expect.poll(() => rate('bulk'), SLOWLY).toBeLessThan(0.2 * MB);
    await expect.poll(() => dashboard.size(dashboard.stream('bulk').getByTestId('unread')), SLOWLY).toBeGreaterThan(0);
    await expect.poll(() => dashboard.page.getByTestId('tokens').textContent(), SLOWLY).not.toContain('100 %');
    await expect.poll(() => rate('bulk', 1), SLOWLY).toBeGreaterThan(2 * MB);
    expect(await rate('chat')).toBeGreaterThan(0);

    await slow.click();
    await expect.poll(() => rate('bulk'), SLOWLY).toBeGreaterThan(MB);
  });

  it('shows that an upload runs out of credit when the server reads it slowly', async () => {
    await dashboard.start('file upload');
    await expect.poll(() => rate('upload'), SLOWLY).toBeGreaterThan(MB);
    await dashboard.stream('upload').getByRole('switch', { name: 'Slow server' }).click();
    const credit = dashboard.stream('upload').getByRole('meter', { name: 'Credit' });
    const share = () =>
      credit.evaluate((meter: { value?: number; max?: number }) => (meter.value ?? 0) / (meter.max ?? 0));
    await expect.poll(share, SLOWLY).toBeLessThan(0.2);
    await expect.poll(() => rate('upload'), SLOWLY).toBeLessThan(0.2 * MB);
  });

  it('logs frames, those that are asked for, and stands still when it shall', async () => {
    const frames = dashboard.page.getByRole('region', { name: 'Frames that passed' });
    const lines = () => frames.locator('tbody tr').allTextContents();
    await dashboard.start('telemetry', 'chat');
    await expect.poll(lines, SLOWLY).toContainEqual(expect.stringMatching(/in\s*5\s*PSH \d+ bytes/));
    await dashboard.page.getByLabel('Filter').fill('out syn');
    await expect.poll(lines).toEqual([expect.stringMatching(/out\s*5\s*SYN/), expect.stringMatching(/out\s*3\s*SYN/)]);

    await dashboard.page.getByLabel('Filter').fill('stream 5');
    await dashboard.page.getByRole('button', { name: 'Pause' }).click();
    await dashboard.page.waitForTimeout(500); // what had passed before
    const paused = await lines();
    await dashboard.page.waitForTimeout(1000);
    expect(await lines()).toEqual(paused);
    await dashboard.page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(lines, SLOWLY).not.toEqual(paused);
  });

  it('shows version 1 held up by a slow reader, beside version 2, which is not', async () => {
    const verdict = (version: 1 | 2) =>
      dashboard.page.locator(`article[data-version="${version}"]`).getByTestId('verdict').textContent();
    await dashboard.page.getByRole('button', { name: 'Compare' }).click();
    for (const version of [1, 2] as const) await expect.poll(() => verdict(version), SLOWLY).toContain('is answered');
    const slow = dashboard.page.getByRole('switch', { name: 'Slow server for both uploads' });
    await slow.click();
    await expect.poll(() => verdict(1), SLOWLY).toContain('stood still for 3 s');
    expect(await verdict(2)).toContain('is answered');
    await slow.click();
    await expect.poll(() => verdict(1), SLOWLY).toContain('is answered');
  });

  it('finds its link again, and goes on with what was running', async () => {
    await dashboard.start('bulk');
    await expect.poll(() => rate('bulk'), SLOWLY).toBeGreaterThan(MB);
    await dashboard.page.getByRole('button', { name: 'Cut the link' }).click();
    await expect.poll(state).toContain('Link lost: somebody cut it');
    await expect.poll(state, SLOWLY).toContain('Found again once.');
    await expect.poll(() => rate('bulk'), SLOWLY).toBeGreaterThan(MB);

    await dashboard.stopServer();
    await expect.poll(state, SLOWLY).toContain('Link lost');
    expect(await dashboard.stream('bulk').textContent()).toContain('waits for a link');
    await dashboard.startServer();
    await expect.poll(state, SLOWLY).toContain('Found again 2 times.');
    await expect.poll(() => rate('bulk'), SLOWLY).toBeGreaterThan(MB);
  });
});
