<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reports as one self-contained page: no script, nothing loaded.

  A figure is a list of rows drawn in SVG, each with its numbers as text beside
  its bar, and a table with the same numbers under it. Across, places are per
  cent, so that text keeps its size whatever the width; down, they are pixels.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" indent="no"
	doctype-system="about:legacy-compat"/>
<xsl:strip-space elements="*"/>

<xsl:template match="/page">
<html lang="en">
<head>
<meta http-equiv="Content-Security-Policy"
	content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title><xsl:call-template name="title"/></title>
<style>
:root { color-scheme: light dark; --bg: #fff; --fg: #1b1e23; --soft: #545b66;
	--line: #d5dae1; --axis: #868e99; --card: #f6f8fa; --open: #2563a8;
	--soon: #9a5b00; --late: #b8281f; --done: #2f7345; }
@media (prefers-color-scheme: dark) { :root { --bg: #14161a; --fg: #eceff3;
	--soft: #b3bbc6; --line: #3a414b; --axis: #7d8794; --card: #1d2127;
	--open: #82b4ee; --soon: #eeb05a; --late: #ff8f86; --done: #8bcf9b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 1.5rem 1rem 3rem;
	background: var(--bg); color: var(--fg);
	font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
p { margin: .25rem 0 1rem; max-width: 46rem; }
p.lead { color: var(--soft); margin-bottom: 1.25rem; }
ul.facts { display: grid; gap: .75rem; list-style: none; margin: 0; padding: 0;
	grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); }
ul.facts li { background: var(--card); border: 1px solid var(--line);
	border-radius: .5rem; padding: .6rem .9rem; line-height: 1.3; }
ul.facts b { display: block; font-size: 1.75rem; line-height: 1.2;
	font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
ul.facts li.late { border-left: .3rem solid var(--late); }
ul.facts li.soon { border-left: .3rem solid var(--soon); }
li.late b, td.late { color: var(--late); }
li.soon b, td.soon { color: var(--soon); }
td.late, td.soon { font-weight: 600; }
.figures { columns: 27rem; column-gap: 1rem; }
.pair { display: grid; gap: 0 1rem; align-items: start;
	grid-template-columns: repeat(auto-fit, minmax(min(27rem, 100%), 1fr)); }
figure { break-inside: avoid; margin: 0 0 1rem; background: var(--card);
	border: 1px solid var(--line);
	border-radius: .5rem; padding: .9rem 1rem .5rem; }
figcaption { font-weight: 600; margin-bottom: .6rem; }
figcaption small { display: block; font-weight: 400; color: var(--soft);
	font-size: .85rem; }
svg { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--fg); font: 12.5px system-ui, sans-serif;
	font-variant-numeric: tabular-nums; }
svg text.l, svg text.h { fill: var(--soft); }
svg text.n, svg text.h { text-anchor: end; }
svg text.mark { fill: var(--late); }
svg line { stroke: var(--line); }
svg line.mark { stroke: var(--late); stroke-width: 1.5;
	stroke-dasharray: 5 3; }
svg .open { fill: var(--open); } svg .soon { fill: var(--soon); }
svg .late { fill: var(--late); } svg .done { fill: var(--done); }
details { margin-top: .5rem; border-top: 1px solid var(--line); }
summary { cursor: pointer; padding: .4rem 0; color: var(--soft);
	font-size: .9rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line);
	border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
p.note { color: var(--soft); font-size: .92rem; margin: 0 0 .5rem; }
th, td { border-top: 1px solid var(--line); padding: .35rem .7rem;
	text-align: left; vertical-align: top; }
thead th { border-top: 0; color: var(--soft); font-weight: 600;
	vertical-align: bottom; }
tbody th { font-weight: 400; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.w { white-space: nowrap; }
.id { font-family: ui-monospace, monospace; font-size: .85em;
	white-space: nowrap; }
.text { overflow-wrap: anywhere; }
td.text { min-width: 7rem; max-width: 26rem; }
ul.facts + p { margin-top: 1rem; }
.h::first-letter { text-transform: uppercase; }
details th, details td { padding: .25rem .4rem; }
:focus-visible { outline: 3px solid var(--open); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; color: var(--open); }
@media (max-width: 30rem) { h1 { font-size: 1.45rem; }
	ul.facts { grid-template-columns: 1fr 1fr; }
	ul.facts b { font-size: 1.4rem; } }
@media print { @page { margin: 14mm; }
	:root { color-scheme: light; --bg: #fff; --fg: #000; --soft: #444;
		--line: #bbb; --card: #fff; --open: #2563a8; --soon: #9a5b00;
		--late: #b8281f; --done: #2f7345; }
	body { max-width: none; padding: 0; font-size: 10pt; }
	.figures { columns: 2; }
	figure, tr, ul.facts { break-inside: avoid; }
	h2, .note { break-after: avoid; }
	thead { display: table-header-group; }
	.scroll { overflow: visible; border: 0; }
	.id { white-space: normal; overflow-wrap: anywhere; }
	.skip, details { display: none; }
	* { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<main id="main">
<h1><xsl:call-template name="title"/></h1>
<xsl:apply-templates select="*[1]"/>
</main>
</body>
</html>
</xsl:template>

<xsl:template name="title">
<xsl:choose>
<xsl:when test="@kind='deadlines'">Deadlines of data subject requests</xsl:when>
<xsl:when test="@part='years'">Data subject requests by calendar year</xsl:when>
<xsl:when test="@kind='requests'">Data subject requests</xsl:when>
<xsl:when test="@kind='sharing'">Disclosures to recipients</xsl:when>
<xsl:when test="@kind='registrations'">Registrations</xsl:when>
<xsl:when test="@kind='retention'">Retention and expiry</xsl:when>
<xsl:otherwise>Page views</xsl:otherwise>
</xsl:choose>
</xsl:template>

<!-- Words, dates, cells. -->

<xsl:template name="date"><xsl:param name="of"/>
<time datetime="{$of}"><xsl:value-of select="substring($of, 1, 10)"/></time>
</xsl:template>

<xsl:template name="words"><xsl:param name="of"/>
<xsl:value-of select="translate($of, '_', ' ')"/>
</xsl:template>

<xsl:template name="month"><xsl:param name="of"/>
<xsl:value-of select="concat(substring('JanFebMarAprMayJunJulAugSepOctNovDec',
	number(substring($of, 6, 2)) * 3 - 2, 3), ' ', substring($of, 1, 4))"/>
</xsl:template>

<xsl:template name="days-of-bin">
<xsl:choose>
<xsl:when test="to_days"><xsl:value-of select="concat(from_days, '–',
	to_days - 1)"/></xsl:when>
<xsl:otherwise><xsl:value-of select="from_days"/>+</xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template name="span">
<p class="lead">From <xsl:call-template name="date"><xsl:with-param name="of"
	select="from"/></xsl:call-template> to <xsl:call-template
	name="date"><xsl:with-param name="of" select="to"/></xsl:call-template>,
the last day not included.</p>
</xsl:template>

<xsl:template name="fact">
<xsl:param name="n"/><xsl:param name="what"/><xsl:param name="class"/>
<li><xsl:if test="$class and $n &gt; 0"><xsl:attribute
	name="class"><xsl:value-of select="$class"/></xsl:attribute></xsl:if>
<b><xsl:value-of select="format-number($n, '#,##0')"/></b><xsl:text> </xsl:text>
<xsl:value-of select="$what"/></li>
</xsl:template>


<!-- The greatest value of a set, at least 1. -->
<xsl:template name="greatest"><xsl:param name="of"/>
<xsl:choose>
<xsl:when test="$of[. &gt; 0]">
<xsl:for-each select="$of"><xsl:sort data-type="number" order="descending"/>
<xsl:if test="position() = 1"><xsl:value-of select="."/></xsl:if>
</xsl:for-each>
</xsl:when>
<xsl:otherwise>1</xsl:otherwise>
</xsl:choose>
</xsl:template>

<!--
  Figures. Each is drawn row by row, y being the foot of a row's text; numbers
  end at their column's x, and bars start where labels have room.
-->

<!-- The heading of a column of numbers that end at x, with the colour of its
     bars. -->
<xsl:template name="head">
<xsl:param name="x" select="100"/><xsl:param name="of"/>
<xsl:param name="class"/>
<svg x="{$x}%" y="0" overflow="visible">
<xsl:choose>
<xsl:when test="$class">
<rect class="{$class}" x="-10" y="3" width="10" height="10"/>
<text class="h" x="-15" y="12"><xsl:value-of
	select="$of"/></text>
</xsl:when>
<xsl:otherwise><text class="h" x="0" y="12"><xsl:value-of
	select="$of"/></text></xsl:otherwise>
</xsl:choose>
</svg>
</xsl:template>

<!-- report.deadlines -->

<xsl:template match="deadlines">
<p class="lead">As of <time datetime="{as_of}"><xsl:value-of
	select="concat(substring(as_of, 1, 10), ' ', substring(as_of, 12, 5),
	' UTC')"/></time>.</p>
<xsl:for-each select="summary">
<ul class="facts">
<xsl:call-template name="fact"><xsl:with-param name="n" select="open"/>
<xsl:with-param name="what">open</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact"><xsl:with-param name="n" select="overdue"/>
<xsl:with-param name="what">overdue</xsl:with-param>
<xsl:with-param name="class">late</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact"><xsl:with-param name="n" select="approaching"/>
<xsl:with-param name="what">due within 14 days</xsl:with-param>
<xsl:with-param name="class">soon</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact"><xsl:with-param name="n"
	select="by_state/verifying"/>
<xsl:with-param name="what">waiting for verification</xsl:with-param>
</xsl:call-template>
</ul>
</xsl:for-each>
<xsl:if test="summary/open &gt; 0 or ../requests/received &gt; 0 or
	../requests/closed &gt; 0">
<h2>Figures</h2>
<div class="figures">
<xsl:if test="summary/open &gt; 0">
<xsl:call-template name="tracks"/>
<xsl:call-template name="weeks"/>
<xsl:call-template name="ages"/>
</xsl:if>
<xsl:for-each select="../requests[received &gt; 0 or closed &gt; 0]">
<xsl:call-template name="flow"/>
<xsl:call-template name="on-time"/>
<xsl:call-template name="days"/>
</xsl:for-each>
</div>
</xsl:if>
<h2 id="open-requests">Open requests</h2>
<xsl:choose>
<xsl:when test="items/item"><xsl:call-template name="requests-open"/></xsl:when>
<xsl:otherwise><p>Nothing is open.</p></xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template name="requests-open">
<p class="note">The most urgent first. Dates are those of <xsl:value-of
	select="/page/@zone"/>; days are whole ones.
<xsl:if test="next or items/@count &gt; count(items/item)"> These are the first
<xsl:value-of select="count(items/item)"/>; the CSV has all.</xsl:if></p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="open-requests">
<table>
<thead><tr><th scope="col">Left</th><th scope="col">Due</th>
<th scope="col">Type</th><th scope="col">State</th><th scope="col">Regime</th>
<th scope="col">Assignee</th><th scope="col">Received</th>
<th scope="col">Request</th></tr></thead>
<tbody>
<xsl:for-each select="items/item">
<tr>
<xsl:choose>
<xsl:when test="days_left = -1"><td class="w late">Overdue, &lt; 1
d</td></xsl:when>
<xsl:when test="overdue='yes'"><td class="w late">Overdue, <xsl:value-of
	select="-days_left - 1"/> d</td></xsl:when>
<xsl:when test="days_left &lt; 14"><td class="w soon"><xsl:value-of
	select="days_left"/> d</td></xsl:when>
<xsl:otherwise><td class="w"><xsl:value-of select="days_left"/> d</td>
</xsl:otherwise>
</xsl:choose>
<td class="w"><xsl:value-of select="due_at/@date"/></td>
<td><xsl:value-of select="type"/></td>
<td class="w"><xsl:call-template name="words"><xsl:with-param name="of"
	select="state"/></xsl:call-template></td>
<td><xsl:choose><xsl:when test="regime"><xsl:value-of select="regime"/>
</xsl:when><xsl:otherwise>house</xsl:otherwise></xsl:choose></td>
<td class="text"><xsl:choose><xsl:when test="assignee"><xsl:value-of
	select="assignee"/></xsl:when><xsl:otherwise>–</xsl:otherwise>
</xsl:choose></td>
<td class="w"><xsl:value-of select="received_at/@date"/></td>
<td class="id"><xsl:value-of select="request"/></td></tr>
</xsl:for-each>
</tbody></table></div>
</xsl:template>

<xsl:template name="tracks">
<xsl:variable name="totals">
<xsl:for-each select="summary/tracks/item"><xsl:sort data-type="number"
	order="descending" select="on_track + approaching + overdue"/>
<xsl:if test="position() = 1"><xsl:value-of
	select="on_track + approaching + overdue"/></xsl:if></xsl:for-each>
</xsl:variable>
<xsl:variable name="max" select="number($totals) + ($totals = 0)"/>
<figure id="tracks">
<figcaption id="f-tracks">How far off the deadline is, by type</figcaption>
<svg height="150" role="img" aria-labelledby="f-tracks">
<xsl:call-template name="head"><xsl:with-param name="x" select="44"/>
<xsl:with-param name="of">on track</xsl:with-param>
<xsl:with-param name="class">done</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="x" select="77"/>
<xsl:with-param name="of">in 14 days</xsl:with-param>
<xsl:with-param name="class">soon</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="of">overdue</xsl:with-param>
<xsl:with-param name="class">late</xsl:with-param></xsl:call-template>
<xsl:for-each select="summary/tracks/item">
<xsl:variable name="y" select="34 + (position() - 1) * 42"/>
<text class="l" y="{$y}"><xsl:value-of select="type"/></text>
<text class="n" x="44%" y="{$y}"><xsl:value-of select="on_track"/></text>
<text class="n" x="77%" y="{$y}"><xsl:value-of select="approaching"/></text>
<text class="n" x="100%" y="{$y}"><xsl:value-of select="overdue"/></text>
<rect class="done" x="0%" y="{$y + 7}" height="14"
	width="{100 * on_track div $max}%"/>
<rect class="soon" x="{100 * on_track div $max}%" y="{$y + 7}" height="14"
	width="{100 * approaching div $max}%"/>
<rect class="late" x="{100 * (on_track + approaching) div $max}%"
	y="{$y + 7}" height="14"
	width="{100 * overdue div $max}%"/>
</xsl:for-each>
</svg>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">Type</th><th scope="col" class="n">On
track</th><th scope="col" class="n">Within 14 days</th><th scope="col"
	class="n">Overdue</th></tr></thead><tbody>
<xsl:for-each select="summary/tracks/item"><tr><th scope="row"><xsl:value-of
	select="type"/></th><td class="n"><xsl:value-of select="on_track"/></td>
<td class="n"><xsl:value-of select="approaching"/></td>
<td class="n"><xsl:value-of select="overdue"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<xsl:template name="weeks">
<xsl:variable name="max"><xsl:call-template name="greatest"><xsl:with-param
	name="of" select="summary/weeks/item/due"/></xsl:call-template>
</xsl:variable>
<xsl:variable name="weeks" select="summary/weeks/item"/>
<figure id="weeks">
<figcaption id="f-weeks">Due in the next <xsl:value-of select="count($weeks)"/>
weeks<small>Weeks by their Monday. The first is the present one, with what fell
due in it already.</small></figcaption>
<svg height="{24 + 20 * count($weeks)}" role="img" aria-labelledby="f-weeks">
<xsl:call-template name="head"><xsl:with-param name="of">due</xsl:with-param>
</xsl:call-template>
<xsl:for-each select="$weeks">
<xsl:variable name="y" select="32 + (position() - 1) * 20"/>
<text class="l" y="{$y}"><xsl:value-of select="week"/></text>
<text class="n" x="100%" y="{$y}"><xsl:value-of select="due"/></text>
<rect class="open" x="25%" y="{$y - 11}" height="14"
	width="{57 * due div $max}%"/>
</xsl:for-each>
</svg>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">Week of</th><th scope="col"
	class="n">Due</th></tr></thead><tbody>
<xsl:for-each select="$weeks"><tr><th scope="row"><xsl:value-of
	select="week"/></th><td class="n"><xsl:value-of select="due"/></td></tr>
</xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<!-- Against the 90 days, the latest deadline that there is. -->
<xsl:template name="ages">
<xsl:variable name="max"><xsl:call-template name="greatest"><xsl:with-param
	name="of" select="summary/ages/item/open"/></xsl:call-template>
</xsl:variable>
<xsl:variable name="old" select="count(summary/ages/item[from_days &lt; 90])"/>
<figure id="ages">
<figcaption id="f-ages">Age of open requests<small>Whole days since receipt.
After 90 days every request is overdue, by law many before.</small></figcaption>
<svg height="{24 + 22 * count(summary/ages/item)}" role="img"
	aria-labelledby="f-ages">
<xsl:call-template name="head"><xsl:with-param name="x" select="74"/>
<xsl:with-param name="of">open</xsl:with-param>
<xsl:with-param name="class">open</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="of">overdue</xsl:with-param>
<xsl:with-param name="class">late</xsl:with-param></xsl:call-template>
<xsl:for-each select="summary/ages/item">
<xsl:variable name="y" select="34 + (position() - 1) * 22"/>
<text class="l" y="{$y}"><xsl:call-template name="days-of-bin"/></text>
<text class="n" x="74%" y="{$y}"><xsl:value-of select="open"/></text>
<text class="n" x="100%" y="{$y}"><xsl:value-of select="overdue"/></text>
<rect class="late" x="16%" y="{$y - 11}" height="14"
	width="{42 * overdue div $max}%"/>
<rect class="open" x="{16 + 42 * overdue div $max}%" y="{$y - 11}" height="14"
	width="{42 * (open - overdue) div $max}%"/>
</xsl:for-each>
<line class="mark" x1="0" x2="100%" y1="{19 + 22 * $old}" y2="{19 + 22 * $old}"/>
</svg>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">Days since receipt</th><th scope="col"
	class="n">Open</th><th scope="col" class="n">Overdue</th></tr></thead><tbody>
<xsl:for-each select="summary/ages/item"><tr><th scope="row"><xsl:call-template
	name="days-of-bin"/></th><td class="n"><xsl:value-of select="open"/></td>
<td class="n"><xsl:value-of select="overdue"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<!-- report.requests -->

<!-- The months that a figure shows: the last 13. -->
<xsl:template name="flow">
<xsl:variable name="months" select="months/item[position() &gt;
	count(../../months/item) - 13]"/>
<xsl:variable name="max"><xsl:call-template name="greatest"><xsl:with-param
	name="of" select="$months/received | $months/closed"/></xsl:call-template>
</xsl:variable>
<figure id="flow">
<figcaption id="f-flow">Received and closed, by month</figcaption>
<svg height="{24 + 26 * count($months)}" role="img" aria-labelledby="f-flow">
<xsl:call-template name="head"><xsl:with-param name="x" select="76"/>
<xsl:with-param name="of">received</xsl:with-param>
<xsl:with-param name="class">open</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="of">closed</xsl:with-param>
<xsl:with-param name="class">done</xsl:with-param></xsl:call-template>
<xsl:for-each select="$months">
<xsl:variable name="y" select="36 + (position() - 1) * 26"/>
<text class="l" y="{$y}"><xsl:call-template name="month"><xsl:with-param
	name="of" select="month"/></xsl:call-template></text>
<text class="n" x="76%" y="{$y}"><xsl:value-of select="received"/></text>
<text class="n" x="100%" y="{$y}"><xsl:value-of select="closed"/></text>
<rect class="open" x="24%" y="{$y - 13}" height="9"
	width="{37 * received div $max}%"/>
<rect class="done" x="24%" y="{$y - 3}" height="9"
	width="{37 * closed div $max}%"/>
</xsl:for-each>
</svg>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">Month</th><th scope="col"
	class="n">Received</th><th scope="col" class="n">Closed</th></tr></thead>
<tbody>
<xsl:for-each select="$months"><tr><th scope="row"><xsl:value-of
	select="month"/></th><td class="n"><xsl:value-of select="received"/></td>
<td class="n"><xsl:value-of select="closed"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<xsl:template name="rate">
<xsl:choose>
<xsl:when test="on_time + late = 0">–</xsl:when>
<xsl:otherwise><xsl:value-of select="format-number(floor(1000 * on_time div
	(on_time + late)) div 1000, '0.0%')"/></xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template name="on-time">
