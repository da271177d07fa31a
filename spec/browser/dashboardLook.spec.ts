import { mkdirSync } from 'node:fs';
import axe from 'axe-core';
import { afterEach, describe, expect, it } from 'vitest';
import { Dashboard } from './Dashboard.js';
import { hasDashboard } from './hasDashboard.js';

/** Two of the pictures, with fewer colours, are in the README: `dark` and `light-versions`. */
const folder = 'dist/screenshots';
const LOOKS = [
  { name: 'light', width: 1920, height: 1200, colorScheme: 'light' },
  { name: 'dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'phone', width: 360, height: 2400, colorScheme: 'light' },
  { name: 'phone-dark', width: 360, height: 2400, colorScheme: 'dark' },
] as const;
const LONG_NAME = `one-whose-name-is-longer-than-a-card-is-wide-${'and-longer-'.repeat(4)}.tar.gz`;

describe.skipIf(!hasDashboard)('demo/dashboard, looked at', () => {
  let dashboard: Dashboard;
  afterEach(async () => {
    await dashboard.close();
    expect(dashboard.complaints).toEqual([]);
  });

  it.each(LOOKS)('has room, contrast and labels: $name, $width px', async ({ name, width, height, colorScheme }) => {
    dashboard = await Dashboard.open({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
    const { page } = dashboard;
    await dashboard.start('bulk');
    await dashboard.weigh(3);
    await dashboard.start('bulk');
    await dashboard.weigh(1);
    await dashboard.start('chat', 'telemetry', 'file upload');
    await page.getByLabel('Upload files').setInputFiles({ name: LONG_NAME, mimeType: '', buffer: Buffer.alloc(1000) });
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.waitForTimeout(5000); // for the plots to have something to show
    await dashboard.stream('bulk').getByRole('switch').click();
    await page.getByRole('switch', { name: 'Slow server for both uploads' }).click();
    await page.waitForTimeout(5000);

    mkdirSync(folder, { recursive: true });
    await page.locator('section.versions').screenshot({ path: `${folder}/${name}-versions.png` });
    await page.evaluate('scrollTo(0, 0)');
    await page.screenshot({ path: `${folder}/${name}.png` });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await dashboard.stream('upload', 1).getAttribute('data-state')).toBe('all sent');

    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(violations).toEqual([]);
  });

  it('is used without a mouse', async () => {
    dashboard = await Dashboard.open({ viewport: { width: 1280, height: 900 } });
    const { page } = dashboard;
    const focused = () => page.evaluate('document.activeElement.textContent.trim()');
    await expect.poll(() => page.getByRole('status').textContent()).toContain('Connected');
    const press = async (key: string, times = 1) => {
      for (let time = 0; time < times; time++) await page.keyboard.press(key);
    };
    await press('Tab', 3);
    expect(await focused()).toBe('Start bulk');
    await press('Enter');
    await expect.poll(() => dashboard.stream('bulk').count()).toBe(1);
    await press('Tab', 4);
    expect(await page.evaluate('document.activeElement.type')).toBe('file');
    await press('Tab');
    await press('ArrowUp', 2);
    expect(await dashboard.stream('bulk').getByLabel('Weight').inputValue()).toBe('3');
    await press('Tab');
    await press('Space');
    expect(await dashboard.stream('bulk').getByRole('switch').isChecked()).toBe(true);
    await press('Tab');
    expect(await focused()).toBe('Stop');
    await press('Enter');
    await expect.poll(() => dashboard.stream('bulk').count()).toBe(0);
  });
});
