// client.mjs CLIENTS: a portal's day in Node with npm's zeromq 6, after
// docs/protocol.md alone. CLIENTS is the folder of key files. Registers a
// customer, writes, submits a request and reads it back, all over one DEALER
// with calls in flight; exits 0 when every answer is as it should be.

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

let zmq;
try {
	zmq = createRequire(import.meta.url)("zeromq");
} catch (missing) {
	console.log(`zeromq is not installed: ${missing.code}`);
	process.exit(77);
}

function keyFile(path) {
	const key = {};
	for (const [, name, value] of readFileSync(path, "ascii").matchAll(
		/^(\w+): *(.*?) *$/gm)) {
		key[name] = value.startsWith("'")
			? value.slice(1, -1).replaceAll("''", "'")
			: value;
	}
	return key;
}

class Client {
	#waiting = new Map();

	constructor(path) {
		const key = keyFile(path);
		this.socket = new zmq.Dealer({
			curvePublicKey: key.public,
			curveSecretKey: key.secret,
			curveServerKey: key.server,
			linger: 0,
			maxMessageSize: 1048576,
		});
		this.socket.connect(key.endpoint);
		this.#receive();
	}

	async #receive() {
		for await (const frames of this.socket) {
			const [empty, version, id, status, body] = frames;
			assert.equal(frames.length, 5);
			assert.equal(empty.length, 0);
			assert.equal(version.toString(), "N1");
			this.#waiting.get(id.toString("hex"))?.([
				status.toString(),
				JSON.parse(body.toString() || "{}"),
			]);
		}
	}

	// Repeats under the same id, with the same bytes, while nothing comes.
	async call(operation, body, id = randomBytes(16)) {
		const text = JSON.stringify(body);
		for (let wait = 2000; wait <= 16000; wait *= 2) {
			const answer = new Promise((resolve) =>
				this.#waiting.set(id.toString("hex"), resolve));
			await this.socket.send(["", "N1", operation, id, text]);
			let timer;
			const late = new Promise((resolve) => {
				timer = setTimeout(resolve, wait, ["busy"]);
			});
			const [status, reply] = await Promise.race([answer, late]);
			clearTimeout(timer);
			if (status !== "busy" && status !== "unavailable") {
				this.#waiting.delete(id.toString("hex"));
				return [status, reply];
			}
		}
		throw new Error(`${operation}: no answer`);
	}

	async ok(operation, body) {
		const [status, reply] = await this.call(operation, body);
		assert.equal(status, "ok", `${operation}: ${JSON.stringify(reply)}`);
		return reply;
	}

	close() {
		this.socket.close();
	}
}

const folder = process.argv[2];
const portal = new Client(`${folder}/portal.key`);
const compliance = new Client(`${folder}/compliance.key`);
const now = new Date(Date.now() - 60000).toISOString();

function customer(email) {
	return {
		birth_date: "1990-05-17", country: "DE",
		contact: { name: "Jürgen Groß", email },
		terms: { version: "1", accepted_at: now },
	};
}

const emails = Array.from({ length: 20 }, () => `${randomUUID()}@example.org`);
const registered = await Promise.all(emails.map((email) =>
	portal.ok("subject.register", customer(email))));
assert.equal(new Set(registered.map((r) => r.subject)).size, emails.length);

const id = randomBytes(16);
const again = customer(`${randomUUID()}@example.org`);
const first = await portal.call("subject.register", again, id);
assert.deepEqual(await portal.call("subject.register", again, id), first);
assert.equal((await portal.call("subject.register", again))[0], "exists");
assert.equal((await portal.call("subject.register",
	customer(emails[0]), id))[0], "conflict");

const [{ subject }] = registered;
const { record } = await portal.ok("subject.write", {
	subject, category: "preferences", data: { language: "de" },
});
const { request, due_at } = await portal.ok("request.submit", {
	type: "delete", subject, channel: "portal",
});
assert.ok(Date.parse(due_at) > Date.now());
const got = await portal.ok("request.get", { request });
assert.equal(got.state, "open");
assert.equal(got.subject, subject);
assert.equal((await compliance.ok("request.get", { request })).request, request);
assert.equal((await compliance.call("subject.write", {}))[0], "denied");
assert.equal((await portal.call("no.such", {}))[0], "unknown_operation");

console.log(`ok: ${emails.length + 1} registered, ${record} written, ${request} submitted and read`);
portal.close();
compliance.close();
process.exit(0);
