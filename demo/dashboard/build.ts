// Builds the page, with packages of its own, which are installed when they are missing or others: npm run build:dashboard.
import { execSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('../../../demo/dashboard', import.meta.url));
const changedAt = (path: string) => statSync(`${cwd}/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const run = (command: string) => execSync(command, { cwd, stdio: 'inherit' });

if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) run('npm ci --no-audit --no-fund');
run('npm run --silent build');
