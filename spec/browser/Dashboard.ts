import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { launchChromium } from './Chromium.js';

const program = fileURLToPath(new URL('../../dist/demo/dashboard/server.js', import.meta.url));

/** The server of demo/dashboard, and a browser that shows its page. */
export class Dashboard {
  /** What the page has complained about. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  #server: ChildProcess | undefined;
  #port = '0';
  #page: Page | undefined;

  static async open(options: BrowserContextOptions = {}): Promise<Dashboard> {
    const dashboard = new Dashboard(await launchChromium());
    await dashboard.startServer();
    const page = await dashboard.#browser.newPage(options);
    page.on('pageerror', ({ message }) => dashboard.complaints.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !isAboutLink(message.text())) dashboard.complaints.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${dashboard.#port}/`);
    dashboard.#page = page;
    return dashboard;
  }

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  get page(): Page {
    if (!this.#page) throw new Error('there is no page yet');
    return this.#page;
  }

  /** The stream that was started as the nth of its kind, from 0. */
  stream(kind: 'bulk' | 'chat' | 'telemetry' | 'upload', index = 0): Locator {
    return this.page.locator(`article[data-kind=${kind}]`).nth(index);
  }

  /** Of what is started from now on. */
  weigh(weight: number): Promise<void> {
    return this.page.getByLabel('Weight', { exact: true }).fill(String(weight));
  }

  async start(...kinds: readonly ('bulk' | 'chat' | 'telemetry' | 'file upload')[]): Promise<void> {
    for (const kind of kinds) await this.page.getByRole('button', { name: `Start ${kind}` }).click();
  }

  /** A figure of the page, in bytes: `1.5 MB/s` is 1500000. */
  async size(of: Locator): Promise<number> {
    const [, number, unit = ''] = /([\d.]+) (B|kB|MB|GB)/.exec((await of.textContent()) ?? '') ?? [];
    return Number(number) * 1000 ** ['B', 'kB', 'MB', 'GB'].indexOf(unit);
  }

  /** Where it was before, after the first time. */
  async startServer(): Promise<void> {
    this.#server = spawn(process.execPath, [program, this.#port], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(this.#server.stdout as NonNullable<ChildProcess['stdout']>, 'data');
    this.#port = /:(\d+)\//.exec(String(line))?.[1] as string;
  }

  async stopServer(): Promise<void> {
    const server = this.#server;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.stopServer();
  }
}

/** The browser says on its own that a server has gone. */
function isAboutLink(complaint: string): boolean {
  return /^WebSocket connection to .* failed: .*ERR_CONNECTION_REFUSED/.test(complaint);
}
