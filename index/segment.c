/*
 * index/segment.c - opening a segment, and what its statistics part says.
 */
#include "index/segment_int.h"

#include "base/hash.h"
#include "base/mem.h"

const char *index_part_name(uint32_t kind)
{
	static const char *const names[PART_KINDS] = {
		[PART_PRESENT] = "presence",
		[PART_COUNTS] = "list lengths",
		[PART_VALUES] = "column",
		[PART_DICTIONARY] = "dictionary",
		[PART_FORMS] = "forms",
		[PART_NULLS] = "nulls",
		[PART_RAW] = "kept texts",
		[PART_TEMPLATES] = "templates",
		[PART_TEMPLATE_IDS] = "template ids",
		[PART_EXCEPTIONS] = "exceptions",
		[PART_SEQUENCE] = "sequence",
		[PART_DEAD] = "dead rows",
		[PART_HEAVY] = "heaviest values",
		[PART_RECEIVED] = "times received",
	};

	return kind < PART_KINDS && names[kind] ? names[kind] : "unknown part";
}

static int corrupt(const struct index_segment *seg, const char *what,
		   struct err *err)
{
	return err_set(err, ERR_CORRUPT,
		       "segment %llu: the statistics are damaged: %s",
		       (unsigned long long)seg->desc.segment, what);
}

int index_segment_corrupt(const struct index_segment *seg, uint16_t field,
			  enum index_part_kind kind, uint32_t block,
			  struct err *err)
{
	struct slice name = SLICE_LIT("the rows");

	if (field < seg->ds->nall)
		name = seg->ds->fields[field].name;
	else if (field >= PART_FIELD_OBJECT &&
		 field - PART_FIELD_OBJECT < (int)seg->ds->nobjects)
		name = seg->ds->objects[field - PART_FIELD_OBJECT].name;
	else if (field >= PART_FIELD_UNKNOWN && field != PART_FIELD_ROW)
		name = SLICE_LIT("an unknown key");
	return err_set(err, ERR_CORRUPT,
		       "segment %llu: %s of %.*s, block %u, is damaged",
		       (unsigned long long)seg->desc.segment,
		       index_part_name(kind), SLICE_ARG(name), block);
}

static int copy_maps(struct index_segment *seg, const field_id *map,
		     uint32_t nmap, const object_id *omap, uint32_t nomap)
{
	if (map) {
		seg->map = mem_alloc(nmap * sizeof(*map));
		if (!seg->map)
			return ERR_NO_MEMORY;
		if (nmap)
			memcpy(seg->map, map, nmap * sizeof(*map));
		seg->nmap = nmap;
	}
	if (omap) {
		seg->omap = mem_alloc(nomap * sizeof(*omap));
		if (!seg->omap)
			return ERR_NO_MEMORY;
		if (nomap)
			memcpy(seg->omap, omap, nomap * sizeof(*omap));
		seg->nomap = nomap;
	}
	return 0;
}

/* A fresh segment is one run, and its descriptor says all of it. */
static int read_runs(struct index_segment *seg, const char *p, uint32_t n,
		     struct err *err)
{
	uint32_t i, row = 0;

	seg->nruns = n ? n : 1;
	seg->runs = mem_calloc(seg->nruns, sizeof(*seg->runs));
	if (!seg->runs)
		return err_nomem(err);
	if (n == 0) {
		seg->runs[0] = (struct index_run){
			.rows = seg->desc.rows,
			.time_min = seg->desc.time_min,
			.time_max = seg->desc.time_max,
			.received = seg->desc.received_min,
		};
		return 0;
	}
	for (i = 0; i < n; i++, p += STATS_RUN) {
		struct index_run *r = &seg->runs[i];

		r->first = index_get32(p);
		r->rows = index_get32(p + 4);
		r->time_min = (int64_t)index_get64(p + 8);
		r->time_max = (int64_t)index_get64(p + 16);
		r->received = (int64_t)index_get64(p + 24);
		if (r->first != row || r->rows == 0 ||
		    r->rows > seg->desc.rows - row)
			return corrupt(seg,
				       "a run does not follow the one before",
				       err);
		row += r->rows;
	}
	return row == seg->desc.rows ? 0 :
				       corrupt(seg, "runs are missing", err);
}

