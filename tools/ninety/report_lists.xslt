<?xml version="1.0" encoding="UTF-8"?>
<!-- Of report_page.xslt: the other reports, numbers and then lists as tables. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

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