<xsl:variable name="months" select="months/item[position() &gt;
	count(../../months/item) - 13]"/>
<figure id="on-time">
<figcaption id="f-on-time">Answered on time, by month<small>Of those that were
fulfilled or denied in the month.</small></figcaption>
<svg height="{24 + 22 * count($months)}" role="img"
	aria-labelledby="f-on-time">
<xsl:call-template name="head"><xsl:with-param name="x" select="60"/>
<xsl:with-param name="of">rate</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="x" select="80"/>
<xsl:with-param name="of">on time</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="of">late</xsl:with-param>
</xsl:call-template>
<xsl:for-each select="$months">
<xsl:variable name="y" select="34 + (position() - 1) * 22"/>
<text class="l" y="{$y}"><xsl:call-template name="month"><xsl:with-param
	name="of" select="month"/></xsl:call-template></text>
<text class="n" x="60%" y="{$y}"><xsl:call-template name="rate"/></text>
<text class="n" x="80%" y="{$y}"><xsl:value-of select="on_time"/></text>
<text class="n" x="100%" y="{$y}"><xsl:value-of select="late"/></text>
<xsl:variable name="all" select="on_time + late"/>
<xsl:if test="$all &gt; 0">
<rect class="done" x="22%" y="{$y - 11}" height="14"
	width="{21 * on_time div $all}%"/>
