<?xml version="1.0" encoding="UTF-8"?>
<!-- Of report_page.xslt: what is open, and its figures. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

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

</xsl:stylesheet>
