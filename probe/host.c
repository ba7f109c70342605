/*
 * probe/host.c - who sends the events: sensor, host, container, image.
 */
#include "probe/host.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "probe/text.h"

enum { SHA_LEN = 64, PROC_TEXT_MAX = 1 << 20 };

/* First the more telling words: "cri-containerd" is not Docker's. */
static const struct {
	const char *word, *runtime;
} runtimes[] = {
	{ "containerd", "CONTAINERD" },
	{ "crio", "CRIO" },
	{ "docker", "DOCKER" },
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

void probe_uuid_text(const unsigned char random[16], char out[PROBE_UUID_MAX])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	char *p = out;

	memcpy(b, random, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[b[i] >> 4];
		*p++ = hex[b[i] & 15];
	}
	*p = '\0';
}

static bool contains(struct slice s, const char *word)
{
	return memmem(s.p, s.len, word, strlen(word)) != NULL;
}

bool probe_host_find_sha(struct slice line, char sha[PROBE_SHA_MAX],
			 const char **runtime)
{
	size_t run = 0;

	for (size_t i = 0; i <= line.len; i++) {
		if (i < line.len && is_hex(line.p[i])) {
			run++;
			continue;
		}
		if (run != SHA_LEN) {
			run = 0;
			continue;
		}
		memcpy(sha, line.p + i - SHA_LEN, SHA_LEN);
		sha[SHA_LEN] = '\0';
		for (size_t k = 0; k < sizeof(runtimes) / sizeof(runtimes[0]);
		     k++) {
			if (!contains(line, runtimes[k].word))
				continue;
			*runtime = runtimes[k].runtime;
			break;
		}
		return true;
	}
	return false;
}

/* The first line of the file that names a container; of those with `must`. */
static void find_in(const char *file, const char *must, struct probe_host *h)
{
	struct buf text;
	struct slice rest;

	buf_init(&text, PROC_TEXT_MAX);
	if (file_read(file, &text, NULL) < 0)
		buf_reset(&text); /* then there is no container to be seen */
	rest = buf_slice(&text);
	while (rest.len > 0) {
		const char *lf = memchr(rest.p, '\n', rest.len);
		size_t n = lf ? (size_t)(lf - rest.p) : rest.len;
		struct slice line = slice_of(rest.p, n);

		if ((!must || contains(line, must)) &&
		    probe_host_find_sha(line, h->container_sha, &h->runtime))
			break;
		n += lf != NULL;
		rest = slice_of(rest.p + n, rest.len - n);
	}
	buf_release(&text);
}

static int take_sha(struct probe_host *h, const char *sha, struct err *err)
{
	size_t n = strspn(sha, "0123456789abcdef");

	if (n != SHA_LEN || sha[n] != '\0')
		return err_set(err, ERR_USAGE,
			       "container id \"%s\" is not 64 hex digits", sha);
	memcpy(h->container_sha, sha, SHA_LEN + 1);
	return 0;
}

int probe_host_init(struct probe_host *h, const struct probe_labels *labels,
		    struct err *err)
{
	unsigned char random[16];

	*h = (struct probe_host){ .runtime = "UNKNOWN" };
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_errno(err, ERR_IO, errno, "no random numbers");
	probe_uuid_text(random, h->sensor_uuid);
	if (gethostname(h->name, sizeof(h->name) - 1) != 0)
		h->name[0] = '\0';
	/* A container's own files are mounted from a directory of its name,
	 * also where a cgroup namespace hides the path. */
	find_in("/proc/self/cgroup", NULL, h);
	if (!h->container_sha[0])
		find_in("/proc/self/mountinfo", " /etc/hostname ", h);
	if (labels->container_sha)
		return take_sha(h, labels->container_sha, err);
	return 0;
}

const char *probe_host_key(const struct probe_host *h)
{
	return h->container_sha[0] ? h->container_sha : h->sensor_uuid;
}

static void put_part(struct json_writer *w, const char *key, struct slice value)
{
	if (value.len == 0)
		return;
	json_key(w, key);
	probe_text_json(w, value);
}

/* registry:5000/repo/name:tag@sha256:..., of which all but the name may lack. */
static void put_image(struct json_writer *w, const char *image)
{
	size_t n = strcspn(image, "@");
	struct slice digest = { NULL, 0 }, tag = { NULL, 0 };
	size_t colon = n;

	if (image[n] == '@')
		digest = slice_str(image + n + 1);
	while (colon > 0 && image[colon - 1] != ':' && image[colon - 1] != '/')
		colon--;
	if (colon > 0 && image[colon - 1] == ':') {
		tag = slice_of(image + colon, n - colon);
		n = colon - 1;
	}
	put_part(w, "imageName", slice_of(image, n));
	put_part(w, "imageTag", tag);
	put_part(w, "imageDigest", digest);
}

void probe_host_members(const struct probe_host *h,
			const struct probe_labels *labels, struct buf *out)
{
	struct json_writer w;
	struct buf whole;

	buf_init(&whole, out->max);
	json_init(&w, &whole);
	json_object_begin(&w);
	put_part(&w, "containerSha", slice_str(h->container_sha));
	put_part(&w, "containerName", slice_str(labels->container_name));
	put_part(&w, "containerRuntime", slice_str(h->runtime));
	if (labels->image)
		put_image(&w, labels->image);
	put_part(&w, "hostName", slice_str(h->name));
	if (whole.error)
		out->error = whole.error;
	else
		buf_put(out, whole.p + 1, whole.len - 1);
	buf_release(&whole);
}
