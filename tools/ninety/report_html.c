/*
 * Reports as one page: the answer becomes an XML tree, a stylesheet that is
 * compiled in (report_page.xslt, and what it includes) makes HTML and SVG of it. What came from
 * outside is text in the tree and stays text.
 */
#include <inttypes.h>
#include <libxml/parser.h>
#include <libxslt/documents.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "report_xslt.h"

#define PAGE_ITEMS_MAX 1000 /* of one list; a page of more helps nobody */

static const xmlChar *
xml(const char *s)
{
	return (const xmlChar *)s;
}

/* A control character has no place in XML 1.0. */
static char *
text_clean(const char *s)
{
	char *out = strdup(s);

	for (char *p = out; p != NULL && *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20) {
			*p = ' ';
		}
	}
	return out;
}

static int tree_add(const struct report *r, xmlNodePtr parent, const char *name,
		    const struct value *v);

static int
tree_add_members(const struct report *r, xmlNodePtr node,
		 const struct value *v)
{
	size_t max = v->kind == VALUE_LIST && v->of.n > PAGE_ITEMS_MAX
			     ? PAGE_ITEMS_MAX
			     : v->of.n;
	int rc = 0;

	for (size_t i = 0; i < max && rc == 0; i++) {
		const struct member *m = &v->of.items[i];

		rc = tree_add(r, node, v->kind == VALUE_LIST ? "item" : m->name,
			      &m->value);
	}
	return rc;
}

/* A moment says its date as people read it. */
static bool
is_moment(const char *name)
{
	size_t n = strlen(name);

	return n > 3 && strcmp(name + n - 3, "_at") == 0;
}

static int
tree_add(const struct report *r, xmlNodePtr parent, const char *name,
	 const struct value *v)
{
	char date[DATE_TEXT_BYTES];
	char number[24];
	xmlNodePtr node;
	char *clean;

	if (v->kind == VALUE_LIST || v->kind == VALUE_OBJECT) {
		node = xmlNewChild(parent, NULL, xml(name), NULL);
		if (node != NULL && v->kind == VALUE_LIST) {
			(void)snprintf(number, sizeof(number), "%zu", v->of.n);
			(void)xmlNewProp(node, xml("count"), xml(number));
		}
		return node == NULL ? EX_OSERR : tree_add_members(r, node, v);
	}
	clean = text_clean(report_cell(v, number));
	if (clean == NULL) {
		return EX_OSERR;
	}
	node = xmlNewTextChild(parent, NULL, xml(name), xml(clean));
	free(clean);
	if (node != NULL && v->kind == VALUE_TEXT && is_moment(name)) {
		(void)xmlNewProp(node, xml("date"),
				 xml(report_date(r, v->text.s, date)));
	}
	return node == NULL ? EX_OSERR : 0;
}

static xmlDocPtr
tree_make(const struct report *r)
{
	xmlDocPtr doc = xmlNewDoc(xml("1.0"));
	xmlNodePtr root = xmlNewNode(NULL, xml("page"));
	int rc;

	if (doc == NULL || root == NULL) {
		xmlFreeDoc(doc);
		xmlFreeNode(root);
		return NULL;
	}
	(void)xmlDocSetRootElement(doc, root);
	(void)xmlNewProp(root, xml("kind"), xml(r->kind));
	(void)xmlNewProp(root, xml("zone"),
			 xml(r->zone == NULL ? "UTC" : zone_name(r->zone)));
	if (r->part != NULL) {
		(void)xmlNewProp(root, xml("part"), xml(r->part));
	}
	rc = tree_add(r, root, r->kind, r->answer);
	if (rc == 0 && r->requests != NULL) {
		rc = tree_add(r, root, "requests", r->requests);
	}
	if (rc != 0) {
		xmlFreeDoc(doc);
		return NULL;
	}
	return doc;
}

/* A part of the stylesheet, from memory: no file is read, whatever is asked
 * for. Its names lie in the dictionary of the whole. */
static xmlDocPtr
sheet_load(const xmlChar *name, xmlDictPtr names, int options, void *ctx,
	   xsltLoadType type)
{
	xmlParserCtxtPtr parser = NULL;
	xmlDocPtr doc = NULL;

	(void)ctx;
	(void)type;
	for (size_t i = 0; i < sizeof(sheets) / sizeof(*sheets); i++) {
		if (strcmp(sheets[i].name, (const char *)name) != 0) {
			continue;
		}
		parser = xmlNewParserCtxt();
		if (parser != NULL && names != NULL) {
			xmlDictFree(parser->dict);
			parser->dict = names;
			(void)xmlDictReference(names);
		}
		if (parser != NULL) {
			doc = xmlCtxtReadMemory(
				parser, (const char *)sheets[i].bytes,
				(int)sheets[i].n, sheets[i].name, NULL,
				(options & XML_PARSE_NOCDATA) |
					XML_PARSE_NONET);
		}
		xmlFreeParserCtxt(parser);
	}
	return doc;
}

static xsltStylesheetPtr
sheet_open(void)
{
	xsltStylesheetPtr sheet;
	xmlDocPtr doc;

	xsltSetLoaderFunc(sheet_load);
	doc = sheet_load(xml("report_page.xslt"), NULL, 0, NULL,
			 XSLT_LOAD_START);
	sheet = doc == NULL ? NULL : xsltParseStylesheetDoc(doc);
	if (sheet == NULL) {
		xmlFreeDoc(doc);
	}
	return sheet;
}

int
report_html(const struct report *r, FILE *to)
{
	xmlDocPtr tree = tree_make(r);
	xsltStylesheetPtr sheet = sheet_open();
	xmlDocPtr page = tree == NULL || sheet == NULL
				 ? NULL
				 : xsltApplyStylesheet(sheet, tree, NULL);
	int rc = page == NULL ? say(EX_SOFTWARE, "the page cannot be made") : 0;

	if (rc == 0 && xsltSaveResultToFile(to, page, sheet) < 0) {
		rc = say(EX_IOERR, "the page cannot be written");
	}
	xmlFreeDoc(page);
	xsltFreeStylesheet(sheet);
	xmlFreeDoc(tree);
	return rc;
}