static int read_stats(struct index_segment *seg, struct err *err)
{
	struct slice s;
	const char *p, *runs;
	uint32_t nruns;
	int ret = seg->source.get(seg->source.ctx, 0, &s, err);

	if (ret < 0)
		return ret;
	seg->packs[0] = s;
	if (crc32c(0, s.p, s.len) != seg->desc.stats_crc)
		return corrupt(seg, "the checksum differs", err);
	if (!index_take(&s, STATS_HEADER, &p) || index_get32(p) != STATS_MAGIC)
		return corrupt(seg, "no header", err);
	if (index_get32(p + 4) != INDEX_FORMAT_VERSION)
		return err_set(
			err, ERR_VERSION,
			"segment %llu has format %u, this program reads %d",
			(unsigned long long)seg->desc.segment,
			index_get32(p + 4), INDEX_FORMAT_VERSION);
	if (index_get32(p + 8) != seg->desc.rows ||
	    index_get32(p + 12) != seg->npacks)
		return corrupt(seg, "not those of this segment", err);
	seg->nparts = index_get32(p + 16);
	nruns = index_get32(p + 20);
	seg->nbounds = index_get32(p + 24);
	if (seg->nparts > s.len / STATS_PART ||
	    !index_take(&s, (size_t)seg->nparts * STATS_PART, &seg->parts) ||
	    nruns > s.len / STATS_RUN ||
	    !index_take(&s, (size_t)nruns * STATS_RUN, &runs) ||
	    seg->nbounds > s.len / STATS_BOUNDS ||
	    !index_take(&s, (size_t)seg->nbounds * STATS_BOUNDS,
			&seg->bounds) ||
	    index_get32(p + 28) != s.len)
		return corrupt(seg, "cut short", err);
	seg->bounds_bytes = s;
	return read_runs(seg, runs, nruns, err);
}

/* Rows that were re-sorted carry their sequence numbers. */
static int read_sequence(struct index_segment *seg, struct err *err)
{
	uint32_t i, n = index_segment_blocks(seg);
	struct slice part;
	int ret;

	for (i = 0; i < n; i++) {
		ret = index_segment_part(seg, PART_FIELD_ROW, PART_SEQUENCE, i,
					 &part, err);
		if (ret < 0)
			return ret;
		if (ret == 0 && i == 0)
			return 0;
		if (!seg->sequence) {
			seg->sequence = mem_calloc(n, sizeof(*seg->sequence));
			if (!seg->sequence)
				return err_nomem(err);
		}
		if (ret == 0 || !index_frame_open(&seg->sequence[i], &part) ||
		    seg->sequence[i].n != index_block_rows(seg, i))
			return index_segment_corrupt(seg, PART_FIELD_ROW,
						     PART_SEQUENCE, i, err);
	}
	return 0;
}

static int read_received(struct index_segment *seg, struct err *err)
{
	struct slice part;
	int ret = index_segment_part(seg, PART_FIELD_ROW, PART_RECEIVED, 0,
				     &part, err);

	if (ret <= 0)
		return ret;
	if (!index_frame_open(&seg->batches, &part) ||
	    !index_frame_open(&seg->received, &part) || !seg->batches.n ||
	    seg->batches.n != seg->received.n)
		return index_segment_corrupt(seg, PART_FIELD_ROW, PART_RECEIVED,
					     0, err);
	return 0;
}

int index_segment_open_packs(struct index_segment **out,
			     const struct dataset *ds, const field_id *map,
			     uint32_t nmap, const object_id *omap,
			     uint32_t nomap,
			     const struct index_descriptor *desc,
			     struct index_pack_source source, struct err *err)
{
	struct index_segment *seg;
	int ret = ERR_NO_MEMORY;