<rect class="late" x="{22 + 21 * on_time div $all}%" y="{$y - 11}" height="14"
	width="{21 * late div $all}%"/>
</xsl:if>
</xsl:for-each>
</svg>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">Month</th><th scope="col"
	class="n">Rate</th><th scope="col" class="n">On time</th><th scope="col"
	class="n">Late</th></tr></thead><tbody>
<xsl:for-each select="$months"><tr><th scope="row"><xsl:value-of
	select="month"/></th><td class="n"><xsl:call-template name="rate"/></td>
<td class="n"><xsl:value-of select="on_time"/></td>
<td class="n"><xsl:value-of select="late"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<xsl:template name="or-dash"><xsl:param name="of"/>
<xsl:choose><xsl:when test="string($of) != ''"><xsl:value-of select="$of"/>
</xsl:when><xsl:otherwise>–</xsl:otherwise></xsl:choose>
</xsl:template>

<xsl:template name="days">
<xsl:variable name="max"><xsl:call-template name="greatest"><xsl:with-param
	name="of" select="types/item/p95_days"/></xsl:call-template></xsl:variable>
<xsl:variable name="top" select="$max * ($max &gt; 90) + 90 * ($max &lt;= 90)"/>
<xsl:variable name="scale" select="98 div $top"/>
<figure id="days">
<figcaption id="f-days">Days to answer, by type<small>From receipt to the
answer; the dashed line is at 90 days.</small></figcaption>
<svg height="150" role="img" aria-labelledby="f-days">
<xsl:call-template name="head"><xsl:with-param name="x" select="60"/>
<xsl:with-param name="of">median</xsl:with-param>
<xsl:with-param name="class">open</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="of">95 of 100
within</xsl:with-param>
<xsl:with-param name="class">soon</xsl:with-param></xsl:call-template>
<xsl:for-each select="types/item">
<xsl:variable name="y" select="34 + (position() - 1) * 42"/>
<text class="l" y="{$y}"><xsl:value-of select="type"/></text>
<text class="n" x="60%" y="{$y}"><xsl:call-template
	name="or-dash"><xsl:with-param
	name="of" select="median_days"/></xsl:call-template></text>
