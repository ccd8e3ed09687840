<?xml version="1.0" encoding="UTF-8"?>
<!-- An access bundle as a page: one file, no script, nothing fetched. -->
<xsl:stylesheet version="1.0"
	xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" indent="yes"
	doctype-system="about:legacy-compat"/>

<xsl:template match="/bundle">
<html lang="en">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Your data</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem;
	margin: 0 auto; padding: 1rem; }
h1 { margin-bottom: 0; }
h2 { margin-top: 2.5rem; border-bottom: 2px solid; }
section.item { border-left: 3px solid #7a7a7a; padding-left: 1rem;
	margin: 1rem 0; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr;
	gap: .2rem 1rem; margin: .5rem 0; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
dt.wide { grid-column: 1 / -1; }
dd.wide { grid-column: 1 / -1; padding-left: 1rem; white-space: normal; }
ul { margin: 0; padding-left: 1.2rem; white-space: normal; }
h3 { margin-bottom: 0; }
.about { margin: 0 0 .5rem; font-size: .9rem; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0;
	border-bottom: 1px solid #7a7a7a; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
@media (max-width: 40rem) { dl { display: block; } }
@media print { section.item { break-inside: avoid; } }
</style>
</head>
<body>
<main>
<h1>Your data</h1>
<p>This is what
<xsl:value-of select="member[@name='controller']"/>
holds about you, as of
<xsl:value-of select="translate(substring(member[@name='made_at'], 1, 16),
	'T', ' ')"/> UTC.
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
<xsl:when test="@name='navigation'"><xsl:call-template name="visits"/></xsl:when>
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
<xsl:variable name="words" select="translate(@name, '_', ' ')"/>
<xsl:value-of select="concat(translate(substring($words, 1, 1),
	'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
	substring($words, 2))"/>
</xsl:template>

<!-- One category of data: its rules in a line, then its records. -->
<xsl:template name="category">
<h3><xsl:value-of select="member[@name='title']"/></h3>
<p class="about">Legal basis:
<xsl:value-of select="member[@name='legal_basis']"/>. Kept for
<xsl:value-of select="member[@name='kept_for']"/> from
<xsl:value-of select="translate(member[@name='counted_from'], '_', ' ')"/>.
<xsl:value-of select="member[@name='clause']"/></p>
<xsl:for-each select="member[@name='records']/item">
<section class="item">
<xsl:for-each select="member[@name='data']">
<xsl:call-template name="pairs"/>
</xsl:for-each>
<p class="about">
<xsl:for-each select="member[@name!='data']">
<xsl:if test="position() != 1">; </xsl:if>
<xsl:value-of select="translate(@name, '_', ' ')"/>
<xsl:text> </xsl:text><xsl:value-of select="."/>
</xsl:for-each>
</p>
</section>
</xsl:for-each>
</xsl:template>

<xsl:template name="visits">
<div class="scroll"><table>
<caption>Pages that you visited</caption>
<tr><th scope="col">When</th><th scope="col">Page</th>
<th scope="col">Action</th><th scope="col">Link</th>
<th scope="col">Came from</th><th scope="col">IP address</th>
<th scope="col">Browser</th><th scope="col">Language</th></tr>
<xsl:for-each select="item/member[@name='events']/item">
<tr><td><xsl:value-of select="member[@name='at']"/></td>
<td><xsl:value-of select="member[@name='page']"/></td>
<td><xsl:value-of select="member[@name='action']"/></td>
<td><xsl:value-of select="member[@name='link']"/></td>
<td><xsl:value-of select="member[@name='referrer']"/></td>
<td><xsl:value-of select="member[@name='ip']"/></td>
<td><xsl:value-of select="member[@name='user_agent']"/></td>
<td><xsl:value-of select="member[@name='language']"/></td></tr>
</xsl:for-each>
</table></div>
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
<section class="item"><xsl:call-template name="content"/></section>
</xsl:for-each>
</xsl:when>
<xsl:when test="@kind='list'">
<ul><xsl:for-each select="item">
<li><xsl:call-template name="content"/></li>
</xsl:for-each></ul>
</xsl:when>
<xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
</xsl:choose>
</xsl:template>
</xsl:stylesheet>
