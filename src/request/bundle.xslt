<?xml version="1.0" encoding="UTF-8"?>
<!-- An access bundle as a page: one file, no script, nothing fetched. -->
<xsl:stylesheet version="1.0"
	xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" indent="no"
	doctype-system="about:legacy-compat"/>
<xsl:strip-space elements="*"/>

<xsl:template match="/bundle">
<html lang="en">
<head>
<meta http-equiv="Content-Security-Policy"
	content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title>Your data</title>
<style>
:root { color-scheme: light dark; --bg: #fff; --fg: #1b1e23; --soft: #545b66;
	--line: #d5dae1; --card: #f6f8fa; --link: #2563a8; }
@media (prefers-color-scheme: dark) { :root { --bg: #14161a; --fg: #eceff3;
	--soft: #b3bbc6; --line: #3a414b; --card: #1d2127; --link: #82b4ee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 3rem;
	background: var(--bg); color: var(--fg);
	font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0; }
p { margin: .25rem 0 1rem; max-width: 46rem; }
a { color: var(--link); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0;
	margin: 0; list-style: none; }
nav a { display: inline-block; padding: .2rem 0; }
.item { background: var(--card); border: 1px solid var(--line);
	border-radius: .5rem; padding: .6rem .9rem; margin: .5rem 0; }
dl { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr;
	gap: .2rem 1rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; white-space: pre-wrap; }
dt.wide, dd.wide { grid-column: 1 / -1; white-space: normal; }
dd ul, dd .item { white-space: normal; }
ul { margin: 0; padding-left: 1.2rem; }
.about { margin: .25rem 0; font-size: .9rem; color: var(--soft); }
.item .about { border-top: 1px solid var(--line); margin: .5rem 0 0;
	padding-top: .4rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line);
	border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { border-top: 1px solid var(--line); padding: .35rem .7rem;
	text-align: left; vertical-align: top; min-width: 7rem; }
thead th { border-top: 0; color: var(--soft); overflow-wrap: normal; }
.w { white-space: nowrap; }
.t { min-width: 9rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
@media (max-width: 30rem) { dl { display: block; } dd { margin: 0 0 .4rem; } }
@media print { @page { margin: 14mm; }
	:root { color-scheme: light; --bg: #fff; --fg: #000; --soft: #444;
		--line: #bbb; --card: #fff; --link: #000; }
	body { max-width: none; padding: 0; font-size: 10pt; }
	nav { display: none; }
	.item, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
	thead { display: table-header-group; }
	.scroll { overflow: visible; border: 0; }
	th, td { min-width: 0; } }
</style>
</head>
<body>
<main>
<h1>Your data</h1>
<p>This is what
<xsl:value-of select="member[@name='controller']"/>
holds about you, as of
<xsl:for-each select="member[@name='made_at']"><xsl:call-template
	name="moment"/></xsl:for-each> UTC.
The same is in <code>data.json</code>, for programs.</p>
<nav aria-label="Sections"><ul>
<xsl:for-each select="member[@kind='object' or @kind='list']">
<li><a href="#{@name}"><xsl:call-template name="title"/></a></li>
</xsl:for-each>
</ul></nav>
<xsl:for-each select="member[@kind='object' or @kind='list']">
<section id="{@name}" aria-labelledby="{@name}-title">
<h2 id="{@name}-title"><xsl:call-template name="title"/></h2>
<xsl:choose>
<xsl:when test="not(*)"><p>None.</p></xsl:when>
<xsl:when test="@name='data'">
<xsl:for-each select="item"><xsl:call-template name="category"/></xsl:for-each>
</xsl:when>
<xsl:when test="@name='navigation'">
<xsl:call-template name="rows">
<xsl:with-param name="items" select="item/member[@name='events']/item"/>
<xsl:with-param name="columns">at page action link referrer ip user_agent
	language</xsl:with-param>
</xsl:call-template></xsl:when>
<xsl:when test="@name='purposes'">
<xsl:call-template name="rows">
<xsl:with-param name="columns">purpose legal_basis clause
	categories</xsl:with-param>
</xsl:call-template></xsl:when>
<xsl:when test="@name='disclosures'">
<xsl:call-template name="rows">
<xsl:with-param name="columns">at recipient kind purpose country basis
	fields</xsl:with-param>
</xsl:call-template></xsl:when>
<xsl:when test="@name='requests'">
<xsl:call-template name="rows">
<xsl:with-param name="columns">request type state received_at closed_at
	reason</xsl:with-param>
</xsl:call-template></xsl:when>
<xsl:when test="@kind='object'"><div class="item"><xsl:call-template
	name="pairs"/></div></xsl:when>
<xsl:otherwise><xsl:call-template name="content"/></xsl:otherwise>
</xsl:choose>
</section>
</xsl:for-each>
</main>
</body>
</html>
</xsl:template>

<!-- "collected_at" reads as "Collected at". -->
<xsl:template name="title">
<xsl:param name="of" select="@name"/>
<xsl:variable name="words" select="translate($of, '_', ' ')"/>
<xsl:choose>
<xsl:when test="$of = 'ip'">IP address</xsl:when>
<xsl:when test="$of = 'user_agent'">Browser</xsl:when>
<xsl:when test="$of = 'at'">When</xsl:when>
<xsl:when test="$of = 'referrer'">Came from</xsl:when>
<xsl:otherwise><xsl:value-of select="concat(translate(substring($words, 1, 1),
	'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
	substring($words, 2))"/></xsl:otherwise>
</xsl:choose>
</xsl:template>

<!-- To the second; data.json has the rest. -->
<xsl:template name="moment">
<time datetime="{.}"><xsl:value-of select="concat(substring(., 1, 10), ' ',
	substring(., 12, 8))"/></time>
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

<!-- One category of data: its rules in a line, then its records. -->
<xsl:template name="category">
<h3><xsl:value-of select="member[@name='title']"/></h3>
<p class="about">Legal basis:
<xsl:value-of select="translate(member[@name='legal_basis'], '_', ' ')"/>. Kept
for <xsl:for-each select="member[@name='kept_for']"><xsl:call-template
	name="period"/></xsl:for-each> from
<xsl:value-of select="translate(member[@name='counted_from'], '_', ' ')"/>.
<xsl:value-of select="member[@name='clause']"/></p>
<xsl:for-each select="member[@name='records']/item">
<div class="item">
<xsl:for-each select="member[@name='data']">
<xsl:call-template name="pairs"/>
</xsl:for-each>
<p class="about">
<xsl:for-each select="member[@name!='data']">
<xsl:if test="position() != 1">; </xsl:if>
<xsl:value-of select="translate(@name, '_', ' ')"/>
<xsl:text> </xsl:text><xsl:call-template name="scalar"/>
</xsl:for-each>
</p>
</div>
</xsl:for-each>
</xsl:template>

<!-- Objects as a table, with the columns named, blanks between. -->
<xsl:template name="rows">
<xsl:param name="items" select="item"/><xsl:param name="columns"/>
<div class="scroll" tabindex="0" role="region" aria-labelledby="{@name}-title">
<table>
<thead><tr><xsl:call-template name="headings"><xsl:with-param name="columns"
	select="concat(normalize-space($columns), ' ')"/></xsl:call-template></tr></thead>
<tbody>
<xsl:for-each select="$items"><tr><xsl:call-template
	name="cells"><xsl:with-param name="columns"
	select="concat(normalize-space($columns), ' ')"/></xsl:call-template></tr></xsl:for-each>
</tbody></table></div>
</xsl:template>

<xsl:template name="headings">
<xsl:param name="columns"/>
<xsl:if test="$columns != ''">
<th scope="col"><xsl:call-template name="title"><xsl:with-param name="of"
	select="substring-before($columns, ' ')"/></xsl:call-template></th>
<xsl:call-template name="headings"><xsl:with-param name="columns"
	select="substring-after($columns, ' ')"/></xsl:call-template>
</xsl:if>
</xsl:template>

<xsl:template name="cells">
<xsl:param name="columns"/>
<xsl:if test="$columns != ''">
<xsl:variable name="cell"
	select="member[@name = substring-before($columns, ' ')]"/>
<td><xsl:attribute name="class"><xsl:choose><xsl:when
	test="substring($columns, 1, 3) = 'at ' or
	contains(substring-before($columns, ' '), '_at')">w</xsl:when><xsl:when
	test="string-length($cell) &gt; 20">t</xsl:when><xsl:otherwise
	>s</xsl:otherwise></xsl:choose></xsl:attribute>
<xsl:for-each select="$cell"><xsl:call-template name="in-cell"/></xsl:for-each>
<xsl:if test="not($cell)">–</xsl:if></td>
<xsl:call-template name="cells"><xsl:with-param name="columns"
	select="substring-after($columns, ' ')"/></xsl:call-template>
</xsl:if>
</xsl:template>

<xsl:template name="in-cell">
<xsl:choose>
<xsl:when test="@kind='list' and not(item)">none</xsl:when>
<xsl:when test="@kind='list'"><xsl:for-each select="item"><xsl:if
	test="position() != 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each>
</xsl:when>
<xsl:otherwise><xsl:call-template name="scalar"/></xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template name="scalar">
<xsl:choose>
<xsl:when test="@name = 'at' or @name = 'known_since' or
	substring(@name, string-length(@name) - 2) = '_at'"><xsl:call-template
	name="moment"/></xsl:when>
<xsl:when test="@name = 'card_number'">ends in <xsl:value-of
	select="."/></xsl:when>
<xsl:when test="@name = 'purpose' or @name = 'legal_basis' or @name = 'basis' or
	@name = 'state'"><xsl:value-of select="translate(., '_', ' ')"/></xsl:when>
<xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template name="pairs">
<dl>
<xsl:for-each select="member">
<dt>
<xsl:if test="@kind='object' or item[@kind='object']">
<xsl:attribute name="class">wide</xsl:attribute>
</xsl:if>
<xsl:call-template name="title"/></dt>
<dd>
<xsl:if test="@kind='object' or item[@kind='object']">
<xsl:attribute name="class">wide</xsl:attribute>
</xsl:if>
<xsl:call-template name="content"/></dd>
</xsl:for-each>
</dl>
</xsl:template>

<xsl:template name="content">
<xsl:choose>
<xsl:when test="@kind='object'"><xsl:call-template name="pairs"/></xsl:when>
<xsl:when test="@kind='list' and not(item)">none</xsl:when>
<xsl:when test="@kind='list' and item[@kind='object']">
<xsl:for-each select="item">
<div class="item"><xsl:call-template name="content"/></div>
</xsl:for-each>
</xsl:when>
<xsl:when test="@kind='list'">
<ul><xsl:for-each select="item">
<li><xsl:call-template name="content"/></li>
</xsl:for-each></ul>
</xsl:when>
<xsl:otherwise><xsl:call-template name="scalar"/></xsl:otherwise>
</xsl:choose>
</xsl:template>
</xsl:stylesheet>