<text class="n" x="100%" y="{$y}"><xsl:call-template
	name="or-dash"><xsl:with-param
	name="of" select="p95_days"/></xsl:call-template></text>
<line x1="0" x2="98%" y1="{$y + 14}" y2="{$y + 14}"/>
<line class="mark" x1="{90 * $scale}%" x2="{90 * $scale}%" y1="{$y + 6}"
	y2="{$y + 22}"/>
<xsl:if test="median_days">
<rect class="soon" x="{median_days * $scale}%" y="{$y + 12}" height="4"
	width="{98 * (p95_days - median_days) div $top}%"/>
<svg x="{p95_days * $scale}%" y="{$y + 8}" overflow="visible"><rect
	class="soon" x="-2" width="4" height="12"/></svg>
<circle class="open" cx="{median_days * $scale}%" cy="{$y + 14}" r="6"/>
</xsl:if>
</xsl:for-each>
</svg>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">Type</th><th scope="col"
	class="n">Median days</th><th scope="col" class="n">95 of 100 within</th>
</tr></thead><tbody>
<xsl:for-each select="types/item"><tr><th scope="row"><xsl:value-of
	select="type"/></th><td class="n"><xsl:call-template
	name="or-dash"><xsl:with-param name="of" select="median_days"/>
</xsl:call-template></td><td class="n"><xsl:call-template
	name="or-dash"><xsl:with-param name="of" select="p95_days"/>
