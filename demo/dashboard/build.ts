// Builds the page, with packages of its own, which are installed when they are missing or outdated: npm run build:dashboard.
import { execSync } from 'node:child_process';
import { cpSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cwd = `${root}demo/dashboard`;
const copy = `${cwd}/node_modules/rx-smux`;
const changedAt = (path: string) => statSync(`${cwd}/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const run = (command: string) => execSync(command, { cwd, stdio: 'inherit' });

if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) run('npm ci --no-audit --no-fund');
// rx-smux as a user would have it, and not linked, so that there is one rxjs.
rmSync(copy, { recursive: true, force: true });
for (const part of ['package.json', 'dist/lib']) cpSync(`${root}${part}`, `${copy}/${part}`, { recursive: true });
run('npm run --silent build');
