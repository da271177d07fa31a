import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Actions } from './page/page.js';

const executablePath = process.env.CHROMIUM ?? 'chromium';
const { status, stdout } = spawnSync('sh', ['-c', 'command -v "$0"', executablePath]);

/** Where Chromium is missing these specs are skipped, unless it is CI that runs them. */
export const hasChromium = status === 0;
if (!hasChromium) {
  const message =
    'The specs in a browser need Chromium (Debian: apt-get install chromium), which is not on this machine';
  if (process.env.RX_SMUX_REQUIRE_BROWSER ?? process.env.CI) throw new Error(message);
  console.warn(`${message}: skipped`);
}

export function launchChromium(): Promise<Browser> {
  // Who runs as root, in a container, has no sandbox; nothing but our own pages is opened.
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  return chromium.launch({ executablePath: String(stdout).trim(), args });
}

/** A real browser without a window, and one page in it that does what it is told. */
export class Chromium {
  readonly #browser: Browser;
  readonly #page: Page;
  /** What the page has complained about. */
  readonly complaints: string[];

  static async open(url: string): Promise<Chromium> {
    const browser = await launchChromium();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(url);
    await page.waitForFunction(() => 'actions' in globalThis);
    return new Chromium(browser, page, complaints);
  }

  private constructor(browser: Browser, page: Page, complaints: string[]) {
    this.#browser = browser;
    this.#page = page;
    this.complaints = complaints;
  }

  get version(): string {
    return this.#browser.version();
  }

  /** Has the page do something. */
  run<Name extends keyof Actions>(name: Name, ...args: Parameters<Actions[Name]>): Promise<Result<Name>> {
    const call = ([action, rest]: readonly [string, readonly unknown[]]) =>
      (globalThis as unknown as { actions: Record<string, (...all: readonly unknown[]) => unknown> }).actions[action]?.(
        ...rest,
      );
    return this.#page.evaluate(call, [name, args] as const) as Promise<Result<Name>>;
  }

  /** Resident memory of the process that runs the page, in bytes. */
  async memory(): Promise<number> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentSize(id));
    return Math.max(...sizes);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

type Result<Name extends keyof Actions> = Awaited<ReturnType<Actions[Name]>>;

function residentSize(pid: number): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