</xsl:call-template></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<xsl:template name="waiting">
<figure id="waiting">
<figcaption id="f-waiting">Age of notices that wait<small>Whole days since they
were made.</small></figcaption>
<svg height="{24 + 22 * count(ages/item)}" role="img"
	aria-labelledby="f-waiting">
<xsl:variable name="max"><xsl:for-each select="ages/item"><xsl:sort
	data-type="number" order="descending" select="person + recipient + alarm"/>
<xsl:if test="position() = 1"><xsl:value-of
	select="person + recipient + alarm"/></xsl:if></xsl:for-each></xsl:variable>
<xsl:call-template name="head"><xsl:with-param name="x" select="56"/>
<xsl:with-param name="of">persons</xsl:with-param>
<xsl:with-param name="class">open</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="x" select="82"/>
<xsl:with-param name="of">recipients</xsl:with-param>
<xsl:with-param name="class">soon</xsl:with-param></xsl:call-template>
<xsl:call-template name="head"><xsl:with-param name="of">house</xsl:with-param>
<xsl:with-param name="class">done</xsl:with-param></xsl:call-template>
<xsl:for-each select="ages/item">
<xsl:variable name="y" select="34 + (position() - 1) * 22"/>
<text class="l" y="{$y}"><xsl:call-template name="days-of-bin"/></text>
<text class="n" x="56%" y="{$y}"><xsl:value-of select="person"/></text>
<text class="n" x="82%" y="{$y}"><xsl:value-of select="recipient"/></text>
<text class="n" x="100%" y="{$y}"><xsl:value-of select="alarm"/></text>
<rect class="open" x="14%" y="{$y - 11}" height="14"
	width="{26 * person div $max}%"/>
