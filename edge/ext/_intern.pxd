# Texts to small integers, in the order in which they first appear, with no Python object per look-up.
#
# A zeroed `Texts` is an empty table. Texts are kept one after the other in an arena; `buckets` is an open
# hash table of 1 + the place of a text, 0 where it is empty, at most half full.

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

cdef struct Texts:
    char* arena
    size_t arena_room
    size_t* ends
    uint64_t* hashes
    size_t n
    size_t room
    int32_t* buckets
    size_t n_buckets


cdef inline size_t text_start(const Texts* texts, size_t n) noexcept nogil:
    return texts.ends[n - 1] if n else 0


cdef inline uint64_t text_hash(const char* at, size_t size) noexcept nogil:
    cdef uint64_t h = <uint64_t>0x9E3779B97F4A7C15 ^ size
    cdef uint64_t word
    while size >= 8:
        memcpy(&word, at, 8)
        h = (h ^ word) * <uint64_t>0xD6E8FEB86659FD93
        h ^= h >> 32
        at += 8
        size -= 8
    word = 0
    memcpy(&word, at, size)
    h = (h ^ word) * <uint64_t>0xD6E8FEB86659FD93
    return h ^ (h >> 32)


cdef inline void fill_buckets(Texts* texts) noexcept nogil:
    cdef size_t mask = texts.n_buckets - 1
    cdef size_t n, bucket
    memset(texts.buckets, 0, texts.n_buckets * sizeof(int32_t))
    for n in range(texts.n):
        bucket = texts.hashes[n] & mask
        while texts.buckets[bucket]:
            bucket = (bucket + 1) & mask
        texts.buckets[bucket] = <int32_t>(n + 1)


cdef inline bint grow(Texts* texts, size_t size) noexcept nogil:
    # Room for one more text of `size` bytes; False where memory is out.
    cdef size_t used = text_start(texts, texts.n)
    cdef size_t room
    cdef void* moved
    if used + size > texts.arena_room:
        room = 2 * (used + size) + 256
        moved = realloc(texts.arena, room)
        if moved == NULL:
            return False
        texts.arena = <char*>moved
        texts.arena_room = room
    if texts.n == texts.room:
        room = 2 * texts.room + 32
        moved = realloc(texts.ends, room * sizeof(size_t))
        if moved == NULL:
            return False
        texts.ends = <size_t*>moved
        moved = realloc(texts.hashes, room * sizeof(uint64_t))
        if moved == NULL:
            return False
        texts.hashes = <uint64_t*>moved
        texts.room = room
    if 2 * (texts.n + 1) > texts.n_buckets:
        room = 2 * texts.n_buckets if texts.n_buckets else 64
        moved = realloc(texts.buckets, room * sizeof(int32_t))
        if moved == NULL:
            return False
        texts.buckets = <int32_t*>moved
        texts.n_buckets = room
        fill_buckets(texts)
    return True


cdef inline int32_t find(const Texts* texts, const char* at, size_t size, uint64_t h) noexcept nogil:
    # The place of the text whose hash is h, or -1.
    cdef size_t bucket, start
    cdef int32_t n
    if texts.n_buckets == 0:
        return -1
    bucket = h & (texts.n_buckets - 1)
    while texts.buckets[bucket]:
        n = texts.buckets[bucket] - 1
        start = text_start(texts, n)
        if (
            texts.hashes[n] == h
            and texts.ends[n] - start == size
            and memcmp(texts.arena + start, at, size) == 0
        ):
            return n
        bucket = (bucket + 1) & (texts.n_buckets - 1)
    return -1


cdef inline int32_t intern(Texts* texts, const char* at, size_t size) noexcept nogil:
    # The place of the text, old or new; -1 where memory is out.
    cdef uint64_t h = text_hash(at, size)
    cdef int32_t n = find(texts, at, size, h)
    cdef size_t start, bucket
    if n >= 0:
        return n
    if not grow(texts, size):
        return -1
    n = <int32_t>texts.n
    start = text_start(texts, n)
    memcpy(texts.arena + start, at, size)
    texts.ends[n] = start + size
    texts.hashes[n] = h
    texts.n += 1
    bucket = h & (texts.n_buckets - 1)
    while texts.buckets[bucket]:
        bucket = (bucket + 1) & (texts.n_buckets - 1)
    texts.buckets[bucket] = n + 1
    return n


cdef inline void forget_after(Texts* texts, size_t n) noexcept nogil:
    # Back to the first n texts.
    if n < texts.n:
        texts.n = n
        fill_buckets(texts)


cdef inline void free_texts(Texts* texts) noexcept nogil:
    free(texts.arena)
    free(texts.ends)
    free(texts.hashes)
    free(texts.buckets)
    memset(texts, 0, sizeof(Texts))


cdef inline str text_at(const Texts* texts, size_t n):
    cdef size_t start = text_start(texts, n)
    return texts.arena[start:texts.ends[n]].decode("ascii")


cdef inline tuple all_texts(const Texts* texts):
    return tuple([text_at(texts, n) for n in range(texts.n)])
