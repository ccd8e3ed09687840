<?xml version="1.0" encoding="UTF-8"?>
<!-- Of report_page.xslt: requests of a span of days, their figures, the notices that
     wait, and the table by calendar year. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

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
	class="n"><xsl:value-of select="n"/></td><td class="w"><time
	datetime="{oldest_at}"><xsl:value-of select="oldest_at/@date"/></time></td><td class="n"><xsl:value-of
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

</xsl:stylesheet>