<rect class="soon" x="{14 + 26 * person div $max}%" y="{$y - 11}" height="14"
	width="{26 * recipient div $max}%"/>
<rect class="done" x="{14 + 26 * (person + recipient) div $max}%"
	y="{$y - 11}" height="14"
	width="{26 * alarm div $max}%"/>
</xsl:for-each>
</svg>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">Days</th><th scope="col"
	class="n">To persons</th><th scope="col" class="n">To recipients</th>
<th scope="col" class="n">To the house</th></tr></thead><tbody>
<xsl:for-each select="ages/item"><tr><th scope="row"><xsl:call-template
	name="days-of-bin"/></th><td class="n"><xsl:value-of select="person"/></td>
<td class="n"><xsl:value-of select="recipient"/></td><td class="n"><xsl:value-of
	select="alarm"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<xsl:template match="requests[/page/@part='years']">
<xsl:call-template name="years"/>
</xsl:template>

<xsl:template match="requests">
<xsl:call-template name="span"/>
<ul class="facts">
<xsl:call-template name="fact"><xsl:with-param name="n" select="received"/>
<xsl:with-param name="what">received</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact"><xsl:with-param name="n" select="closed"/>
<xsl:with-param name="what">closed</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact">
<xsl:with-param name="n" select="sum(types/item/late)"/>
<xsl:with-param name="what">answered late</xsl:with-param>
<xsl:with-param name="class">late</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact">
<xsl:with-param name="n" select="unacknowledged/recipient"/>
<xsl:with-param name="what">notices to recipients wait</xsl:with-param>
<xsl:with-param name="class">soon</xsl:with-param></xsl:call-template>
</ul>
<xsl:choose>
<xsl:when test="received &gt; 0 or closed &gt; 0">
<h2>Figures</h2>
<div class="figures">
<xsl:call-template name="flow"/>
<xsl:call-template name="on-time"/>
<xsl:call-template name="days"/>
</div>
<h2 id="ended">How they ended</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="ended"><table>
<thead><tr><th scope="col">Type</th><th scope="col" class="n">Received</th>
<th scope="col" class="n">Fulfilled</th><th scope="col" class="n">Denied</th>
<th scope="col" class="n">Revoked</th><th scope="col" class="n">Never
verified</th><th scope="col" class="n">On time</th><th scope="col"
	class="n">Late</th></tr></thead><tbody>
<xsl:for-each select="types/item"><tr><th scope="row"><xsl:value-of
	select="type"/></th><td class="n"><xsl:value-of select="received"/></td>
<td class="n"><xsl:value-of select="fulfilled"/></td><td class="n"><xsl:value-of
	select="denied"/></td><td class="n"><xsl:value-of select="revoked"/></td>
