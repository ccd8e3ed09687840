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
dd dl, dd ul { white-space: normal; }
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
<xsl:value-of select="member[@name='made_at']"/>.
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
<xsl:when test="@kind='object'"><xsl:call-template name="pairs"/></xsl:when>
<xsl:otherwise>
<xsl:for-each select="item">
<section class="item"><xsl:call-template name="content"/></section>
</xsl:for-each>
</xsl:otherwise>
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

<xsl:template name="pairs">
<dl>
<xsl:for-each select="member">
<dt><xsl:call-template name="title"/></dt>
<dd><xsl:call-template name="content"/></dd>
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
