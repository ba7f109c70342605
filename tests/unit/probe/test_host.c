/*
 * tests/unit/probe/test_host.c - who sends the events.
 */
#include "tests/test.h"

#include "base/compiler.h"
#include "probe/host.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_host__finds_a_container_in_a_line(void **state)
{
	static const struct {
		const char *line, *sha, *runtime;
	} rows[] = {
		{ "0::/docker/" SHA, SHA, "DOCKER" },
		{ "0::/system.slice/docker-" SHA ".scope", SHA, "DOCKER" },
		{ "0::/kubepods.slice/cri-containerd-" SHA ".scope", SHA,
		  "CONTAINERD" },
		{ "0::/kubepods/besteffort/pod12/crio-" SHA, SHA, "CRIO" },
		{ "0::/libpod-" SHA, SHA, NULL },
		{ "1 2 3 /var/lib/docker/containers/" SHA
		  "/hostname /etc/hostname rw",
		  SHA, "DOCKER" },
		{ "0::/", NULL, NULL },
		{ "0::/docker/" SHA "0", NULL, NULL },
		{ "0::/docker/0123456789abcdef", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char sha[PROBE_SHA_MAX] = "";
		const char *runtime = NULL;

		test_row("%s", rows[i].line);
		assert_int_equal(probe_host_find_sha(slice_str(rows[i].line),
						     sha, &runtime),
				 rows[i].sha != NULL);
		if (rows[i].sha)
			assert_string_equal(sha, rows[i].sha);
		if (rows[i].runtime)
			assert_string_equal(runtime, rows[i].runtime);
		else
			assert_null(runtime);
	}
}

static void test_host__takes_an_image_name_apart(void **state)
{
	static const struct {
		const char *image, *members;
	} rows[] = {
		{ "nginx", "\"imageName\":\"nginx\"" },
		{ "nginx:1.2", "\"imageName\":\"nginx\",\"imageTag\":\"1.2\"" },
		{ "reg:5000/a/b", "\"imageName\":\"reg:5000/a/b\"" },
		{ "reg:5000/a/b:c@sha256:9",
		  "\"imageName\":\"reg:5000/a/b\",\"imageTag\":\"c\","
		  "\"imageDigest\":\"sha256:9\"" },
		{ "a@sha256:9",
		  "\"imageName\":\"a\",\"imageDigest\":\"sha256:9\"" },
	};
	struct probe_host h = { .runtime = "UNKNOWN" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe_labels labels = { .image = rows[i].image };
		char want[300];
		struct buf out;

		test_row("%s", rows[i].image);
		buf_init(&out, 1000);
		probe_host_members(&h, &labels, &out);
		snprintf(want, sizeof(want),
			 "\"containerRuntime\":\"UNKNOWN\",%s",
			 rows[i].members);
		assert_slice(out, want);
		buf_release(&out);
	}
}

static void test_host__refuses_a_bad_container_id(void **state)
{
	struct probe_labels labels = { .container_sha = "12ab" };
	struct err err = ERR_INIT;
	struct probe_host h;

	(void)state;
	assert_int_equal(probe_host_init(&h, &labels, &err), ERR_USAGE);
	assert_string_equal(err.message,
			    "container id \"12ab\" is not 64 hex digits");
	labels.container_sha = SHA;
	assert_int_equal(probe_host_init(&h, &labels, &err), 0);
	assert_string_equal(probe_host_key(&h), SHA);
	h.container_sha[0] = '\0';
	assert_string_equal(probe_host_key(&h), h.sensor_uuid);
}

static void test_host__makes_version_4_uuids(void **state)
{
	unsigned char random[16];
	char text[PROBE_UUID_MAX];

	(void)state;
	memset(random, 0xff, sizeof(random));
	probe_uuid_text(random, text);
	assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
	memset(random, 0, sizeof(random));
	probe_uuid_text(random, text);
	assert_string_equal(text, "00000000-0000-4000-8000-000000000000");
}

TEST_MAIN(TEST(test_host__finds_a_container_in_a_line),
	  TEST(test_host__takes_an_image_name_apart),
	  TEST(test_host__refuses_a_bad_container_id),
	  TEST(test_host__makes_version_4_uuids))