<td class="n"><xsl:value-of select="expired"/></td><td class="n"><xsl:value-of
	select="on_time"/></td><td class="n"><xsl:value-of select="late"/></td></tr>
</xsl:for-each></tbody></table></div>
<div class="pair">
<div><h2 id="denials">Denied, by reason</h2>
<xsl:call-template name="named"><xsl:with-param name="list" select="denials"/>
<xsl:with-param name="what">Reason</xsl:with-param></xsl:call-template></div>
<div><h2 id="channels">Received, by channel</h2>
<xsl:call-template name="named"><xsl:with-param name="list" select="channels"/>
<xsl:with-param name="what">Channel</xsl:with-param></xsl:call-template></div>
</div>
</xsl:when>
<xsl:otherwise><p>No request was received or closed in these days.</p>
</xsl:otherwise>
</xsl:choose>
<h2>Notices that nobody has acknowledged</h2>
<xsl:for-each select="unacknowledged">
<xsl:choose>
<xsl:when test="person + recipient + alarm = 0"><p>None waits.</p></xsl:when>
<xsl:otherwise>
<p><xsl:value-of select="person + recipient + alarm"/> wait, the oldest since
<xsl:call-template name="date"><xsl:with-param name="of" select="oldest_at"/>
</xsl:call-template> (<xsl:value-of select="oldest_days"/> days).</p>
<div class="pair">
<xsl:call-template name="waiting"/>
<xsl:if test="recipients/item"><div>
<p class="note">Recipients who must still be told of a change or an erasure
(GDPR Article 19)</p>
<div class="scroll" tabindex="0" role="region"
	aria-label="Recipients who must still be told"><table>
<thead><tr><th scope="col">Recipient</th><th scope="col" class="n">Notices</th>
<th scope="col">Oldest</th><th scope="col" class="n">Days</th></tr></thead>
<tbody><xsl:for-each select="recipients/item"><tr><th scope="row"
	class="text"><xsl:value-of select="recipient"/></th><td
	class="n"><xsl:value-of select="n"/></td><td class="w"><xsl:value-of
	select="substring(oldest_at, 1, 10)"/></td><td class="n"><xsl:value-of
	select="oldest_days"/></td></tr></xsl:for-each></tbody></table></div>
</div></xsl:if>
</div>
</xsl:otherwise>
</xsl:choose>
</xsl:for-each>
<h2>By calendar year</h2>
<xsl:call-template name="years"/>
</xsl:template>

<!-- The table of 11 CCR 7102(a), to be published. -->
<xsl:template name="years">
<p class="note">Metrics of 11 CCR § 7102(a): requests received, complied with in
whole or in part, and denied, and the days that it took to respond. Access is a
request to know, change a request to correct; opting out of sale and limiting
use are consents here, and not counted. Received counts in the year of receipt,
the rest in the year of the answer.</p>
<div class="scroll" tabindex="0" role="region" aria-label="By calendar year">
<table id="years">
<thead><tr><th scope="col">Year</th><th scope="col">Type</th><th scope="col"
	class="n">Received</th><th scope="col" class="n">Complied with, whole or
part</th><th scope="col" class="n">Denied</th><th scope="col"
	class="n">Median days</th><th scope="col" class="n">Mean days</th></tr>
</thead><tbody>
<xsl:for-each select="years/item"><tr><th scope="row" class="w"><xsl:value-of
	select="year"/><xsl:if test="complete='no'">, to date</xsl:if></th>
<td><xsl:value-of select="type"/></td><td class="n"><xsl:value-of
	select="received"/></td><td class="n"><xsl:value-of select="complied"/></td>
<td class="n"><xsl:value-of select="denied"/></td><td
	class="n"><xsl:call-template name="or-dash"><xsl:with-param name="of"
	select="median_days"/></xsl:call-template></td><td
	class="n"><xsl:call-template name="or-dash"><xsl:with-param name="of"
	select="mean_days"/></xsl:call-template></td></tr></xsl:for-each>
</tbody></table></div>
</xsl:template>

<xsl:template name="named">
<xsl:param name="list"/><xsl:param name="what"/>
<div class="scroll"><table>
<thead><tr><th scope="col"><xsl:value-of select="$what"/></th><th scope="col"
	class="n">Requests</th></tr></thead><tbody>
<xsl:for-each select="$list/item"><tr><th scope="row"><xsl:call-template
	name="words"><xsl:with-param name="of" select="name"/></xsl:call-template>
</th><td class="n"><xsl:value-of select="n"/></td></tr></xsl:for-each>
</tbody></table></div>
</xsl:template>

<!-- The other reports: numbers, then lists as tables. -->

