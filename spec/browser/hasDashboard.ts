import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasChromium } from './Chromium.js';

/** Its packages are its own, so it is built apart; specs that need it are skipped without, unless it is CI that runs them. */
export const hasDashboard =
  hasChromium && existsSync(fileURLToPath(new URL('../../demo/dashboard/dist/index.html', import.meta.url)));

if (hasChromium && !hasDashboard) {
  const message = 'The specs of demo/dashboard need it built: npm run build:dashboard';
  if (process.env.RX_SMUX_REQUIRE_BROWSER ?? process.env.CI) throw new Error(message);
  console.warn(`${message}: skipped`);
}
