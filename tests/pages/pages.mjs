// pages.mjs [CASES]: opens each page in Chromium, light and dark, wide and as a
// telephone: nothing is loaded or run, axe finds nothing and is sure of it, no
// page scrolls sideways, and each figure and table says what the JSON says.

import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import assert from 'node:assert/strict';

const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium';
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDE = {width: 1280, height: 900};
const PHONE = {width: 375, height: 800};
const CONTRAST_LEAST = 4.5; // WCAG 1.4.3
const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{3}Z$/;
const PAGE_ROWS_MAX = 1000;
const MONTHS_SHOWN = 13;
const AXE_ROWS_MAX = 400; // more rows of the same kind teach it nothing

function skip(why) {
	console.log(`skipped: ${why}`);
	process.exit(77);
}

// Packages lie under tests/node, not beside this file.
const require = createRequire(new URL('../node/package.json', import.meta.url));
let chromium, AxeBuilder;
try {
	({chromium} = require('playwright-core'));
	AxeBuilder = require('@axe-core/playwright').default;
} catch {
	skip('npm\'s packages are not installed (tools/check installs them)');
}
if (!existsSync(BROWSER)) {
	skip(`there is no ${BROWSER}`);
}
if (process.argv.length < 3) {
	process.exit(0); // it could be done
}

// What the figures must say: rows of numbers as text, and the bars in order.
const dash = (n) => n === undefined ? '–' : String(n);
const rate = (m) => m.on_time + m.late === 0 ? '–' :
	`${(Math.floor(1000 * m.on_time / (m.on_time + m.late)) / 10).toFixed(1)}%`;

function open_figures({summary: s}) {
	return s.open === 0 ? {} : {
		tracks: {
			rows: s.tracks.map((t) => [t.on_track, t.approaching, t.overdue]),
			bars: s.tracks.flatMap((t) => [t.on_track, t.approaching, t.overdue]),
		},
		weeks: {
			rows: s.weeks.map((w) => [w.due]),
			bars: s.weeks.map((w) => w.due),
		},
		ages: {
			rows: s.ages.map((a) => [a.open, a.overdue]),
			bars: s.ages.flatMap((a) => [a.overdue, a.open - a.overdue]),
		},
	};
}

function past_figures(requests) {
	if (requests.received + requests.closed === 0) {
		return {};
	}
	const months = requests.months.slice(-MONTHS_SHOWN);
	return {
		flow: {
			rows: months.map((m) => [m.received, m.closed]),
			bars: months.flatMap((m) => [m.received, m.closed]),
		},
		'on-time': {rows: months.map((m) => [rate(m), m.on_time, m.late])},
		days: {rows: requests.types.map((t) => [dash(t.median_days),
			dash(t.p95_days)])},
	};
}

function waiting_figure({unacknowledged: w}) {
	return w.person + w.recipient + w.alarm === 0 ? {} : {
		waiting: {
			rows: w.ages.map((a) => [a.person, a.recipient, a.alarm]),
			bars: w.ages.flatMap((a) => [a.person, a.recipient, a.alarm]),
		},
	};
}

const figures_of = {
	deadlines: (c) => ({...open_figures(c.answer), ...past_figures(c.requests)}),
	requests: (c) => ({...past_figures(c.answer), ...waiting_figure(c.answer)}),
};

// In the page: what each figure draws and what its table says.
function figures_read() {
	const text = (e) => e.textContent.trim();
	const found = {};
	for (const figure of document.querySelectorAll('figure')) {
		const rows = new Map();
		for (const t of figure.querySelectorAll('svg text.n')) {
			const y = t.getAttribute('y');
			rows.set(y, [...rows.get(y) ?? [], text(t)]);
		}
		found[figure.id] = {
			drawn: [...rows.values()],
			bars: [...figure.querySelectorAll('svg[role] > rect')]
				.map((r) => r.getBoundingClientRect().width)
				.filter((width) => width > 0),
			table: [...figure.querySelectorAll('tbody tr')].map((row) =>
				[...row.querySelectorAll('td')].map(text)),
		};
	}
	return found;
}

function check_figures(wanted, found) {
	assert.deepEqual(Object.keys(found).sort(), Object.keys(wanted).sort());
	for (const [id, {rows, bars}] of Object.entries(wanted)) {
		const texts = rows.map((row) => row.map(String));
		assert.deepEqual(found[id].drawn, texts, `${id}: drawn`);
		assert.deepEqual(found[id].table, texts, `${id}: table`);
		if (bars === undefined) {
			continue;
		}
		const drawn = bars.filter((n) => n > 0);
		assert.equal(found[id].bars.length, drawn.length, `${id}: bars`);
		const most = Math.max(...drawn);
		const scale = found[id].bars[drawn.indexOf(most)] / most;
		drawn.forEach((n, i) => assert.ok(
			Math.abs(found[id].bars[i] - n * scale) < 1.5,
			`${id}: bar ${i} of ${n} is ${found[id].bars[i]} wide`));
	}
}

