<?xml version="1.0" encoding="UTF-8"?>
<!-- Reports as one self-contained page: no script, nothing loaded. Every figure
     is SVG with text and has its table beside it. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" indent="yes" doctype-system="about:legacy-compat"/>

<xsl:template match="/page">
<html lang="en">
<head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="referrer" content="no-referrer"/>
<title><xsl:call-template name="title"/></title>
<style>
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1c20;--soft:#4d545e;--line:#868e99;--card:#f4f6f8;--a:#1f5fa8;--b:#8a5300;--c:#b3261e;--d:#2f6f3e;--on:#fff}
@media (prefers-color-scheme:dark){:root{--bg:#15171b;--fg:#eceff3;--soft:#b6bec9;--line:#7d8794;--card:#20242a;--a:#8ab8f0;--b:#f0b35a;--c:#ff9087;--d:#8fd19e;--on:#15171b}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}
p.lead{font-size:1.1rem;margin:.25rem 0 1rem}
.soft{color:var(--soft)}
ul.facts{display:flex;flex-wrap:wrap;gap:.75rem;list-style:none;margin:0;padding:0}
ul.facts li{background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.5rem .9rem;min-width:8rem}
ul.facts b{display:block;font-size:1.5rem;line-height:1.2}
ul.facts li.bad b{color:var(--c)}ul.facts li.soon b{color:var(--b)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem;align-items:start}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.75rem}
figcaption{font-weight:600;margin-bottom:.5rem}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--fg);font:12px system-ui,sans-serif}
svg .axis{stroke:var(--line);stroke-width:1}
svg .mark{stroke:var(--c);stroke-width:2;stroke-dasharray:5 3}
svg .a{fill:var(--a)}svg .b{fill:var(--b)}svg .c{fill:var(--c)}svg .d{fill:var(--d)}
svg text.c{fill:var(--c)}svg text.in{fill:var(--on);font-weight:600}
details{margin-top:.5rem}summary{cursor:pointer;padding:.25rem 0;min-height:1.5rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;padding:.25rem 0;color:var(--soft)}
th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
table.g{width:auto;min-width:18rem}
td.id{font-family:ui-monospace,monospace;font-size:.85rem;white-space:nowrap}
td.w{white-space:nowrap}
tr.over td.s{color:var(--c);font-weight:600}tr.soon td.s{color:var(--b);font-weight:600}
a{color:var(--a)}:focus-visible{outline:3px solid var(--a);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--soft:#333;--card:#fff;--a:#1f5fa8;--b:#8a5300;--c:#b3261e;--d:#2f6f3e;--on:#fff}body{max-width:none;padding:0}figure,tr{break-inside:avoid}thead{display:table-header-group}.skip{display:none}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<main id="main">
<h1><xsl:call-template name="title"/></h1>
<xsl:apply-templates select="*"/>
</main>
</body>
</html>
</xsl:template>

<xsl:template name="title">
<xsl:choose>
<xsl:when test="@kind='deadlines'">Deadlines of data subject requests</xsl:when>
<xsl:when test="@kind='requests'">Data subject requests</xsl:when>
<xsl:when test="@kind='sharing'">Disclosures to recipients</xsl:when>
<xsl:when test="@kind='registrations'">Registrations</xsl:when>
<xsl:when test="@kind='retention'">Retention and expiry</xsl:when>
<xsl:otherwise>Report</xsl:otherwise>
</xsl:choose>
</xsl:template>

<!-- The greatest value of a set, at least 1. -->
<xsl:template name="greatest">
<xsl:param name="of"/>
<xsl:choose>
<xsl:when test="$of[. &gt; 0]">
<xsl:for-each select="$of"><xsl:sort data-type="number" order="descending"/><xsl:if test="position()=1"><xsl:value-of select="."/></xsl:if></xsl:for-each>
</xsl:when>
<xsl:otherwise>1</xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template name="fact">
<xsl:param name="n"/><xsl:param name="what"/><xsl:param name="class"/>
<li><xsl:if test="$class and $n &gt; 0"><xsl:attribute name="class"><xsl:value-of select="$class"/></xsl:attribute></xsl:if><b><xsl:value-of select="$n"/></b><xsl:value-of select="$what"/></li>
</xsl:template>

<xsl:template match="deadlines">
<p class="lead">As of <time datetime="{as_of}"><xsl:value-of select="concat(substring(as_of,1,10),' ',substring(as_of,12,5),' UTC')"/></time>:
<xsl:value-of select="summary/open"/> open, <xsl:value-of select="summary/overdue"/> overdue, <xsl:value-of select="summary/approaching"/> due within 14 days.</p>
<ul class="facts">
<xsl:call-template name="fact"><xsl:with-param name="n" select="summary/open"/><xsl:with-param name="what">open</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact"><xsl:with-param name="n" select="summary/overdue"/><xsl:with-param name="what">overdue</xsl:with-param><xsl:with-param name="class">bad</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact"><xsl:with-param name="n" select="summary/approaching"/><xsl:with-param name="what">due within 14 days</xsl:with-param><xsl:with-param name="class">soon</xsl:with-param></xsl:call-template>
<xsl:call-template name="fact"><xsl:with-param name="n" select="summary/by_state/verifying"/><xsl:with-param name="what">waiting for verification</xsl:with-param></xsl:call-template>
</ul>
<h2>Figures</h2>
<div class="figures">
<xsl:call-template name="ages"/>
<xsl:call-template name="weeks"/>
<xsl:call-template name="tracks"/>
<xsl:for-each select="../requests"><xsl:call-template name="requests-figures"/></xsl:for-each>
</div>
<h2 id="open-requests">Open requests</h2>
<xsl:if test="items/@count &gt; count(items/item)"><p>The <xsl:value-of select="count(items/item)"/> most urgent of <xsl:value-of select="items/@count"/>; the CSV has all.</p></xsl:if>
<xsl:choose>
<xsl:when test="items/item">
<div class="scroll" tabindex="0" role="region" aria-labelledby="open-requests">
<table>
<caption>The most urgent first. Times are UTC; days left are rounded down.</caption>
<thead><tr><th scope="col">Status</th><th scope="col">Due</th><th scope="col">Type</th><th scope="col">State</th><th scope="col">Regime</th><th scope="col">Assignee</th><th scope="col">Received</th><th scope="col">Request</th></tr></thead>
<tbody>
<xsl:for-each select="items/item">
<tr><xsl:attribute name="class"><xsl:choose><xsl:when test="overdue='yes'">over</xsl:when><xsl:when test="days_left &lt; 14">soon</xsl:when><xsl:otherwise>fine</xsl:otherwise></xsl:choose></xsl:attribute>
<td class="s w"><xsl:choose><xsl:when test="overdue='yes'">Overdue, <xsl:value-of select="-days_left"/> d</xsl:when><xsl:otherwise><xsl:value-of select="days_left"/> d left</xsl:otherwise></xsl:choose></td>
<td class="w"><xsl:value-of select="substring(due_at,1,10)"/></td>
<td><xsl:value-of select="type"/></td><td><xsl:value-of select="translate(state,'_',' ')"/></td>
<td><xsl:choose><xsl:when test="regime"><xsl:value-of select="regime"/></xsl:when><xsl:otherwise>house</xsl:otherwise></xsl:choose></td>
<td><xsl:value-of select="assignee"/></td>
<td class="w"><xsl:value-of select="substring(received_at,1,10)"/></td>
<td class="id"><xsl:value-of select="request"/></td></tr>
</xsl:for-each>
</tbody></table></div>
</xsl:when>
<xsl:otherwise><p>Nothing is open.</p></xsl:otherwise>
</xsl:choose>
</xsl:template>

<!-- Ageing of open requests against the 90 days. -->
<xsl:template name="ages">
<xsl:variable name="max"><xsl:call-template name="greatest"><xsl:with-param name="of" select="summary/ages/item/open"/></xsl:call-template></xsl:variable>
<figure>
<figcaption id="f-ages">Age of open requests, in days</figcaption>
<svg viewBox="0 0 460 210" role="img" aria-labelledby="f-ages">
<line class="axis" x1="20" y1="170" x2="450" y2="170"/>
<xsl:for-each select="summary/ages/item">
<xsl:variable name="x" select="22 + (position()-1)*42"/>
<xsl:variable name="h" select="130 * open div $max"/>
<xsl:variable name="o" select="130 * overdue div $max"/>
<rect class="a" x="{$x}" y="{170 - $h}" width="34" height="{$h - $o}"/>
<rect class="c" x="{$x}" y="{170 - $o}" width="34" height="{$o}"/>
<text x="{$x + 17}" y="{164 - $h}" text-anchor="middle"><xsl:value-of select="open"/></text>
<text x="{$x + 17}" y="186" text-anchor="middle"><xsl:value-of select="from_days"/><xsl:if test="not(to_days)">+</xsl:if></text>
</xsl:for-each>
<line class="mark" x1="398" y1="20" x2="398" y2="170"/>
<text class="c" x="393" y="16" text-anchor="end">90 days: the latest deadline</text>
<text x="22" y="205">Bars: open; the lower, red part is overdue.</text>
</svg>
<details><summary>Table: age of open requests</summary>
<table><thead><tr><th scope="col">Days since receipt</th><th scope="col" class="n">Open</th><th scope="col" class="n">Overdue</th></tr></thead><tbody>
<xsl:for-each select="summary/ages/item"><tr><th scope="row"><xsl:choose><xsl:when test="to_days"><xsl:value-of select="from_days"/> to <xsl:value-of select="to_days - 1"/></xsl:when><xsl:otherwise><xsl:value-of select="from_days"/> and more</xsl:otherwise></xsl:choose></th><td class="n"><xsl:value-of select="open"/></td><td class="n"><xsl:value-of select="overdue"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<xsl:template name="weeks">
<xsl:variable name="max"><xsl:call-template name="greatest"><xsl:with-param name="of" select="summary/weeks/item/due"/></xsl:call-template></xsl:variable>
<figure>
<figcaption id="f-weeks">Due in the next 13 weeks</figcaption>
<svg viewBox="0 0 460 210" role="img" aria-labelledby="f-weeks">
<line class="axis" x1="10" y1="160" x2="450" y2="160"/>
<xsl:for-each select="summary/weeks/item">
<xsl:variable name="x" select="12 + (position()-1)*34"/>
<xsl:variable name="h" select="130 * due div $max"/>
<rect x="{$x}" y="{160 - $h}" width="26" height="{$h}"><xsl:attribute name="class"><xsl:choose><xsl:when test="position() &lt; 3">b</xsl:when><xsl:otherwise>a</xsl:otherwise></xsl:choose></xsl:attribute></rect>
<text x="{$x + 13}" y="{154 - $h}" text-anchor="middle"><xsl:value-of select="due"/></text>
<text x="{$x + 13}" y="176" text-anchor="middle"><xsl:value-of select="number(substring(week,9,2))"/></text>
<xsl:if test="position()=1 or number(substring(week,9,2)) &lt; 8"><text x="{$x + 13}" y="191" text-anchor="middle"><xsl:call-template name="month"><xsl:with-param name="m" select="substring(week,6,2)"/></xsl:call-template></text></xsl:if>
</xsl:for-each>
<text x="12" y="206">Weeks by their Monday; what is overdue already is not among them.</text>
</svg>
<details><summary>Table: due by week</summary>
<table><thead><tr><th scope="col">Week of</th><th scope="col" class="n">Due</th></tr></thead><tbody>
<xsl:for-each select="summary/weeks/item"><tr><th scope="row"><xsl:value-of select="week"/></th><td class="n"><xsl:value-of select="due"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<xsl:template name="month"><xsl:param name="m"/><xsl:value-of select="substring('JanFebMarAprMayJunJulAugSepOctNovDec', number($m)*3 - 2, 3)"/></xsl:template>

<xsl:template name="part">
<xsl:param name="x"/><xsl:param name="y"/><xsl:param name="n"/><xsl:param name="scale"/><xsl:param name="class"/>
<xsl:if test="$n &gt; 0">
<rect class="{$class}" x="{$x}" y="{$y}" width="{$n * $scale}" height="28"/>
<xsl:if test="$n * $scale &gt; 22"><text class="in" x="{$x + $n * $scale div 2}" y="{$y + 19}" text-anchor="middle"><xsl:value-of select="$n"/></text></xsl:if>
</xsl:if>
</xsl:template>

<xsl:template name="tracks">
<xsl:variable name="max"><xsl:for-each select="summary/tracks/item"><xsl:sort select="on_track + approaching + overdue" data-type="number" order="descending"/><xsl:if test="position()=1"><xsl:value-of select="on_track + approaching + overdue"/></xsl:if></xsl:for-each></xsl:variable>
<xsl:variable name="scale" select="370 div ($max + number($max = 0))"/>
<figure>
<figcaption id="f-tracks">On track, approaching, overdue</figcaption>
<svg viewBox="0 0 460 160" role="img" aria-labelledby="f-tracks">
<xsl:for-each select="summary/tracks/item">
<xsl:variable name="y" select="8 + (position()-1)*40"/>
<text x="4" y="{$y + 19}"><xsl:value-of select="type"/></text>
<xsl:call-template name="part"><xsl:with-param name="x" select="70"/><xsl:with-param name="y" select="$y"/><xsl:with-param name="n" select="on_track"/><xsl:with-param name="scale" select="$scale"/><xsl:with-param name="class">d</xsl:with-param></xsl:call-template>
<xsl:call-template name="part"><xsl:with-param name="x" select="70 + on_track * $scale"/><xsl:with-param name="y" select="$y"/><xsl:with-param name="n" select="approaching"/><xsl:with-param name="scale" select="$scale"/><xsl:with-param name="class">b</xsl:with-param></xsl:call-template>
<xsl:call-template name="part"><xsl:with-param name="x" select="70 + (on_track + approaching) * $scale"/><xsl:with-param name="y" select="$y"/><xsl:with-param name="n" select="overdue"/><xsl:with-param name="scale" select="$scale"/><xsl:with-param name="class">c</xsl:with-param></xsl:call-template>
</xsl:for-each>
<rect class="d" x="70" y="136" width="12" height="12"/><text x="86" y="147">on track</text>
<rect class="b" x="160" y="136" width="12" height="12"/><text x="176" y="147">within 14 days</text>
<rect class="c" x="290" y="136" width="12" height="12"/><text x="306" y="147">overdue</text>
</svg>
<details><summary>Table: by type</summary>
<table><thead><tr><th scope="col">Type</th><th scope="col" class="n">On track</th><th scope="col" class="n">Within 14 days</th><th scope="col" class="n">Overdue</th></tr></thead><tbody>
<xsl:for-each select="summary/tracks/item"><tr><th scope="row"><xsl:value-of select="type"/></th><td class="n"><xsl:value-of select="on_track"/></td><td class="n"><xsl:value-of select="approaching"/></td><td class="n"><xsl:value-of select="overdue"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<!-- The last 13 months of a span. -->
<xsl:template name="requests-figures">
<xsl:variable name="skip" select="(count(months/item) &gt; 13) * (count(months/item) - 13)"/>
<xsl:variable name="months" select="months/item[position() &gt; $skip]"/>
<xsl:variable name="max"><xsl:call-template name="greatest"><xsl:with-param name="of" select="$months/received | $months/closed"/></xsl:call-template></xsl:variable>
<figure>
<figcaption id="f-flow">Received and closed, by month</figcaption>
<svg viewBox="0 0 460 210" role="img" aria-labelledby="f-flow">
<line class="axis" x1="10" y1="150" x2="455" y2="150"/>
<xsl:for-each select="$months">
<xsl:variable name="x" select="12 + (position()-1)*34"/>
<xsl:variable name="r" select="115 * received div $max"/><xsl:variable name="k" select="115 * closed div $max"/>
<rect class="a" x="{$x}" y="{150 - $r}" width="13" height="{$r}"/><rect class="d" x="{$x + 15}" y="{150 - $k}" width="13" height="{$k}"/>
<text x="{$x + 6}" y="{145 - $r}" text-anchor="middle"><xsl:value-of select="received"/></text>
<text x="{$x + 22}" y="{145 - $k}" text-anchor="middle"><xsl:value-of select="closed"/></text>
<text x="{$x + 14}" y="166" text-anchor="middle"><xsl:call-template name="month"><xsl:with-param name="m" select="substring(month,6,2)"/></xsl:call-template></text>
<xsl:if test="position()=1 or substring(month,6,2)='01'"><text x="{$x + 14}" y="181" text-anchor="middle"><xsl:value-of select="substring(month,1,4)"/></text></xsl:if>
</xsl:for-each>
<rect class="a" x="12" y="192" width="12" height="12"/><text x="28" y="203">received</text>
<rect class="d" x="110" y="192" width="12" height="12"/><text x="126" y="203">closed</text>
</svg>
<details><summary>Table: received and closed, on time and late</summary>
<table><thead><tr><th scope="col">Month</th><th scope="col" class="n">Received</th><th scope="col" class="n">Closed</th><th scope="col" class="n">On time</th><th scope="col" class="n">Late</th></tr></thead><tbody>
<xsl:for-each select="$months"><tr><th scope="row"><xsl:value-of select="month"/></th><td class="n"><xsl:value-of select="received"/></td><td class="n"><xsl:value-of select="closed"/></td><td class="n"><xsl:value-of select="on_time"/></td><td class="n"><xsl:value-of select="late"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
<figure>
<figcaption id="f-time">Answered on time, by month</figcaption>
<svg viewBox="0 0 460 210" role="img" aria-labelledby="f-time">
<line class="axis" x1="10" y1="150" x2="455" y2="150"/>
<line class="mark" x1="10" y1="35" x2="455" y2="35"/>
<text class="c" x="12" y="29">all of them</text>
<xsl:for-each select="$months">
<xsl:variable name="x" select="12 + (position()-1)*34"/>
<xsl:variable name="all" select="on_time + late"/>
<xsl:if test="$all &gt; 0">
<xsl:variable name="h" select="115 * on_time div $all"/>
<rect class="d" x="{$x + 3}" y="{150 - $h}" width="22" height="{$h}"/>
<text x="{$x + 14}" y="181" text-anchor="middle"><xsl:value-of select="on_time"/>/<xsl:value-of select="$all"/></text>
</xsl:if>
<xsl:if test="$all = 0"><text x="{$x + 14}" y="181" text-anchor="middle">–</text></xsl:if>
<text x="{$x + 14}" y="166" text-anchor="middle"><xsl:call-template name="month"><xsl:with-param name="m" select="substring(month,6,2)"/></xsl:call-template></text>
</xsl:for-each>
<text x="12" y="203">Below: on time / answered (fulfilled or denied).</text>
</svg>
<details><summary>Table: answered on time</summary>
<table><thead><tr><th scope="col">Month</th><th scope="col" class="n">Answered</th><th scope="col" class="n">On time</th><th scope="col" class="n">Rate</th></tr></thead><tbody>
<xsl:for-each select="$months"><tr><th scope="row"><xsl:value-of select="month"/></th><td class="n"><xsl:value-of select="on_time + late"/></td><td class="n"><xsl:value-of select="on_time"/></td><td class="n"><xsl:if test="on_time + late &gt; 0"><xsl:value-of select="format-number(on_time div (on_time + late), '0.0%')"/></xsl:if></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
<xsl:call-template name="days"/>
</xsl:template>

<xsl:template name="days">
<xsl:variable name="max"><xsl:call-template name="greatest"><xsl:with-param name="of" select="types/item/p95_days"/></xsl:call-template></xsl:variable>
<xsl:variable name="top" select="$max * ($max &gt; 90) + 90 * ($max &lt;= 90)"/>
<figure>
<figcaption id="f-days">Days to answer, by type</figcaption>
<svg viewBox="0 0 460 190" role="img" aria-labelledby="f-days">
<line class="axis" x1="70" y1="140" x2="440" y2="140"/>
<line class="mark" x1="{70 + 360 * 90 div $top}" y1="20" x2="{70 + 360 * 90 div $top}" y2="140"/>
<text class="c" x="{66 + 360 * 90 div $top}" y="16" text-anchor="end">90 days</text>
<text x="70" y="156" text-anchor="middle">0</text><text x="{70 + 360}" y="156" text-anchor="middle"><xsl:value-of select="$top"/></text>
<xsl:for-each select="types/item">
<xsl:variable name="y" select="42 + (position()-1)*36"/>
<text x="4" y="{$y + 4}"><xsl:value-of select="type"/></text>
<xsl:if test="string(p95_days) != '' and on_time + late &gt; 0">
<xsl:variable name="m" select="70 + 360 * median_days div $top"/><xsl:variable name="p" select="70 + 360 * p95_days div $top"/>
<line class="axis" x1="{$m}" y1="{$y}" x2="{$p}" y2="{$y}"/>
<circle class="a" cx="{$m}" cy="{$y}" r="6"/><rect class="b" x="{$p - 5}" y="{$y - 5}" width="10" height="10"/>
<text x="{$m}" y="{$y - 9}" text-anchor="middle"><xsl:value-of select="median_days"/></text><xsl:if test="$p - $m &gt; 16"><text x="{$p}" y="{$y - 9}" text-anchor="middle"><xsl:value-of select="p95_days"/></text></xsl:if>
</xsl:if>
<xsl:if test="on_time + late = 0"><text x="80" y="{$y + 4}">none answered</text></xsl:if>
</xsl:for-each>
<circle class="a" cx="78" cy="176" r="6"/><text x="90" y="180">median</text><rect class="b" x="160" y="171" width="10" height="10"/><text x="176" y="180">95 of 100 within</text>
</svg>
<details><summary>Table: days to answer</summary>
<table><thead><tr><th scope="col">Type</th><th scope="col" class="n">Answered</th><th scope="col" class="n">Median days</th><th scope="col" class="n">95 of 100 within</th></tr></thead><tbody>
<xsl:for-each select="types/item"><tr><th scope="row"><xsl:value-of select="type"/></th><td class="n"><xsl:value-of select="on_time + late"/></td><td class="n"><xsl:value-of select="median_days"/></td><td class="n"><xsl:value-of select="p95_days"/></td></tr></xsl:for-each>
</tbody></table></details>
</figure>
</xsl:template>

<!-- On a page of deadlines the figures above are enough. -->
<xsl:template match="requests">
<xsl:if test="/page/@kind='requests'">
<p class="lead">From <xsl:value-of select="from"/> to <xsl:value-of select="to"/> (not included): <xsl:value-of select="received"/> received, <xsl:value-of select="closed"/> closed.</p>
<h2>Figures</h2>
<div class="figures"><xsl:call-template name="requests-figures"/></div>
<h2 id="yearly">Yearly table (11 CCR 7102)</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="yearly"><table>
<caption>Access is a request to know, change a request to correct. Years are cut by the span.</caption>
<thead><tr><th scope="col">Year</th><th scope="col">Type</th><th scope="col" class="n">Received</th><th scope="col" class="n">Complied with, whole or part</th><th scope="col" class="n">Denied</th><th scope="col" class="n">Median days</th><th scope="col" class="n">Mean days</th></tr></thead><tbody>
<xsl:for-each select="years/item"><tr><th scope="row"><xsl:value-of select="year"/></th><td><xsl:value-of select="type"/></td><td class="n"><xsl:value-of select="received"/></td><td class="n"><xsl:value-of select="complied"/></td><td class="n"><xsl:value-of select="denied"/></td><td class="n"><xsl:value-of select="median_days"/></td><td class="n"><xsl:value-of select="mean_days"/></td></tr></xsl:for-each>
</tbody></table></div>
<h2>How they ended</h2>
<xsl:call-template name="generic"><xsl:with-param name="list" select="types"/></xsl:call-template>
<h2>Denied, by reason</h2>
<xsl:call-template name="generic"><xsl:with-param name="list" select="denials"/></xsl:call-template>
<h2>Received, by channel</h2>
<xsl:call-template name="generic"><xsl:with-param name="list" select="channels"/></xsl:call-template>
<h2>Notices not acknowledged</h2>
<ul class="facts"><xsl:for-each select="unacknowledged/*"><xsl:call-template name="fact"><xsl:with-param name="n" select="."/><xsl:with-param name="what" select="concat('notices: ',name())"/></xsl:call-template></xsl:for-each></ul>
</xsl:if>
</xsl:template>

<xsl:template match="sharing|registrations|retention|navigation">
<p class="lead">From <xsl:value-of select="from"/> to <xsl:value-of select="to"/> (not included).</p>
<ul class="facts"><xsl:for-each select="*[not(*) and not(@count) and name()!='from' and name()!='to' and name()!='next']"><xsl:call-template name="fact"><xsl:with-param name="n" select="."/><xsl:with-param name="what" select="translate(name(),'_',' ')"/></xsl:call-template></xsl:for-each></ul>
<xsl:for-each select="months[item]"><h2>By month</h2><xsl:call-template name="generic"><xsl:with-param name="list" select="."/></xsl:call-template></xsl:for-each>
<xsl:for-each select="items[item]"><h2>In detail</h2><xsl:call-template name="generic"><xsl:with-param name="list" select="."/></xsl:call-template></xsl:for-each>
<xsl:if test="not(items/item)"><p>Nothing in this span.</p></xsl:if>
</xsl:template>

<!-- A list as a table; its columns are those of all its items. -->
<xsl:key name="columns" match="item/*" use="concat(generate-id(../..),name())"/>
<xsl:template name="generic">
<xsl:param name="list"/>
<xsl:variable name="columns" select="$list/item/*[generate-id()=generate-id(key('columns',concat(generate-id(../..),name()))[1])]"/>
<div class="scroll" tabindex="0" role="region" aria-label="{translate(name($list),'_',' ')}"><table class="g">
<thead><tr><xsl:for-each select="$columns"><th scope="col"><xsl:if test="number(.)=number(.)"><xsl:attribute name="class">n</xsl:attribute></xsl:if><xsl:choose><xsl:when test="name()='n'">count</xsl:when><xsl:otherwise><xsl:value-of select="translate(name(),'_',' ')"/></xsl:otherwise></xsl:choose></th></xsl:for-each></tr></thead>
<tbody><xsl:for-each select="$list/item"><xsl:variable name="item" select="."/><tr><xsl:for-each select="$columns"><xsl:variable name="cell" select="$item/*[name()=name(current())]"/><td><xsl:if test="number($cell)=number($cell)"><xsl:attribute name="class">n</xsl:attribute></xsl:if><xsl:value-of select="$cell"/></td></xsl:for-each></tr></xsl:for-each></tbody>
</table></div>
</xsl:template>

</xsl:stylesheet>