	if (desc->rows == 0 || desc->rows > LIMIT_SEGMENT_ROWS ||
	    desc->packs == 0 || desc->packs > desc->bytes)
		return err_set(err, ERR_CORRUPT,
			       "segment %llu: damaged descriptor",
			       (unsigned long long)desc->segment);
	seg = mem_calloc(1, sizeof(*seg));
	if (!seg)
		return err_nomem(err);
	seg->ds = ds;
	seg->desc = *desc;
	seg->source = source;
	seg->npacks = desc->packs;
	seg->packs = mem_calloc(seg->npacks, sizeof(*seg->packs));
	seg->cols = mem_calloc(ds->nall, sizeof(*seg->cols));
	seg->objs = mem_calloc(ds->nobjects, sizeof(*seg->objs));
	if (!seg->packs || !seg->cols || !seg->objs ||
	    copy_maps(seg, map, nmap, omap, nomap) < 0) {
		ret = err_nomem(err);
		goto out;
	}
	ret = read_stats(seg, err);
	if (ret == 0)
		ret = read_sequence(seg, err);
	if (ret == 0)
		ret = read_received(seg, err);
	if (ret < 0)
		goto out;
	*out = seg;
	seg = NULL;
out:
	index_segment_close(seg);
	return ret;
}

static void close_object(struct index_object *o)
{
	if (o)
		mem_free(o->blocks);
	mem_free(o);
}

void index_segment_close(struct index_segment *seg)
{
	uint32_t i;

	if (!seg)
		return;
	index_source_close(seg->sources);
	for (i = 0; seg->cols && i < seg->ds->nall; i++)
		index_column_close(seg->cols[i]);
	for (i = 0; seg->objs && i < seg->ds->nobjects; i++)
		close_object(seg->objs[i]);
	mem_free(seg->cols);
	mem_free(seg->objs);
	mem_free(seg->map);
	mem_free(seg->omap);
	mem_free(seg->packs);
	mem_free(seg->runs);
	mem_free(seg->sequence);
	mem_free(seg->sizes);
	mem_free(seg);
}

struct index_part_entry index_segment_part_at(const struct index_segment *seg,
					      uint32_t i)
{
	const char *p = seg->parts + (size_t)i * STATS_PART;

	return (struct index_part_entry){
		.field = index_get16(p),
		.block = index_get16(p + 2),
		.kind = index_get32(p + 4),
		.pack = index_get32(p + 8),
		.offset = index_get32(p + 12),
		.length = index_get32(p + 16),
		.crc = index_get32(p + 20),
	};
}

static uint64_t part_order(uint32_t field, uint32_t kind, uint32_t block)
{
	return (uint64_t)field << 48 | (uint64_t)(kind & UINT16_MAX) << 16 |
	       block;
}

int index_segment_part_bytes(struct index_segment *seg,
			     const struct index_part_entry *e,
			     struct slice *out, struct err *err)
{
	struct slice *pack;
	int ret;

	if (e->pack == 0 || e->pack >= seg->npacks)
		return corrupt(seg, "a part without a pack", err);
	pack = &seg->packs[e->pack];
	if (!pack->p) {
		ret = seg->source.get(seg->source.ctx, e->pack, pack, err);
		if (ret < 0)
			return ret;
	}
	if (e->offset > pack->len || e->length > pack->len - e->offset)
		return corrupt(seg, "a part outside its pack", err);
	*out = slice_of(pack->p + e->offset, e->length);
	return 1;
}

