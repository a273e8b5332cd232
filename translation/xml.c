/* SPDX-License-Identifier: MIT */
#include "translation/xml-private.h"

#include <string.h>

const StoxXmlLimits stox_xml_limits_stanza = {
    .max_bytes = 256 * 1024,
    .max_depth = 64,
    .max_attrs = 64,
    .max_nodes = 4096,
    .max_text = 256 * 1024,
};

const StoxXmlLimits stox_xml_limits_document = {
    .max_bytes = 512 * 1024,
    .max_depth = 64,
    .max_attrs = 64,
    .max_nodes = 16384,
    .max_text = 512 * 1024,
};

GQuark stox_xml_error_quark(void)
{
    return g_quark_from_static_string("stox-xml-error");
}

/* ---- The arena: a tree is a few blocks, freed together ---- */

#define FIRST_BLOCK  2048 /* holds an ordinary message */
#define MAX_BLOCK    (64 * 1024)
#define TEXT_TO_KEEP (16 * 1024)
#define MAX_ADDRESS  3071 /* RFC 7622 s3.1: three parts of 1023 bytes */

typedef struct Block Block;
struct Block {
    Block *next;
    void *bytes[];
};

struct StoxXmlTree {
    StoxXmlNode *root;
    Block *blocks; /* behind the first one, which is `bytes` */
    char *at;
    size_t room;
    size_t block_size; /* of the next block */
    void *bytes[];
};

static const char *no_attrs[] = {NULL};

static StoxXmlTree *tree_new(void)
{
    StoxXmlTree *tree = g_malloc(FIRST_BLOCK);

    tree->root = NULL;
    tree->blocks = NULL;
    tree->at = (char *) tree->bytes;
    tree->room = FIRST_BLOCK - sizeof *tree;
    tree->block_size = 2 * FIRST_BLOCK;
    return tree;
}

void stox_xml_tree_free(StoxXmlTree *tree)
{
    if (!tree)
        return;
    for (Block *block = tree->blocks; block;) {
        Block *next = block->next;

        g_free(block);
        block = next;
    }
    g_free(tree);
}

StoxXmlNode *stox_xml_tree_root(StoxXmlTree *tree)
{
    return tree->root;
}

