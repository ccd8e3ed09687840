/*
 * Values to a page. The stylesheet is compiled in (bundle.xslt); parsing it
 * reads no file and no network.
 */
#include "request/page.h"

#include <inttypes.h>
#include <libxml/parser.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bundle_xslt.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
library_open(void)
{
	xmlInitParser();
}

static const xmlChar *
xml(const char *s)
{
	return (const xmlChar *)s;
}

/* What XML 1.0 cannot hold is shown as U+FFFD. */
static char *
text_clean(const char *s, size_t n)
{
	char *out = malloc(3 * n + 1);
	size_t k = 0;

	for (size_t i = 0; out != NULL && i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		bool bad = c < 0x20 && c != '\t' && c != '\n' && c != '\r';

		/* U+FFFE and U+FFFF. */
		if (c == 0xef && i + 2 < n &&
		    (unsigned char)s[i + 1] == 0xbf &&
		    (unsigned char)s[i + 2] >= 0xbe) {
			bad = true;
			i += 2;
		}
		if (bad) {
			memcpy(out + k, "\xef\xbf\xbd", 3);
			k += 3;
		} else {
			out[k++] = s[i];
		}
	}
	if (out != NULL) {
		out[k] = '\0';
	}
	return out;
}

static int
text_add(xmlNode *to, const char *s, size_t n)
{
	char *clean = text_clean(s, n);
	xmlNode *text = clean == NULL ? NULL : xmlNewText(xml(clean));

	if (clean != NULL) {
		memset(clean, 0, strlen(clean));
	}
	free(clean);
	if (text == NULL || xmlAddChild(to, text) == NULL) {
		xmlFreeNode(text);
		return ERR_NOMEM;
	}
	return 0;
}

static int value_add_to(xmlNode *to, const struct value *v);

static int
children_add(xmlNode *to, const struct value *v, const char *element)
{
	int rc = 0;

	for (size_t i = 0; i < v->of.n && rc == 0; i++) {
		const struct member *m = &v->of.items[i];
		xmlNode *child = xmlNewChild(to, NULL, xml(element), NULL);

		if (child == NULL) {
			return ERR_NOMEM;
		}
		if (m->name != NULL) {
			char *clean = text_clean(m->name, strlen(m->name));

			if (clean == NULL ||
			    xmlNewProp(child, xml("name"), xml(clean)) ==
				    NULL) {
				rc = ERR_NOMEM;
			}
			free(clean);
		}
		if (rc == 0) {
			rc = value_add_to(child, &m->value);
		}
	}
	return rc;
}

static int
value_add_to(xmlNode *to, const struct value *v)
{
	static const char *const kinds[] = {"none", "truth",  "number", "number",
					    "text", "list", "object"};
	char number[40] = "";
	const char *s = number;
	size_t n;

	if (xmlNewProp(to, xml("kind"), xml(kinds[v->kind])) == NULL) {
		return ERR_NOMEM;
	}
	switch (v->kind) {
	case VALUE_NULL:
		return 0;
	case VALUE_BOOL:
		s = v->truth ? "yes" : "no";
		break;
	case VALUE_INT:
		(void)snprintf(number, sizeof(number), "%" PRId64, v->number);
		break;
	case VALUE_REAL:
		(void)snprintf(number, sizeof(number), "%.15g", v->real);
		break;
	case VALUE_TEXT:
		return text_add(to, v->text.s, v->text.n);
	case VALUE_LIST:
		return children_add(to, v, "item");
	case VALUE_OBJECT:
		return children_add(to, v, "member");
	}
	n = strlen(s);
	return text_add(to, s, n);
}

static int
document_make(const struct value *data, xmlDoc **out)
{
	xmlDoc *doc = xmlNewDoc(xml("1.0"));
	xmlNode *root = doc == NULL ? NULL
				    : xmlNewNode(NULL, xml("bundle"));
	int rc;

	if (root == NULL) {
		xmlFreeDoc(doc);
		return err_set(ERR_NOMEM, "no memory for a page");
	}
	xmlDocSetRootElement(doc, root);
	rc = value_add_to(root, data);
	if (rc != 0) {
		xmlFreeDoc(doc);
		return err_set(rc, "no memory for a page");
	}
	*out = doc;
	return 0;
}

static xsltStylesheet *
stylesheet_open(void)
{
	xmlDoc *doc = xmlReadMemory((const char *)bundle_xslt,
				    (int)sizeof(bundle_xslt), "bundle.xslt",
				    NULL, XML_PARSE_NONET);
	xsltStylesheet *sheet = doc == NULL ? NULL
					    : xsltParseStylesheetDoc(doc);

	/* The sheet owns the document from then on. */
	if (sheet == NULL) {
		xmlFreeDoc(doc);
	}
	return sheet;
}

static int
html_put(xsltStylesheet *sheet, xmlDoc *page, struct buf *to)
{
	xmlChar *text = NULL;
	int n = 0;
	int rc = 0;

	if (page == NULL || xsltSaveResultToString(&text, &n, page, sheet) != 0 ||
	    text == NULL) {
		return err_set(ERR_NOMEM, "the page could not be made");
	}
	rc = buf_put(to, text, (size_t)n);
	memset(text, 0, (size_t)n);
	xmlFree(text);
	return rc;
}

int
page_make(const struct value *data, struct buf *to)
{
	xsltStylesheet *sheet;
	xmlDoc *page = NULL;
	xmlDoc *doc;
	int rc;

	(void)pthread_once(&once, library_open);
	rc = document_make(data, &doc);
	if (rc != 0) {
		return rc;
	}
	sheet = stylesheet_open();
	if (sheet == NULL) {
		rc = err_set(ERR_INTERNAL, "the stylesheet does not parse");
	} else {
		page = xsltApplyStylesheet(sheet, doc, NULL);
		rc = html_put(sheet, page, to);
	}
	xmlFreeDoc(page);
	if (sheet != NULL) {
		xsltFreeStylesheet(sheet);
	}
	xmlFreeDoc(doc);
	return rc;
}
