import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
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
        smux: { maxStreams: 16_384 },
        quiet: false,
        log: undefined,
        kcp: undefined,
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
          maxStreams: 16_384,
          version: 1,
          maxReceiveBuffer: 8_388_608,
          maxStreamBuffer: 1_048_576,
          keepAliveInterval: 20_000,
          keepAliveTimeout: 60_000,
        },
        quiet: true,
        log: 'x.log',
        kcp: undefined,
      },
    });
  });

  it('takes values behind an equals sign, and the last of several', () => {
    const command = parse('client --localaddr=:1 -r :2 --conn=4 --conn 5');
    expect(command).toMatchObject({ options: { local: { port: 1 }, sessionCount: 5 } });
  });

  it('takes the defaults of kcptun with --kcp, on either side', () => {
    const common = {
      key: "it's a secrect",
      crypt: 'aes',
      mode: 'fast',
      mtu: 1350,
      dataShards: 10,
      parityShards: 3,
      compression: true,
      ackNoDelay: false,
      socketBuffer: 4_194_304,
    };
    expect(parse('client -r :2 --kcp')).toMatchObject({
      options: {
        local: { port: 12_948 },
        smux: { maxStreams: 16_384, version: 1, maxStreamBuffer: 2_097_152 },
        kcp: { ...common, sendWindow: 128, receiveWindow: 512 },
      },
    });
    const server = parse('server --kcp');
    expect(server).toMatchObject({
      options: {
        listen: { port: 29_900 },
        target: { host: '127.0.0.1', port: 12_948 },
        smux: { maxStreams: 16_384, maxStreamBuffer: 2_097_152 },
        kcp: { ...common, sendWindow: 1024, receiveWindow: 1024 },
      },
    });
    expect(server).not.toHaveProperty('options.smux.version');
  });

  it('takes the flags of kcptun, those without effect here too', () => {
    const flags = '--key k --crypt sm4 --mode manual --nodelay 1 --interval 20 --resend 3 --nc 1 --mtu 1400';
    const more =
      '--sndwnd 2048 --rcvwnd 99 --ds 0 --ps 3 --nocomp --acknodelay --sockbuf 1000 --dscp 46 --autoexpire 9';
    expect(parse(`client -r :2 --kcp --smuxver 2 ${flags} ${more}`)).toMatchObject({
      options: {
        smux: { maxStreams: 16_384, version: 2 },
        kcp: {
          key: 'k',
          crypt: 'sm4',
          nodelay: true,
          interval: 20,
          resend: 3,
          congestionControl: 'none',
          mtu: 1400,
          sendWindow: 2048,
          receiveWindow: 99,
          compression: false,
          ackNoDelay: true,
          socketBuffer: 1000,
        },
      },
    });
    expect(parse(`client -r :2 --kcp ${more}`)).not.toHaveProperty('options.kcp.dataShards');
    expect(parse('client -r :2 --kcp --mode manual')).toMatchObject({
      options: { kcp: { nodelay: false, interval: 50, resend: 0, congestionControl: 'window' } },
    });
  });

  it('reads a JSON file of kcptun, whose fields go before the flags', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'rx-smux-')), 'config.json');
    onTestFinished(() => rmSync(file));
    const write = (config: unknown) => writeFileSync(file, JSON.stringify(config));
    write({ remoteaddr: ':5', localaddr: ':6', key: 'k', mtu: 1400, nocomp: true, dscp: 0, mode: 'fast2' });
    expect(parse(`client --kcp -r :2 --mtu 1000 --sndwnd 9 -c ${file}`)).toMatchObject({
      options: {
        remote: { port: 5 },
        local: { port: 6 },
        kcp: { key: 'k', mtu: 1400, compression: false, mode: 'fast2', sendWindow: 9 },
      },
    });
    write({ smuxv: 1 });
    expect(() => parse(`client --kcp -c ${file}`)).toThrow('smuxv is no flag of client');
    write({ nocomp: 'yes' });
    expect(() => parse(`client --kcp -c ${file}`)).toThrow('nocomp must be true or false');
    write({ mtu: null });
    expect(() => parse(`client --kcp -c ${file}`)).toThrow('mtu must be a text or a number');
    write([]);
    expect(() => parse(`client --kcp -c ${file}`)).toThrow('is no JSON object');
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
    ['client -l :1 -r :2 --crypt aes', '--crypt needs --kcp'],
    ['client -l :1 -r :2 --kcp --crypt blowfish', '--crypt must be one of'],
    ['client -l :1 -r :2 --kcp --mode slow', '--mode must be one of'],
    ['client -l :1 -r :2 --kcp --mtu 1501', '--mtu must be an integer from 64 to 1500, got 1501'],
    ['client -l :1 -r :2 --kcp --mtu big', '--mtu must be an integer'],
    ['client -l :1 -r :2 --kcp --rcvwnd 8', '--rcvwnd must be an integer from 32'],
    ['client -l :1 -r :2 --kcp --datashard 200 --parityshard 100', '--datashard and --parityshard must'],
    ['client -l :1 -r :2 --kcp --nc 2', '--nc must be an integer from 0 to 1'],
    ['client -l :1 -r :2 --kcp --tls', '--tls is for TCP'],
    ['client -l :1 -r /run/x.sock --kcp', '--kcp needs a UDP port'],
    ['client -l :1 --kcp', '--remoteaddr (-r) is missing'],
    ['client -c /nowhere.json', '--config cannot be read: ENOENT'],
    [`client -c ${fixture('README.md')}`, '--config cannot be read: '],
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