// The rows of tables beside the figures.
async function check_tables(page, {kind, answer}) {
	const count = (selector) => page.locator(selector).count();
	if (kind === 'deadlines') {
		assert.equal(await count('[aria-labelledby=open-requests] tbody tr'),
			Math.min(answer.items.length, PAGE_ROWS_MAX));
	} else if (kind === 'requests') {
		const said = await page.locator('#years tbody tr').evaluateAll((rows) =>
			rows.map((r) => [...r.cells].slice(1).map((c) => c.textContent.trim())));
		assert.deepEqual(said, answer.years.map((y) => [y.type, y.received,
			y.complied, y.denied, dash(y.median_days), dash(y.mean_days)]
			.map(String)));
	} else if (kind === 'bundle') {
		for (const list of ['purposes', 'disclosures', 'requests']) {
			assert.equal(await count(`#${list} tbody tr`),
				answer[list].length, list);
		}
		const said = (await page.locator('body').innerText()).replace(/\s+/g, ' ');
		for (const text of texts_of(answer.data.flatMap((d) =>
			d.records.map((r) => r.data)))) {
			const shown = text.replace(MOMENT, '$1 $2'); // to the second
			assert.ok(said.includes(shown), `not on the page: ${text}`);
		}
	} else {
		assert.equal(await count('[aria-labelledby=items] tbody tr'),
			Math.min(answer.items.length, PAGE_ROWS_MAX));
	}
}

function texts_of(value) {
	return typeof value === 'string' ? [value.replace(/\s+/g, ' ').trim()] :
		value !== null && typeof value === 'object' ?
			Object.values(value).flatMap(texts_of) : [];
}

async function check_reach(page, where) {
	const [wide, seen] = await page.evaluate(() =>
		[document.documentElement.scrollWidth, window.innerWidth]);
	assert.ok(wide <= seen, `${where}: scrolls sideways, ${wide} of ${seen}`);
}

// In the page: which of these texts, of whose contrast axe is not sure, have too
// little of it as WCAG counts it, or a shape behind them. Axe takes a figure for
// an image, and does not look at what is scrolled out of sight.
function contrast_lacking({selectors, least}) {
	const part = (c) => (c /= 255) <= 0.04045 ? c / 12.92 :
		((c + 0.055) / 1.055) ** 2.4;
	const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
	const light = (colour) => {
		const [r, g, b] = numbers(colour).map(part);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const is_over = (a, b) => a.left < b.right && b.left < a.right &&
		a.top < b.bottom && b.top < a.bottom;

	function is_lacking(selector) {
		const text = document.querySelector(selector);
		const style = getComputedStyle(text);
		const is_drawn = text instanceof SVGElement;
		let under = text;
		if (is_drawn && [...text.closest('figure')
			.querySelectorAll('rect, circle')].some((shape) => is_over(
			shape.getBoundingClientRect(), text.getBoundingClientRect()))) {
			return true;
		}
		while (numbers(getComputedStyle(under).backgroundColor)[3] === 0) {
			under = under.parentElement;
		}
		const [dark, bright] = [light(is_drawn ? style.fill : style.color),
			light(getComputedStyle(under).backgroundColor)]
			.sort((a, b) => a - b);
		return (bright + 0.05) / (dark + 0.05) < least;
	}
	return selectors.filter(is_lacking);
}

// rules: only these; without them, all of WCAG 2.2 AA.
async function check_axe(page, where, rules) {
	const axe = new AxeBuilder({page}).setLegacyMode(true);
	const {violations, incomplete} = await (rules === undefined ?
		axe.withTags(WCAG) : axe.withRules(rules)).analyze();
	const told = [...violations, ...incomplete.filter((i) =>
		i.id !== 'color-contrast')].flatMap((v) => v.nodes.slice(0, 3).map(
		(n) => `${v.id}: ${n.target}: ${n.failureSummary}`));
	const undecided = incomplete.filter((i) => i.id === 'color-contrast')
		.flatMap((i) => i.nodes.map((n) => n.target[0]));
	const lacking = await page.evaluate(contrast_lacking,
		{selectors: undecided, least: CONTRAST_LEAST});
	assert.deepEqual([...told, ...lacking], [], where);
}

async function check_page(page, asked, c) {
	const url = pathToFileURL(c.page).href;
	asked.length = 0;
	await page.emulateMedia({colorScheme: 'light'});
	await page.setViewportSize(WIDE);
	await page.goto(url);
	assert.equal(await page.locator(
		'script, link, img, iframe, object, embed, [src]').count(), 0);
	await check_reach(page, 'wide');
	check_figures(figures_of[c.kind]?.(c) ?? {},
		await page.evaluate(figures_read));
	await check_tables(page, c);
	const wants_axe = (c.answer.items?.length ?? 0) <= AXE_ROWS_MAX;
	if (wants_axe) {
		await check_axe(page, 'light');
		await page.emulateMedia({colorScheme: 'dark'});
		await check_axe(page, 'dark', ['color-contrast']);
	}
	await page.setViewportSize(PHONE);
	await check_reach(page, 'telephone');
	await page.locator('summary').evaluateAll((all) =>
		all.forEach((s) => s.click()));
	await check_reach(page, 'telephone, tables open');
	if (c.lived) {
		await check_axe(page, 'telephone, tables open');
	}
	assert.deepEqual(asked, [url], 'what the page asks for');
}

const cases = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const profile = mkdtempSync(join(tmpdir(), 'ninety-chromium-'));
const context = await chromium.launchPersistentContext(profile, {
	executablePath: BROWSER, headless: true, args: ['--headless',
		'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
		'--disable-background-networking', '--disable-component-update',
		'--disable-sync'],
});
let failed = 0;
try {
	const page = context.pages()[0] ?? await context.newPage();
	const asked = [];
	page.on('request', (r) => asked.push(r.url()));
	page.on('dialog', (d) => { asked.push('a dialog'); d.dismiss(); });
	for (const c of cases) {
		const began = Date.now();
		try {
			await check_page(page, asked, c);
			console.log(`ok      ${c.name} (${Date.now() - began} ms)`);
		} catch (e) {
			failed++;
			console.log(`FAILED  ${c.name}: ${e.message}`);
		}
	}
} finally {
	await context.close();
	rmSync(profile, {recursive: true, force: true});
}
process.exit(failed === 0 ? 0 : 1);
