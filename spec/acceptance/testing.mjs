// Packs the package, installs it into empty projects beside vitest, Jest and jasmine, and runs the examples of its README there.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rx-smux-testing-'));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const TIMEOUT = 300_000;

const RUNNERS = [
  {
    name: 'vitest',
    version: devDependencies.vitest,
    command: ['vitest', 'run', '--globals'],
    passed: /Tests +(\d+) passed/,
  },
  {
    name: 'jest',
    version: '^30',
    command: ['jest'],
    passed: /Tests: +(\d+) passed/,
    options: '--experimental-vm-modules',
  },
  { name: 'jasmine', version: '^5', command: ['jasmine', '*.spec.mjs'], passed: /(\d+) specs, 0 failures/ },
];

try {
  const pack = ['pack', '--json', '--silent', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }));
  for (const runner of RUNNERS) console.log(testWith(runner, join(folder, packed.filename)));
} finally {
  rmSync(folder, { recursive: true });
}

function testWith({ name, version, command, passed, options = '' }, tarball) {
  const project = join(folder, name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true }));
  run(project, 'npm', ['install', '--silent', tarball, `rxjs@${devDependencies.rxjs}`, `${name}@${version}`]);
  const examples = examplesOf(readFileSync(join(project, 'node_modules/rx-smux/README.md'), 'utf8'));
  for (const [file, code] of examples) writeFileSync(join(project, file), code);

  const count = numberOfTests(project, passed, command, options);
  const written = examples.reduce((sum, [, code]) => sum + code.split(/^ *it\(/m).length - 1, 0);
  if (count !== written) throw new Error(`${name} ran ${count} tests of ${written}`);

  // Tests that cannot fail would pass as well.
  const [file, code] = examples[0];
  writeFileSync(
    join(project, file),
    code.replace("toBe(greeting, { a: 'hello Ada' })", "toBe(greeting, { a: 'hello Eve' })"),
  );
  const failure = failureOf(() => numberOfTests(project, passed, command, options));
  if (!failure.includes('+      6 ms  next "hello Ada"'))
    throw new Error(`${name} does not show a failure:\n${failure}`);
  return `${name}: ${count} tests of the README pass from the package, and fail when they should`;
}

function examplesOf(readme) {
  const examples = [...readme.matchAll(/```js\n\/\/ (\S+\.spec\.mjs)\n(.*?)```/gs)].map(([, file, code]) => [
    file,
    code,
  ]);
  if (examples.length < 3) throw new Error(`the README of the package has ${examples.length} examples of tests`);
  return examples;
}

function numberOfTests(project, passed, command, options) {
  const output = run(project, 'npx', ['--no-install', ...command], { NODE_OPTIONS: options, NO_COLOR: '1' });
  const [, count] = passed.exec(output) ?? [];
  if (count === undefined) throw new Error(output);
  return Number(count);
}

function failureOf(work) {
  try {
    work();
  } catch (error) {
    return error.message;
  }
  return 'it passed';
}

/** Both outputs: Jest reports on the second. */
function run(cwd, program, args, env = {}) {
  const command = [program, ...args].map((word) => `'${word}'`).join(' ');
  try {
    return execFileSync('sh', ['-c', `${command} 2>&1`], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...env },
      timeout: TIMEOUT,
    });
  } catch (error) {
    throw new Error(`${command} failed:\n${error.stdout}`);
  }
}
