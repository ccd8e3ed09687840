// A verifier of ninety's checkpoints and inclusion proofs by the code that npm
// itself checks packages with: @sigstore/verify. None of ninety's code.
//
//   node verify.js DIR   checks DIR/log/checkpoint, DIR/since/*, DIR/proofs/*
//   node verify.js -     reads such lines, answers one line each
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { createRequire } = require('module');

// The packages are installed in the build folder, not beside this file.
const load = createRequire(path.join(
  process.env.NINETY_NODE_MODULES || __dirname, 'package.json'));
const dist = path.dirname(load.resolve('@sigstore/verify'));
const { verifyCheckpoint } = load(path.join(dist, 'tlog/checkpoint.js'));
const { verifyMerkleInclusion } = load(path.join(dist, 'tlog/merkle.js'));

// The bytes before an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410).
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

function need(condition, what) {
  if (!condition) {
    throw new Error(what);
  }
}

// Buffer.from(..., 'base64') takes almost anything: ask for the one spelling.
function b64(text) {
  const raw = Buffer.from(text, 'base64');
  need(raw.toString('base64') === text, 'not canonical base64');
  return raw;
}

function number(text) {
  need(/^(0|[1-9][0-9]*)$/.test(text), 'not a decimal number');
  return text;
}

function readText(...parts) {
  const raw = fs.readFileSync(path.join(...parts));
  const text = raw.toString('utf8');
  need(Buffer.from(text, 'utf8').equals(raw), 'not UTF-8');
  return text;
}

// The transparency log as sigstore wants it described.
function tlogOf(vkey) {
  const [name, id, ...rest] = vkey.trim().split('+');
  const key = b64(rest.join('+'));
  need(key.length === 33 && key[0] === 1, 'not an Ed25519 key');
  const hash = crypto.createHash('sha256').update(name + '\n').update(key);
  const logID = hash.digest().subarray(0, 4);
  need(logID.toString('hex') === id, 'key id');
  return {
    name,
    logID,
    baseURL: 'https://' + name,
    publicKey: crypto.createPublicKey({
      key: Buffer.concat([SPKI, key.subarray(1)]),
      format: 'der',
      type: 'spki',
    }),
  };
}

function checkpoint(envelope, log) {
  const entry = { inclusionProof: { checkpoint: { envelope } } };
  // What sigstore takes leniently: the form of the three lines and of the
  // signature line, of which our notes have one.
  const lines = envelope.split('\n');
  need(lines.length === 6 && lines[3] === '' && lines[5] === '', 'note lines');
  const [dash, name, value] = lines[4].split(' ');
  need(dash === '\u2014' && name === log.name, 'signature line');
  b64(value);
  number(lines[1]);
  b64(lines[2]);
  const c = verifyCheckpoint(entry, [log]);
  need(c.origin === log.name, 'origin');
  return c;
}

function checkProof(text, log) {
  const at = text.indexOf('\n\n');
  const lines = text.slice(0, at).split('\n');
  need(at > 0 && lines[0] === 'c2sp.org/tlog-proof@v1', 'not a proof');
  need(lines[1].startsWith('extra ') && lines[2].startsWith('index '),
    'proof lines');
  const extra = b64(lines[1].slice(6));
  need(extra[0] === 1 && extra.length >= 65, 'extra');
  const hashes = lines.slice(3).map(b64);
  need(hashes.every((h) => h.length === 32), 'proof hash');
  const c = checkpoint(text.slice(at + 2), log);
  verifyMerkleInclusion({
    canonicalizedBody: extra.subarray(1, 65),
    inclusionProof: { logIndex: number(lines[2].slice(6)), hashes },
  }, c);
}

function files(dir) {
  return fs.readdirSync(dir, { withFileTypes: true })
    .filter((e) => e.isFile()).map((e) => e.name);
}

function check(dir) {
  const log = tlogOf(readText(dir, 'vkey'));
  checkpoint(readText(dir, 'log', 'checkpoint'), log);
  for (const name of files(path.join(dir, 'since'))) {
    checkpoint(readText(dir, 'since', name), log);
  }
  for (const name of files(path.join(dir, 'proofs'))) {
    checkProof(readText(dir, 'proofs', name), log);
  }
}

function answer(dir) {
  try {
    check(dir);
    return 'ok';
  } catch (e) {
    return 'refused ' + String(e.message).replace(/\n/g, ' ');
  }
}

if (process.argv[2] === '-') {
  readline.createInterface({ input: process.stdin })
    .on('line', (line) => console.log(answer(line)));
} else {
  const said = answer(process.argv[2]);
  console.log(said);
  process.exit(said === 'ok' ? 0 : 1);
}