<xsl:template match="sharing|registrations|retention|navigation">
<xsl:call-template name="span"/>
<xsl:if test="*[number(.) = number(.) and not(*)]">
<ul class="facts"><xsl:for-each select="*[number(.) = number(.) and not(*)]">
<xsl:call-template name="fact"><xsl:with-param name="n" select="."/>
<xsl:with-param name="what"><xsl:call-template name="heading"/></xsl:with-param>
</xsl:call-template></xsl:for-each></ul>
</xsl:if>
<xsl:if test="stopped='yes'"><p>The clock has stopped expiry; see
<code>ninety retention run</code>.</p></xsl:if>
<xsl:for-each select="through"><p>Every day up to <xsl:call-template
	name="date"><xsl:with-param name="of" select="."/></xsl:call-template>
is destroyed.</p></xsl:for-each>
<xsl:for-each select="months[item]"><h2 id="months">By month</h2>
<xsl:call-template name="list"><xsl:with-param name="id">months</xsl:with-param>
</xsl:call-template></xsl:for-each>
<xsl:choose>
<xsl:when test="items/item"><xsl:for-each select="items"><h2 id="items">In
detail</h2>
<xsl:call-template name="list"><xsl:with-param name="id">items</xsl:with-param>
</xsl:call-template></xsl:for-each></xsl:when>
<xsl:otherwise><p>Nothing in these days.</p></xsl:otherwise>
</xsl:choose>
</xsl:template>

<!-- What a member's name reads as. -->
<xsl:template name="heading">
<xsl:choose>
<xsl:when test="name() = 'n' and ancestor::sharing">disclosures</xsl:when>
<xsl:when test="name() = 'n'">people</xsl:when>
<xsl:when test="name() = 'under_age'">refused as under age</xsl:when>
<xsl:when test="name() = 'consent_required'">refused for want of
consent</xsl:when>
<xsl:when test="name() = 'days' and parent::retention">days
destroyed</xsl:when>
<xsl:when test="name() = 'stopped_seconds'">seconds that expiry was
stopped</xsl:when>
<xsl:when test="name() = 'holds' and parent::retention">holds that
stand</xsl:when>
<xsl:when test="name() = 'expired'">rows expired</xsl:when>
<xsl:when test="name() = 'disclosures'">disclosures forgotten</xsl:when>
<xsl:when test="name() = 'from' and ancestor::retention">counted from</xsl:when>
<xsl:otherwise><xsl:value-of select="translate(name(), '_', ' ')"/>
</xsl:otherwise>
</xsl:choose>
</xsl:template>

<!-- Words of ours read as words, names that others chose stay as they are. -->
<xsl:template name="cell">
<xsl:choose>
<xsl:when test="name() = 'period'"><xsl:call-template name="period"/></xsl:when>
<xsl:when test="name() = 'from' or name() = 'basis' or name() = 'outcome' or
	name() = 'kept_on_request'"><xsl:call-template
	name="words"><xsl:with-param name="of" select="."/></xsl:call-template>
</xsl:when>
<xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
</xsl:choose>
</xsl:template>

<!-- P90D reads as 90 days. -->
<xsl:template name="period">
<xsl:variable name="n" select="translate(., 'PYMWD', '')"/>
<xsl:variable name="unit" select="translate(., 'P0123456789', '')"/>
<xsl:choose>
<xsl:when test="number($n) = number($n) and string-length($unit) = 1">
<xsl:value-of select="concat($n, ' ', substring-before(substring-after(
	'Dday Wweek Mmonth Yyear ', $unit), ' '))"/><xsl:if
	test="$n != 1">s</xsl:if></xsl:when>
<xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
</xsl:choose>
</xsl:template>

<!-- A list as a table; its columns are those of all its items. -->
<xsl:key name="columns" match="item/*"
	use="concat(generate-id(../..), name())"/>
<xsl:template name="list">
<xsl:param name="id"/>
<xsl:variable name="list" select="."/>
<xsl:variable name="columns" select="item/*[generate-id() = generate-id(
	key('columns', concat(generate-id(../..), name()))[1])]"/>
<xsl:if test="@count &gt; count(item)"><p class="note">The first <xsl:value-of
	select="count(item)"/> of <xsl:value-of select="@count"/>; the CSV has
all.</p></xsl:if>
<div class="scroll" tabindex="0" role="region" aria-labelledby="{$id}"><table>
<thead><tr><xsl:for-each select="$columns"><th scope="col"><xsl:attribute
	name="class">h<xsl:if test="number(.) = number(.)"> n</xsl:if></xsl:attribute>
<xsl:call-template name="heading"/></th></xsl:for-each></tr></thead>
<tbody><xsl:for-each select="item"><xsl:variable name="item" select="."/><tr>
<xsl:for-each select="$columns"><xsl:variable name="cell"
	select="$item/*[name() = name(current())]"/><td><xsl:attribute
	name="class"><xsl:choose><xsl:when test="number($cell) = number($cell)"
	>n</xsl:when><xsl:otherwise>text</xsl:otherwise></xsl:choose></xsl:attribute>
<xsl:for-each select="$cell"><xsl:call-template name="cell"/></xsl:for-each>
<xsl:if test="not($cell)">–</xsl:if></td></xsl:for-each></tr>
</xsl:for-each></tbody></table></div>
</xsl:template>

</xsl:stylesheet>
