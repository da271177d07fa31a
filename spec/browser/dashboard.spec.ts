import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from './Chromium.js';

const folder = fileURLToPath(new URL('../../demo/dashboard', import.meta.url));
const isBuilt = existsSync(`${folder}/dist/index.html`);
if (hasChromium && !isBuilt) {
  const message = 'The specs of demo/dashboard need it built: npm install and npm run build in its folder';
  if (process.env.RX_SMUX_REQUIRE_BROWSER ?? process.env.CI) throw new Error(message);
  console.warn(`${message}: skipped`);
}

describe.skipIf(!hasChromium || !isBuilt)('demo/dashboard', () => {
  let server: ChildProcess;
  let browser: Browser;
  let page: Page;
  let port: string;
  const complaints: string[] = [];

  const startServer = async (where: string) => {
    server = spawn(process.execPath, ['server.mjs', where], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(server.stdout as NonNullable<typeof server.stdout>, 'data');
    return /:(\d+)\//.exec(String(line))?.[1] as string;
  };
  const stopServer = async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  beforeEach(async () => {
    port = await startServer('0');
    browser = await launchChromium();
    page = await browser.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    await page.goto(`http://127.0.0.1:${port}/`);
  });
  afterEach(async () => {
    await browser.close();
    await stopServer();
    expect(complaints).toEqual([]);
  });
  const state = () => page.locator('[data-test=state]').textContent();
  const read = (row: number) => page.locator('[data-test=read]').nth(row).textContent();
  const download = (pace: number) => page.getByText(`Download ${pace} MB a second`).click();

  it('shows streams of which one that is not read holds up none', { timeout: 30_000 }, async () => {
    await expect.poll(state).toContain('Connected, version 2.');
    await download(1);
    await download(4);
    await expect.poll(() => page.locator('[data-test=stream]').count()).toBe(2);
    await expect.poll(() => read(1), { timeout: 10_000 }).toMatch(/^\d+\.\d [MG]B$/);

    await page.getByText('Stop reading').first().click();
    const unread = page.locator('[data-test=unread]').first();
    await expect.poll(() => unread.textContent(), { timeout: 5000 }).toMatch(/^[12]\d\d\.\d kB$/);
    const [stopped, other] = [await read(0), await read(1)];
    await expect.poll(() => read(1), { timeout: 5000 }).not.toBe(other);
    expect(await read(0)).toBe(stopped);

    await page.getByText('Read on').click();
    await expect.poll(() => read(0), { timeout: 5000 }).not.toBe(stopped);
    await page.getByText('Close').first().click();
    await expect.poll(() => page.locator('[data-test=stream]').count()).toBe(1);
  });

  it('reconnects when the server has been restarted', { timeout: 30_000 }, async () => {
    await expect.poll(state).toContain('Connected');
    await download(2);
    await expect.poll(() => read(0), { timeout: 5000 }).toMatch(/[kMG]B/);
    await stopServer();
    await expect.poll(state, { timeout: 5000 }).toContain('Not connected');
    await startServer(port);
    await expect.poll(state, { timeout: 5000 }).toContain('Reconnected 1 times.');
  });
});
