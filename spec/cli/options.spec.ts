import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../lib/cli/options.js';
import { UsageError } from '../../lib/cli/UsageError.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const parse = (line: string) => parseCommand(line.split(' ').filter((arg) => arg !== ''));

describe('parseCommand', () => {
  it('reads a client, with the defaults left to the library', () => {
    expect(parse('client -l :4000 -r example.org:5000')).toStrictEqual({
      name: 'client',
      options: {
        local: { port: 4000 },
        remote: { host: 'example.org', port: 5000 },
        sessionCount: 1,
        tls: undefined,
        smux: {},
        quiet: false,
        log: undefined,
      },
    });
  });

  it('reads a server with everything but TLS', () => {
    const flags = '--smuxver 1 --smuxbuf 8388608 --streambuf 1048576 --keepalive 20 --quiet --log x.log';
    expect(parse(`server --listen [::1]:4000 --target /run/x.sock ${flags}`)).toStrictEqual({
      name: 'server',
      options: {
        listen: { host: '::1', port: 4000 },
        target: { path: '/run/x.sock' },
        tls: undefined,
        smux: {
          version: 1,
          maxReceiveBuffer: 8_388_608,
          maxStreamBuffer: 1_048_576,
          keepAliveInterval: 20_000,
          keepAliveTimeout: 60_000,
        },
        quiet: true,
        log: 'x.log',
      },
    });
  });

  it('takes values behind an equals sign, and the last of several', () => {
    const command = parse('client --localaddr=:1 -r :2 --conn=4 --conn 5');
    expect(command).toMatchObject({ options: { local: { port: 1 }, sessionCount: 5 } });
  });

  it('never tolerates less than 30 s of silence, for the peer keeps its own interval', () => {
    const command = parse('client -l :1 -r :2 --keepalive 1');
    expect(command).toMatchObject({ options: { smux: { keepAliveInterval: 1000, keepAliveTimeout: 30_000 } } });
  });

  it('reads the TLS files, and asks for a name only where there is one', () => {
    const files = `--tls --ca ${fixture('ca.pem')} --cert ${fixture('client.pem')} --key-file ${fixture('client-key.pem')}`;
    const [ca, cert, key] = ['ca.pem', 'client.pem', 'client-key.pem'].map((name) =>
      readFileSync(fixture(name), 'utf8'),
    );
    expect(parse(`client -l :1 -r 127.0.0.1:2 ${files}`)).toHaveProperty('options.tls', { ca, cert, key });
    expect(parse(`client -l :1 -r localhost:2 ${files}`)).toHaveProperty('options.tls.servername', 'localhost');
    expect(parse(`server -l :1 -t :2 ${files}`)).toHaveProperty('options.tls', {
      ca,
      cert,
      key,
      requestCert: true,
      rejectUnauthorized: true,
    });
  });

  it.each([
    ['--help', { name: 'help' }],
    ['-h', { name: 'help' }],
    ['client --help', { name: 'help', role: 'client' }],
    ['server -l nonsense -h', { name: 'help', role: 'server' }],
    ['--version', { name: 'version' }],
    ['client -v', { name: 'version' }],
  ])('takes %s for what it is', (line, command) => {
    expect(parse(line)).toStrictEqual(command);
  });

  it.each([
    ['', 'server or client'],
    ['proxy', 'proxy is no command'],
    ['client', '--remoteaddr (-r) is missing'],
    ['client -r :2', '--localaddr (-l) is missing'],
    ['server -l :1', '--target (-t) is missing'],
    ['server -t :1', '--listen (-l) is missing'],
    ['client -l', "'-l, --localaddr <value>' argument missing"],
    ['client -l -r :2', "Option '-l' argument missing"],
    ['client -l :1 -r :2 --crypt aes', "Unknown option '--crypt'"],
    ['server -l :1 -r :2', "Unknown option '-r'"],
    ['client -l :1 -r :2 more', "Unexpected argument 'more'"],
    ['client -l :1 -r :2 --quiet=yes', "'--quiet' does not take an argument"],
    ['client -l :1 -r :0', 'port 0'],
    ['client -l :1 -r :2 --conn 0', '--conn must be an integer from 1 to 256, got "0"'],
    ['client -l :1 -r :2 --conn 1e2', '--conn must be'],
    ['client -l :1 -r :2 --smuxver 3', '--smuxver must be an integer from 1 to 2, got "3"'],
    ['client -l :1 -r :2 --smuxbuf -1', '--smuxbuf'],
    ['client -l :1 -r :2 --smuxbuf 4m', '--smuxbuf must be'],
    ['client -l :1 -r :2 --streambuf 5000000', '--streambuf may not be more than --smuxbuf'],
    ['client -l :1 -r :2 --smuxbuf 1000 --streambuf 1001', '--streambuf may not be more'],
    ['client -l :1 -r :2 --keepalive 0', '--keepalive must be'],
    ['client -l :1 -r :2 --tcp', "kcptun's --tcp disguises UDP"],
    ['server --tcp', 'plain TCP is what it uses'],
    ['client -l :1 -r :2 --ca x.pem', '--ca needs --tls'],
    ['client -l :1 -r :2 --key-file x.pem', '--key-file needs --tls'],
    ['client -l :1 -r :2 --tls --cert x.pem', '--cert and --key-file need each other'],
    ['client -l :1 -r :2 --tls --ca /nowhere.pem', '--ca cannot be read: ENOENT'],
    [`client -l :1 -r :2 --tls --ca ${fixture('README.md')}`, 'is no PEM file'],
    ['server -l :1 -t :2 --tls', '--tls needs --cert and --key-file'],
    [
      `server -l :1 -t :2 --tls --cert ${fixture('server.pem')} --key-file ${fixture('client-key.pem')}`,
      'the TLS files cannot be used: ',
    ],
  ])('rejects "%s"', (line, why) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(why);
  });
});