int index_segment_part(struct index_segment *seg, uint16_t field,
		       enum index_part_kind kind, uint32_t block,
		       struct slice *out, struct err *err)
{
	uint64_t want = part_order(field, kind, block);
	uint32_t lo = 0, hi = seg->nparts;
	struct index_part_entry e;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		e = index_segment_part_at(seg, mid);
		if (part_order(e.field, e.kind, e.block) < want)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == seg->nparts)
		return 0;
	e = index_segment_part_at(seg, lo);
	if (part_order(e.field, e.kind, e.block) != want)
		return 0;
	return index_segment_part_bytes(seg, &e, out, err);
}

const struct index_descriptor *
index_segment_descriptor(const struct index_segment *seg)
{
	return &seg->desc;
}

uint32_t index_segment_rows(const struct index_segment *seg)
{
	return seg->desc.rows;
}

int index_segment_runs(struct index_segment *seg, const struct index_run **runs,
		       uint32_t *n, struct err *err)
{
	(void)err;
	*runs = seg->runs;
	*n = seg->nruns;
	return 0;
}

uint64_t index_segment_sequence(const struct index_segment *seg, uint32_t row)
{
	if (!seg->sequence)
		return seg->desc.sequence + row;
	return seg->desc.sequence + row +
	       (uint64_t)index_frame_get(&seg->sequence[row / LIMIT_BLOCK_ROWS],
					 row % LIMIT_BLOCK_ROWS);
}

/* Rows [*from, *to) are those that may have the number: without gaps a run has
 * the numbers that its rows would have unsorted. */
static void sequence_rows(const struct index_segment *seg, uint64_t offset,
			  uint32_t *from, uint32_t *to)
{
	uint32_t i = seg->nruns - 1;

	*from = 0;
	*to = seg->desc.rows;
	if (seg->desc.sequence_end - seg->desc.sequence != seg->desc.rows)
		return;
	while (i > 0 && seg->runs[i].first > offset)
		i--;
	*from = seg->runs[i].first;
	*to = *from + seg->runs[i].rows;
}

bool index_segment_find_sequence(const struct index_segment *seg, uint64_t seq,
				 uint32_t *row)
{
	uint32_t i, to;

	if (seq < seg->desc.sequence)
		return false;
	if (!seg->sequence) {
		if (seq - seg->desc.sequence >= seg->desc.rows)
			return false;
		*row = (uint32_t)(seq - seg->desc.sequence);
		return true;
	}
	sequence_rows(seg, seq - seg->desc.sequence, &i, &to);
	for (; i < to; i++) {
		if (index_segment_sequence(seg, i) == seq) {
			*row = i;
			return true;
		}
	}
	return false;
}

int64_t index_segment_received(const struct index_segment *seg, uint32_t row)
{
	uint64_t offset = index_segment_sequence(seg, row) - seg->desc.sequence;
	uint32_t lo = 0, hi = seg->batches.n;

	if (!hi)
		return seg->runs[0].received;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if ((uint64_t)index_frame_get(&seg->batches, mid) <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return index_frame_get(&seg->received, lo);
}

int index_segment_time(struct index_segment *seg, uint32_t row, int64_t *time,
		       struct err *err)
{
	const struct index_column *c;
	int ret;

	if (seg->ds->time == FIELD_NONE)
		return err_set(err, ERR_NOT_FOUND,
			       "rows of a table have no time");
	ret = index_column_open(seg, seg->ds->time, &c, err);
	if (ret < 0)
		return ret;
	if (!c || c->values != c->rows)
		return index_segment_corrupt(seg, seg->ds->time, PART_VALUES, 0,
					     err);
	index_column_nums(c, row, 1, time);
	return 0;
}

field_id index_segment_field(const struct index_segment *seg, field_id field)
{
	if (seg->map)
		field = field < seg->nmap ? seg->map[field] : FIELD_NONE;
	return field < seg->ds->nall ? field : FIELD_NONE;
}

object_id index_segment_object(const struct index_segment *seg,
			       object_id object)
{
	if (seg->omap)
		object = object < seg->nomap ? seg->omap[object] : OBJECT_NONE;
	return object < seg->ds->nobjects ? object : OBJECT_NONE;
}
