/*
 * ingest/digest.c - SHA-256 by OpenSSL.
 */
#include "ingest/digest_int.h"

#include <openssl/evp.h>

#include "base/mem.h"

struct ingest_digest {
	EVP_MD_CTX *ctx;
};

static int failed(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "could not compute a SHA-256");
}

int ingest_digest_new(struct ingest_digest **out, struct err *err)
{
	struct ingest_digest *d = mem_calloc(1, sizeof(*d));

	if (!d)
		return err_nomem(err);
	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx) {
		ingest_digest_free(d);
		return err_nomem(err);
	}
	*out = d;
	return 0;
}

void ingest_digest_free(struct ingest_digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	mem_free(d);
}

int ingest_digest_start(struct ingest_digest *d, struct err *err)
{
	return EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) == 1 ? 0 : failed(err);
}

int ingest_digest_add(struct ingest_digest *d, struct slice bytes,
		      struct err *err)
{
	return EVP_DigestUpdate(d->ctx, bytes.p, bytes.len) == 1 ? 0 : failed(err);
}

int ingest_digest_end(struct ingest_digest *d, uint8_t out[INGEST_SHA256_LEN],
		      struct err *err)
{
	unsigned len = 0;

	return EVP_DigestFinal_ex(d->ctx, out, &len) == 1 ? 0 : failed(err);
}

int ingest_digest_of(struct slice bytes, uint8_t out[INGEST_SHA256_LEN],
		     struct err *err)
{
	struct ingest_digest *d;
	int ret = ingest_digest_new(&d, err);

	if (ret < 0)
		return ret;
	ret = ingest_digest_start(d, err);
	if (ret == 0)
		ret = ingest_digest_add(d, bytes, err);
	if (ret == 0)
		ret = ingest_digest_end(d, out, err);
	ingest_digest_free(d);
	return ret;
}
