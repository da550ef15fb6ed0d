'use strict';
/* A Bluesky network of one machine: PLC directory, AppView and PDS, in one process, on loopback.

   Started by network.py with
     ATPROTO_DEV_ENV      the folder with node_modules/@atproto/dev-env
     DATABASE_URL         an empty PostgreSQL database with pg_trgm, for the AppView
     TMPDIR               where the servers put their data; the caller removes it
     RATE_LIMIT_BYPASS    callers that send it as x-ratelimit-bypass are not limited
     MAX_THREAD_DEPTH     the most levels of answers in one view of a thread
     POSTGRES_HOME        the database server's folder, for when nobody else is left to stop it

   It prints one JSON line with the addresses as soon as all of them answer. After that each line "settle" on its
   standard input is answered by "settled" when the AppView has seen all that the PDS has. It stops on SIGTERM. When
   its input ends without that, the tests were killed: then it stops the database too and removes both folders. */

const dns = require('node:dns');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const readline = require('node:readline');
const { setTimeout: pause } = require('node:timers/promises');

const HERE = '127.0.0.1';

// The servers listen on every interface and offer no setting for it, so the door is narrowed where it is opened.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const first = args[0];
  if (first !== null && typeof first === 'object' && !Array.isArray(first)) {
    if (first.path === undefined && first.fd === undefined) args[0] = { ...first, host: HERE };
  } else if (first === undefined || first === null || !Number.isNaN(Number(first))) {
    const rest = args.slice(1).filter((arg) => typeof arg !== 'string');
    args = [first ?? 0, HERE, ...rest];
  }
  return listen.apply(this, args);
};
dns.setDefaultResultOrder('ipv4first'); // they call each other "localhost"

const { ATPROTO_DEV_ENV, DATABASE_URL, TMPDIR, RATE_LIMIT_BYPASS, MAX_THREAD_DEPTH, POSTGRES_HOME } = process.env;
const dev = require(require.resolve('@atproto/dev-env', { paths: [ATPROTO_DEV_ENV] }));

const running = [];
let stopping = false;

async function stop(code) {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(code), 5000).unref(); // a stream that does not close holds nobody up
  for (const server of running.reverse()) await server.close().catch((error) => console.error(error));
  process.exit(code);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answers(url) {
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await pause(50);
  }
}

async function start() {
  const plc = await dev.TestPlc.create({});
  running.push(plc);
  const pdsPort = await freePort(); // the AppView listens to the PDS's stream, and is started before it
  const bsky = await dev.TestBsky.create({
    plcUrl: plc.url,
    pdsPort,
    repoProvider: `ws://localhost:${pdsPort}`,
    dbPostgresUrl: DATABASE_URL,
    dbPostgresSchema: 'appview',
    labelsFromIssuerDids: [dev.EXAMPLE_LABELER],
    modServiceDid: dev.EXAMPLE_LABELER,
    maxThreadDepth: Number(MAX_THREAD_DEPTH),
  });
  running.push(bsky);
  // One event after the other: side by side, an answer may be read before what it answers, and is then shown nowhere.
  bsky.sub.runner.mainQueue.concurrency = 1;
  const pds = await dev.TestPds.create({
    port: pdsPort,
    hostname: 'localhost',
    didPlcUrl: plc.url,
    bskyAppViewUrl: bsky.url,
    bskyAppViewDid: bsky.serverDid,
    enableDidDocWithSession: true,
    rateLimitsEnabled: true,
    rateLimitBypassKey: RATE_LIMIT_BYPASS,
  });
  running.push(pds);
  dev.mockNetworkUtilities(pds, bsky); // handles below .test are in no DNS

  const at = (port) => `http://${HERE}:${port}`;
  const ready = { plc: at(plc.port), appview: at(bsky.port), pds: at(pds.port) };
  await Promise.all([
    answers(`${ready.plc}/_health`),
    answers(`${ready.appview}/xrpc/_health`),
    answers(`${ready.pds}/xrpc/_health`),
  ]);
  console.log(JSON.stringify(ready));

  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line === 'settle') {
      await settle(pds, bsky.sub);
      console.log('settled');
    }
  }
  if (!stopping) await abandon();
}

// What the servers' own test network does after each change.
async function settle(pds, subscription) {
  await pds.processAll();
  const last = await pds.ctx.sequencer.curr();
  do {
    await subscription.processAll();
    await pause(5);
  } while (((await subscription.runner.getCursor()) ?? 0) < (last ?? 0));
}

async function abandon() {
  try {
    const [postmaster] = fs.readFileSync(path.join(POSTGRES_HOME, 'data', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(postmaster), 'SIGQUIT');
  } finally {
    await pause(500);
    for (const folder of [POSTGRES_HOME, TMPDIR]) fs.rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  }
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stop(0));
start().catch((error) => {
  console.error(error);
  stop(1);
});
