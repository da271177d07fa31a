import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dashboard } from './Dashboard.js';
import { hasDashboard } from './hasDashboard.js';

const MB = 1_000_000;
const SLOWLY = { timeout: 30_000 };

describe.skipIf(!hasDashboard)('demo/dashboard, given files', () => {
  let dashboard: Dashboard;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rx-smux-'));
    dashboard = await Dashboard.open({ viewport: { width: 1280, height: 900 } });
    await expect.poll(() => dashboard.page.getByRole('status').textContent(), SLOWLY).toContain('Connected');
  });
  afterEach(async () => {
    await dashboard.close();
    rmSync(folder, { recursive: true });
    expect(dashboard.complaints).toEqual([]);
  });

  /** A file of chance, and what `sha256sum` would say of it. */
  const makeFile = (name: string, size: number) => {
    const path = join(folder, name);
    const bytes = randomBytes(size);
    writeFileSync(path, bytes);
    return { path, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const choose = (...paths: string[]) => dashboard.page.getByLabel('Upload files').setInputFiles(paths);
  const state = (index = 0) => dashboard.stream('upload', index).getAttribute('data-state');
  const shown = (what: string, index = 0) => dashboard.stream('upload', index).getByTestId(what);
  const percent = () =>
    dashboard
      .stream('upload')
      .getByRole('progressbar')
      .evaluate((bar: { value?: number }) => bar.value ?? 0);

  it('sends a file, shows how far it is, and that the server has the same', async () => {
    const { path, sha256 } = makeFile('some-photos.tar', 9 * MB);
    await choose(path);
    await expect.poll(percent, SLOWLY).toBeGreaterThan(10);
    expect(await state()).toBe('running');
    expect(await percent()).toBeLessThan(100);
    expect(await shown('progress').textContent()).toMatch(/ of 9\.0 MB$/);

    await expect.poll(state, SLOWLY).toBe('all sent');
    expect(await percent()).toBe(100);
    expect(await shown('progress').textContent()).toBe('9.0 MB of 9.0 MB');
    expect(await shown('checksum').textContent()).toMatch(`✓ The server has the same SHA-256 ${sha256} of 9.0 MB`);
  });

  it('has nothing more to do with what is all sent, not even in the next link', async () => {
    await choose(makeFile('small', 1000).path);
    await expect.poll(state, SLOWLY).toBe('all sent');
    const upload = dashboard.stream('upload');
    expect(await upload.getByRole('switch').isDisabled()).toBe(true);
    expect(await upload.getByLabel('Weight').isDisabled()).toBe(true);
    expect(await upload.getAttribute('aria-label')).toBe('file upload of small'); // in no stream any more

    await dashboard.page.getByRole('button', { name: 'Cut the link' }).click();
    await expect.poll(() => dashboard.page.getByRole('status').textContent(), SLOWLY).toContain('Found again once.');
    await dashboard.page.waitForTimeout(500); // for what might be opened
    expect(await state()).toBe('all sent');
    expect(await upload.getAttribute('aria-label')).toBe('file upload of small');

    await upload.getByRole('button', { name: 'Remove file upload of small' }).click();
    await expect.poll(() => upload.count()).toBe(0);
  });

  it('sends several at once, be one of them empty, and the same one again', async () => {
    const files = [makeFile('large', 3 * MB), makeFile('empty', 0)] as const;
    await choose(...files.map(({ path }) => path));
    await choose(files[1].path);
    for (const [index, { sha256 }] of [...files, files[1]].entries()) {
      await expect.poll(() => state(index), SLOWLY).toBe('all sent');
      expect(await shown('checksum', index).textContent()).toContain(`the same SHA-256 ${sha256}`);
    }
  });

  it('reads a file no faster than the server, and misses nothing when that changes its pace', async () => {
    const { path, sha256 } = makeFile('large', 16 * MB);
    await choose(path);
    const slow = dashboard.stream('upload').getByRole('switch', { name: 'Slow server' });
    await slow.click();
    await expect
      .poll(() => dashboard.size(dashboard.stream('upload').getByTestId('rate')), SLOWLY)
      .toBeLessThan(MB / 5);
    expect(await dashboard.size(shown('unsent'))).toBeLessThan(MB / 2);
    expect(await percent()).toBeLessThan(100);

    await slow.click();
    await expect.poll(state, SLOWLY).toBe('all sent');
    expect(await shown('checksum').textContent()).toContain(`the same SHA-256 ${sha256}`);
  });

  it('sends a file from its beginning when the link was lost', async () => {
    const { path, sha256 } = makeFile('large', 16 * MB);
    await choose(path);
    await expect.poll(percent, SLOWLY).toBeGreaterThan(20);
    await dashboard.page.getByRole('button', { name: 'Cut the link' }).click();
    await expect.poll(state).toBe('waits for a link');
    await expect.poll(state, SLOWLY).toBe('all sent');
    expect(await shown('checksum').textContent()).toContain(`the same SHA-256 ${sha256}`);
  });

  it('says so when a file cannot be read any more', async () => {
    const { path } = makeFile('large', 16 * MB);
    await choose(path);
    await expect.poll(percent, SLOWLY).toBeGreaterThan(20);
    rmSync(path);
    await dashboard.page.getByRole('button', { name: 'Cut the link' }).click(); // it will be read anew
    await expect.poll(state, SLOWLY).toBe('failed');
    expect(await shown('failure').textContent()).toContain('✕ the file cannot be read');
  });
});