/* Room for `n` bytes, aligned for pointers. */
static void *tree_alloc(StoxXmlTree *tree, size_t n)
{
    void *result;

    n = (n + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
    if (n > tree->room) {
        size_t size = MAX(tree->block_size, n);
        Block *block = g_malloc(sizeof *block + size);

        block->next = tree->blocks;
        tree->blocks = block;
        tree->at = (char *) block->bytes;
        tree->room = size;
        tree->block_size = MIN(2 * tree->block_size, MAX_BLOCK);
    }
    result = tree->at;
    tree->at += n;
    tree->room -= n;
    return result;
}

static const char *tree_copy(StoxXmlTree *tree, const char *text, size_t n)
{
    char *copy;

    if (n == 0)
        return "";
    copy = tree_alloc(tree, n + 1);
    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

/* ---- The builder ---- */

void stox_xml_builder_init(StoxXmlBuilder *builder, const StoxXmlLimits *limits)
{
    *builder = (StoxXmlBuilder){.limits = *limits};
    builder->text = g_string_sized_new(256);
    builder->text_starts = g_new(size_t, limits->max_depth + 1);
}

void stox_xml_builder_clear(StoxXmlBuilder *builder)
{
    stox_xml_tree_free(builder->tree);
    g_string_free(builder->text, TRUE);
    g_free(builder->text_starts);
    *builder = (StoxXmlBuilder){.tree = NULL};
}

/* Splits "uri name"; most elements share their parent's namespace, so its copy is used again. */
static void set_name(StoxXmlBuilder *builder, StoxXmlNode *node, const char *name)
{
    const char *blank = strchr(name, ' ');
    size_t n = blank ? (size_t) (blank - name) : 0;
    const StoxXmlNode *parent = node->parent;

    if (parent && strncmp(parent->ns, name, n) == 0 && parent->ns[n] == '\0')
        node->ns = parent->ns;
    else
        node->ns = tree_copy(builder->tree, name, n);
    if (blank)
        name = blank + 1;
    node->name = tree_copy(builder->tree, name, strlen(name));
}

static void set_attrs(StoxXmlBuilder *builder, StoxXmlNode *node, const char **attrs, size_t n)
{
    if (n == 0) {
        node->attrs = no_attrs;
        return;
    }
    node->attrs = tree_alloc(builder->tree, (n + 1) * sizeof *node->attrs);
    for (size_t i = 0; i < n; i++)
        node->attrs[i] = tree_copy(builder->tree, attrs[i], strlen(attrs[i]));
    node->attrs[n] = NULL;
}

const char *stox_xml_builder_start(StoxXmlBuilder *builder, const char *name, const char **attrs)
{
    StoxXmlNode *node;
    size_t n = 0;

    for (; attrs[n]; n += 2)
        builder->text_bytes += strlen(attrs[n + 1]);
    if (n / 2 > builder->limits.max_attrs)
        return "too many attributes in one element";
    if (builder->text_bytes > builder->limits.max_text)
        return "too much text";
    if (builder->depth >= builder->limits.max_depth)
        return "elements too deeply nested";
    if (builder->nodes >= builder->limits.max_nodes)
        return "too many elements";

    if (!builder->tree)
        builder->tree = tree_new();
    node = tree_alloc(builder->tree, sizeof *node);
    *node = (StoxXmlNode){.parent = builder->open, .text = ""};
    if (builder->depth > 0)
        node->text_at = builder->text->len - builder->text_starts[builder->depth - 1];
    set_name(builder, node, name);
    set_attrs(builder, node, attrs, n);
    if (!builder->open)
        builder->tree->root = node;
    else if (builder->open->last_child)
        builder->open->last_child->next = node;
    else
        builder->open->first_child = node;
    if (builder->open)
        builder->open->last_child = node;
    builder->open = node;
    builder->text_starts[builder->depth++] = builder->text->len;
    builder->nodes++;
    return NULL;
}

const char *stox_xml_builder_text(StoxXmlBuilder *builder, const char *text, size_t n)
{
    builder->text_bytes += n;
    if (builder->text_bytes > builder->limits.max_text)
        return "too much text";
    g_string_append_len(builder->text, text, (gssize) n);
    return NULL;
}

/* The counts of one tree. */
static void reset(StoxXmlBuilder *builder)
{
    builder->nodes = 0;
    builder->text_bytes = 0;
    /* One huge stanza must not keep its memory for the life of the stream. */
    if (builder->text->allocated_len > TEXT_TO_KEEP) {
        g_string_free(builder->text, TRUE);
        builder->text = g_string_sized_new(256);
    }
}

StoxXmlTree *stox_xml_builder_end(StoxXmlBuilder *builder)
{
    StoxXmlTree *tree = builder->tree;
    size_t start = builder->text_starts[--builder->depth];

    builder->open->text = tree_copy(tree, builder->text->str + start, builder->text->len - start);
    g_string_truncate(builder->text, start);
    builder->open = builder->open->parent;
    if (builder->open)
        return NULL;

    builder->tree = NULL;
    reset(builder);
    return tree;
}

/* A tree of one element, with those attributes that a reply or a log line can need. */
static StoxXmlTree *make_head(const char *ns, size_t ns_length, const char *name,
                              const char **attrs)
{
    static const char *const common[] = {"from", "to", "id", "type", STOX_XML_LANG};
    StoxXmlTree *head = tree_new();
    StoxXmlNode *node = tree_alloc(head, sizeof *node);
    size_t length = strlen(name), n = 0;

    *node = (StoxXmlNode){.text = ""};
    node->ns = tree_copy(head, ns, ns_length <= MAX_ADDRESS ? ns_length : 0);
    node->name = tree_copy(head, name, length <= MAX_ADDRESS ? length : 0);
    node->attrs = tree_alloc(head, (2 * G_N_ELEMENTS(common) + 1) * sizeof *node->attrs);
    for (; *attrs; attrs += 2)
        for (size_t i = 0; i < G_N_ELEMENTS(common); i++)
            if (strcmp(*attrs, common[i]) == 0 && strlen(attrs[1]) <= MAX_ADDRESS) {
                node->attrs[n++] = common[i];
                node->attrs[n++] = tree_copy(head, attrs[1], strlen(attrs[1]));
            }
    node->attrs[n] = NULL;
    head->root = node;
    return head;
}

StoxXmlTree *stox_xml_builder_give_up(StoxXmlBuilder *builder, const char *name, const char **attrs)
{
    StoxXmlTree *head;

    if (builder->tree) {
        const StoxXmlNode *root = builder->tree->root;

        head = make_head(root->ns, strlen(root->ns), root->name, root->attrs);
        g_clear_pointer(&builder->tree, stox_xml_tree_free);
    } else {
        const char *blank = strchr(name, ' ');

        head =
            make_head(name, blank ? (size_t) (blank - name) : 0, blank ? blank + 1 : name, attrs);
    }
    builder->open = NULL;
    builder->depth = 0;
    g_string_truncate(builder->text, 0);
    reset(builder);
    return head;
}

/* ---- Lookups ---- */

const char *stox_xml_attr(const StoxXmlNode *node, const char *qualified_name)
{
    for (const char **attr = node->attrs; *attr; attr += 2)
        if (strcmp(*attr, qualified_name) == 0)
            return attr[1];
    return NULL;
}

bool stox_xml_is(const StoxXmlNode *node, const char *ns, const char *name)
{
    return strcmp(node->name, name) == 0 && (!ns || strcmp(node->ns, ns) == 0);
}

const StoxXmlNode *stox_xml_child(const StoxXmlNode *node, const char *ns, const char *name)
{
    for (const StoxXmlNode *child = node->first_child; child; child = child->next)
        if (stox_xml_is(child, ns, name))
            return child;
    return NULL;
}

const StoxXmlNode *stox_xml_next(const StoxXmlNode *sibling, const char *ns, const char *name)
{
    for (sibling = sibling->next; sibling; sibling = sibling->next)
        if (stox_xml_is(sibling, ns, name))
            return sibling;
    return NULL;
}
