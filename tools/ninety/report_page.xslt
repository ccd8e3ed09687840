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

<xsl:include href="report_deadlines.xslt"/>
<xsl:include href="report_requests.xslt"/>
<xsl:include href="report_lists.xslt"/>

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

</xsl:stylesheet>
