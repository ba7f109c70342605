#include "qql/heap_int.h"

#include "base/mem.h"
#include "tests/test.h"
#include "tests/unit/qql/helper_rows.h"

static void test_heap__entries_leave_newest_first(void **state)
{
	struct qql_heap heap = { .n = 0 };
	struct qql_entry last = { INT64_MAX, UINT64_MAX, 0, 0, 0 };
	uint64_t random = 3;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		struct qql_entry e = {
			.time = (int64_t)helper_below(&random, 20) - 10,
			.sequence = helper_below(&random, 50),
			.row = i,
		};

		assert_int_equal(qql_heap_push(&heap, &e, NULL), 0);
	}
	for (uint32_t i = 1000; i > 0; i--) {
		struct qql_entry e = heap.entries[0];

		assert_int_equal(heap.n, i);
		assert_true(
			e.time < last.time ||
			(e.time == last.time && e.sequence <= last.sequence));
		last = e;
		qql_heap_pop(&heap);
	}
	assert_int_equal(heap.n, 0);
	mem_free(heap.entries);
}

TEST_MAIN(TEST(test_heap__entries_leave_newest_first))
