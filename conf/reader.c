/* SPDX-License-Identifier: MIT */
#include "conf/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    StoxDocument *document;
    GPtrArray *findings;
    StoxPlace place;  /* of the current line */
    StoxGroup *group; /* NULL before the first header */
    bool skip; /* the header was not understood: its entries would only give follow-up errors */
} Reader;

static void problem(Reader *reader, const char *text)
{
    stox_findings_add(reader->findings, STOX_FINDING_ERROR, reader->place, "%s", text);
}

static bool is_word(const char *text, const char *more)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if (!g_ascii_isalnum(*text) && !strchr(more, *text))
            return false;
    return true;
}

/* "domain   contoso.example" -> kind and name; name NULL when there is none. */
static void split_header(char *inside, char **ret_kind, char **ret_name)
{
    char *end = inside + strcspn(inside, " \t");

    *ret_kind = inside;
    *ret_name = NULL;
    if (*end) {
        *end = '\0';
        *ret_name = g_strchug(end + 1);
    }
}

static void open_group(Reader *reader, char *inside)
{
    g_autofree char *header = NULL;
    g_autofree char *first = NULL;
    StoxGroup *known;
    char *kind, *name;

    split_header(inside, &kind, &name);
    header = g_strdup_printf("%s %s", kind, name ? name : "");
    known = g_hash_table_lookup(reader->document->by_header, header);
    if (known) {
        first = stox_place_text(known->place);
        stox_findings_add(reader->findings, STOX_FINDING_ERROR, reader->place,
                          "group [%s%s%s] was already opened at %s; a group is written once, with "
                          "all its keys",
                          kind, name ? " " : "", name ? name : "", first);
        return;
    }
    reader->group = stox_document_add_group(reader->document, kind, name, reader->place);
    reader->skip = false;
    g_hash_table_insert(reader->document->by_header, g_steal_pointer(&header), reader->group);
}

static void read_header(Reader *reader, char *line)
{
    char *inside = line + 1;
    char *end = strchr(inside, ']');

    reader->skip = true;
    if (!end) {
        problem(reader, "the group has no closing ]");
        return;
    }
    if (end[1]) {
        problem(reader, strchr("#; \t", end[1])
                            ? "there is text behind ]; comments stand on lines of their own"
                            : "there is text behind ]");
        return;
    }
    *end = '\0';
    g_strstrip(inside);
    if (!*inside) {
        problem(reader, "the group has no name between [ and ]");
        return;
    }
    if (strchr(inside, '[')) {
        problem(reader, "a group name cannot contain [");
        return;
    }
    open_group(reader, inside);
}

/* The escapes of the key file format. In place. False: one that it does not know. */
static bool unescape(char *value)
{
    char *to = value;

    for (const char *from = value; *from; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        switch (*++from) {
        case 's':
            *to++ = ' ';
            break;
        case 't':
            *to++ = '\t';
            break;
        case 'n':
            *to++ = '\n';
            break;
        case 'r':
            *to++ = '\r';
            break;
        case '\\':
            *to++ = '\\';
            break;
        default:
            return false;
        }
    }
    *to = '\0';
    return true;
}

static void add_entry(Reader *reader, const char *key, char *value)
{
    const StoxEntry *known = stox_group_entry(reader->group, key);
    bool good = false;

    if (known) {
        g_autofree char *first = stox_place_text(known->place);

        stox_findings_add(reader->findings, STOX_FINDING_ERROR, reader->place,
                          "key %s was already given at %s; a key is given once", key, first);
        return;
    }
    if (*value == '#' || strstr(value, " #") || strstr(value, "\t#")) {
        stox_findings_add(reader->findings, STOX_FINDING_ERROR, reader->place,
                          "the value of %s contains a blank and #: comments stand on lines of "
                          "their own, so move it to the line above",
                          key);
    } else if (!unescape(value)) {
        stox_findings_add(reader->findings, STOX_FINDING_ERROR, reader->place,
                          "the value of %s contains a \\ that starts none of \\s \\t \\n \\r "
                          "\\\\; write \\\\ for one backslash (lines cannot be continued)",
                          key);
    } else {
        good = true;
    }
    stox_group_set(reader->group, key, value, reader->place);
    stox_group_entry(reader->group, key)->bad = !good;
}

static void read_entry(Reader *reader, char *line)
{
    char *equals = strchr(line, '=');

    if (!equals) {
        problem(reader, "this is neither \"key = value\" nor \"[group]\" nor a comment");
        return;
    }
    *equals = '\0';
    g_strchomp(line);
    if (!is_word(line, "-_.")) {
        problem(reader, "the part before = is not a key: keys are made of letters, digits and -");
        return;
    }
    if (!reader->group && !reader->skip) {
        stox_findings_add(reader->findings, STOX_FINDING_ERROR, reader->place,
                          "key %s stands before the first [group]", line);
        return;
    }
    if (!reader->skip)
        add_entry(reader, line, g_strchug(equals + 1));
}

/* `line` is writable and holds no line end. */
static void read_line(Reader *reader, char *line, size_t length)
{
    if (length > STOX_READER_LINE_MAX) {
        stox_findings_add(reader->findings, STOX_FINDING_ERROR, reader->place,
                          "the line is longer than %d bytes", STOX_READER_LINE_MAX);
        return;
    }
    if (!g_utf8_validate(line, (gssize) length, NULL)) {
        problem(reader, "the line is not UTF-8 text; save the file as UTF-8");
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if (g_ascii_iscntrl(line[i]) && line[i] != '\t') {
            problem(reader, "the line contains a control character");
            return;
        }
    }
    g_strstrip(line);
    if (!*line || *line == '#' || *line == ';')
        return;
    if (*line == '[')
        read_header(reader, line);
    else
        read_entry(reader, line);
}

/* A file in another encoding, or not a text at all: one finding in place of one for each line. */
static bool is_text(Reader *reader, const char *text, size_t length)
{
    const char *nul = length > 0 ? memchr(text, '\0', length) : NULL;

    if (length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        problem(reader, "the file is UTF-16; save it as UTF-8");
        return false;
    }
    if (!nul)
        return true;
    reader->place.line = 1;
    for (const char *p = text; p < nul; p++)
        if (*p == '\n')
            reader->place.line++;
    problem(reader, "the file contains a NUL byte: it is not a text file");
    return false;
}

void stox_reader_text(StoxDocument *document, const char *file, const char *text, size_t length,
                      GPtrArray *findings)
{
    Reader reader = {.document = document, .findings = findings};
    const char *end = text + length;

    reader.place.file = g_string_chunk_insert_const(document->strings, file);
    if (length > STOX_READER_FILE_MAX) {
        stox_findings_add(findings, STOX_FINDING_ERROR, reader.place,
                          "the file is larger than %d bytes", STOX_READER_FILE_MAX);
        return;
    }
    if (!is_text(&reader, text, length))
        return;
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text < end && !stox_findings_full(findings)) {
        const char *stop = memchr(text, '\n', (size_t) (end - text));
        size_t n = (size_t) ((stop ? stop : end) - text);
        g_autofree char *line = NULL;

        reader.place.line++;
        if (stop && n > 0 && text[n - 1] == '\r')
            n--;
        line = g_strndup(text, n);
        read_line(&reader, line, n);
        text = stop ? stop + 1 : end;
    }
}

int stox_reader_open(const char *path, struct stat *ret_about, char **ret_why)
{
    struct stat about;
    int fd = -1;

    /* Looked at before it is opened: opening a device can have effects, opening a FIFO waits. */
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
        *ret_why = g_strdup_printf("%s is not a regular file", path);
        return -1;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &about) < 0) {
        *ret_why = g_strdup_printf("%s cannot be opened: %s", path, g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (ret_about)
        *ret_about = about;
    return fd;
}

char *stox_reader_bytes(const char *path, size_t max, size_t *ret_length, char **ret_why)
{
    int fd = stox_reader_open(path, NULL, ret_why);
    g_autofree char *bytes = NULL;
    size_t used = 0;
    ssize_t n = 0;

    if (fd < 0)
        return NULL;
    bytes = g_malloc(max + 2);
    while (used <= max && (n = TEMP_FAILURE_RETRY(read(fd, bytes + used, max + 1 - used))) > 0)
        used += (size_t) n;
    if (n < 0)
        *ret_why = g_strdup_printf("%s cannot be read: %s", path, g_strerror(errno));
    else if (used > max)
        *ret_why = g_strdup_printf("%s is larger than %zu bytes", path, max);
    close(fd);
    if (n < 0 || used > max)
        return NULL;
    bytes[used] = '\0';
    *ret_length = used;
    return g_steal_pointer(&bytes);
}

void stox_reader_file(StoxDocument *document, const char *path, GPtrArray *findings)
{
    StoxPlace place = {.file = g_string_chunk_insert_const(document->strings, path)};
    g_autofree char *text = NULL;
    g_autofree char *why = NULL;
    size_t length;

    text = stox_reader_bytes(path, STOX_READER_FILE_MAX, &length, &why);
    if (!text)
        stox_findings_add(findings, STOX_FINDING_ERROR, place, "%s", why);
    else
        stox_reader_text(document, path, text, length, findings);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

void stox_reader_directory(StoxDocument *document, const char *path, GPtrArray *findings)
{
    StoxPlace place = {.file = g_string_chunk_insert_const(document->strings, path)};
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) directory = g_dir_open(path, 0, &error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!directory) {
        if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            stox_findings_add(findings, STOX_FINDING_ERROR, place, "%s", error->message);
        return;
    }
    while ((name = g_dir_read_name(directory)))
        if (*name != '.' && g_str_has_suffix(name, ".conf"))
            g_ptr_array_add(names, g_build_filename(path, name, NULL));
    if (names->len > STOX_READER_FILES_MAX) {
        stox_findings_add(findings, STOX_FINDING_ERROR, place,
                          "the directory holds more than %d *.conf files", STOX_READER_FILES_MAX);
        return;
    }
    g_ptr_array_sort(names, compare_names);
    for (unsigned i = 0; i < names->len && !stox_findings_full(findings); i++)
        stox_reader_file(document, names->pdata[i], findings);
}
