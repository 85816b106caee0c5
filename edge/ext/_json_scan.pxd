# The plain part of JSON: flat objects of ASCII keys, whose values are strings without escapes, numbers that
# are exact in few operations, true, false and null. All else is "odd": valid or not is not decided here.

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcmp

cdef extern from *:
    """
    static const double JSON_TEN[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    static const unsigned long long JSON_TEN_U64[] = {1ULL, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL,
        1000000ULL, 10000000ULL, 100000000ULL, 1000000000ULL, 10000000000ULL, 100000000000ULL,
        1000000000000ULL, 10000000000000ULL, 100000000000000ULL, 1000000000000000ULL,
        10000000000000000ULL, 100000000000000000ULL, 1000000000000000000ULL, 10000000000000000000ULL};

    static const uint64_t JSON_ONES = 0x0101010101010101ULL;

    /* the number that eight digits are, all at once: pairs, fours, all; 0 where any is no digit */
    static int json_eight(const char *at, uint64_t *number) {
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        uint64_t word, tens;
        memcpy(&word, at, 8);
        word -= '0' * JSON_ONES;
        tens = word + 0x76 * JSON_ONES;
        if ((word | tens) & 0x80 * JSON_ONES) return 0;
        word = word * 10 + (word >> 8);
        word = (word & 0x000000FF000000FFULL) * 0x000F424000000064ULL
             + (word >> 16 & 0x000000FF000000FFULL) * 0x0000271000000001ULL;
        *number = word >> 32;
        return 1;
    #else
        return 0;
    #endif
    }

    /* digits * 10^exponent, correctly rounded; 0 where that is not certain.
       Up to 2^53 and 10^22 both are exact as doubles, so that one operation rounds once (Clinger 1990).
       Beyond, a 128-bit quotient is cut to 54 bits and rounded half to even. */
    static int json_decimal(unsigned long long digits, long exponent, double *out) {
        if (digits == 0) { *out = 0.0; return 1; }
        if (digits <= (1ULL << 53) && exponent >= -22 && exponent <= 22) {
            *out = exponent < 0 ? (double)digits / JSON_TEN[-exponent] : (double)digits * JSON_TEN[exponent];
            return 1;
        }
    #ifdef __SIZEOF_INT128__
        if (exponent <= 0 && exponent >= -19) {
            int up = __builtin_clzll(digits) + 64;
            unsigned __int128 top = (unsigned __int128)digits << up;
            unsigned __int128 quotient = top / JSON_TEN_U64[-exponent];
            int rest = top != quotient * JSON_TEN_U64[-exponent];
            unsigned long long high = (unsigned long long)(quotient >> 64);
            int bits = high ? 128 - __builtin_clzll(high)
                            : 64 - __builtin_clzll((unsigned long long)quotient);
            int down = bits - 54;
            unsigned long long kept = (unsigned long long)(quotient >> down);
            rest |= (quotient & (((unsigned __int128)1 << down) - 1)) != 0;
            unsigned long long mantissa = kept >> 1;
            if ((kept & 1) && (rest || (mantissa & 1))) mantissa++;
            *out = ldexp((double)mantissa, down + 1 - up);
            return 1;
        }
    #endif
        return 0;
    }
    """
    bint json_eight(const char* at, uint64_t* number) noexcept nogil
    bint json_decimal(uint64_t digits, long exponent, double* out) noexcept nogil


cdef enum Token:
    ABSENT
    STRING
    INTEGER
    REAL
    TRUE
    FALSE
    NOTHING


cdef struct Value:
    Token token
    const char* at
    size_t size
    int64_t integer
    double real


cdef enum Key:
    KIND
    T_NS
    SOURCE
    ANTENNA
    EPC
    RSSI
    PHASE
    FREQ
    DOPPLER
    PC
    TID
    USER
    AFI
    SHELF
    X
    Y
    Z
    COUNT_IN
    COUNT_OUT
    QUANTITY
    VALUE
    N_KEYS
    UNKNOWN


cdef struct Item:
    uint32_t seen
    Value values[21]


cdef inline bint text_is(const char* at, const char* text, size_t size) noexcept nogil:
    return memcmp(at, text, size) == 0


cdef inline Key key_of(const char* at, size_t size) noexcept nogil:
    if size == 2:
        if text_is(at, "pc", 2):
            return PC
        return COUNT_IN if text_is(at, "in", 2) else UNKNOWN
    if size == 3:
        return key_of_three(at)
    if size == 4:
        if text_is(at, "kind", 4):
            return KIND
        if text_is(at, "t_ns", 4):
            return T_NS
        return USER if text_is(at, "user", 4) else UNKNOWN
    if size == 5:
        if text_is(at, "shelf", 5):
            return SHELF
        return VALUE if text_is(at, "value", 5) else UNKNOWN
    if size == 6:
        return SOURCE if text_is(at, "source", 6) else UNKNOWN
    if size == 7:
        return ANTENNA if text_is(at, "antenna", 7) else UNKNOWN
    if size == 8:
        if text_is(at, "rssi_dbm", 8):
            return RSSI
        if text_is(at, "freq_mhz", 8):
            return FREQ
        return QUANTITY if text_is(at, "quantity", 8) else UNKNOWN
    if size == 9:
        return PHASE if text_is(at, "phase_rad", 9) else UNKNOWN
    if size == 10:
        return DOPPLER if text_is(at, "doppler_hz", 10) else UNKNOWN
    return UNKNOWN


cdef inline Key key_of_three(const char* at) noexcept nogil:
    if text_is(at, "epc", 3):
        return EPC
    if text_is(at, "x_m", 3):
        return X
    if text_is(at, "y_m", 3):
        return Y
    if text_is(at, "z_m", 3):
        return Z
    if text_is(at, "out", 3):
        return COUNT_OUT
    if text_is(at, "tid", 3):
        return TID
    return AFI if text_is(at, "afi", 3) else UNKNOWN


cdef inline const char* after_space(const char* at, const char* end) noexcept nogil:
    while at < end and (at[0] == c" " or at[0] == c"\n" or at[0] == c"\r" or at[0] == c"\t"):
        at += 1
    return at


cdef inline bint is_plain(unsigned char byte) noexcept nogil:
    return <unsigned char>(byte - 0x20) < 0x5F and byte != c'"' and byte != c"\\"


cdef inline const char* scan_string(const char* at, const char* end, Value* out) noexcept nogil:
    # From behind the opening quote; returns behind the closing one, or NULL where it is odd.
    out.at = at
    while at < end and is_plain(at[0]):
        at += 1
    if at >= end or at[0] != c'"':
        return NULL
    out.size = at - out.at
    out.token = STRING
    return at + 1


cdef inline bint is_digit(const char* at, const char* end) noexcept nogil:
    return at < end and c"0" <= at[0] <= c"9"


cdef inline const char* scan_digits(const char* at, const char* end, uint64_t* digits) noexcept nogil:
    # Behind the digits, which are added to those that were there; beyond nineteen, what they are is wrong.
    cdef uint64_t eight
    while end - at >= 8 and json_eight(at, &eight):
        digits[0] = 100_000_000 * digits[0] + eight
        at += 8
    while is_digit(at, end):
        digits[0] = 10 * digits[0] + (at[0] - c"0")
        at += 1
    return at


cdef inline const char* scan_number(const char* at, const char* end, Value* out) noexcept nogil:
    cdef bint negative = at[0] == c"-"
    cdef const char* first
    cdef const char* point
    cdef uint64_t digits = 0
    cdef long exponent = 0
    cdef long power = 0
    cdef bint down = False
    at += negative
    if not is_digit(at, end) or (at[0] == c"0" and is_digit(at + 1, end)):
        return NULL
    out.token = INTEGER
    first = at
    at = scan_digits(at, end, &digits)
    if at < end and at[0] == c".":
        out.token = REAL
        point = at
        at = scan_digits(at + 1, end, &digits)
        exponent = point + 1 - at
        if exponent == 0:
            return NULL
        first += 2 if first[0] == c"0" else 1
    if at - first > 19:
        return NULL
    if at < end and (at[0] == c"e" or at[0] == c"E"):
        out.token = REAL
        at += 1
        if at < end and (at[0] == c"+" or at[0] == c"-"):
            down = at[0] == c"-"
            at += 1
        if not is_digit(at, end):
            return NULL
        while is_digit(at, end):
            power = 10 * power + (at[0] - c"0")
            at += 1
            if power > 400:
                return NULL
        exponent += -power if down else power
    if out.token == INTEGER:
        if digits >> 63:
            return NULL
        out.integer = -<int64_t>digits if negative else <int64_t>digits
        return at
    if not json_decimal(digits, exponent, &out.real):
        return NULL
    if negative:
        out.real = -out.real
    return at


cdef inline const char* scan_value(const char* at, const char* end, Value* out) noexcept nogil:
    if at >= end:
        return NULL
    if at[0] == c'"':
        return scan_string(at + 1, end, out)
    if at[0] == c"-" or c"0" <= at[0] <= c"9":
        return scan_number(at, end, out)
    if end - at >= 4 and text_is(at, "true", 4):
        out.token = TRUE
        return at + 4
    if end - at >= 4 and text_is(at, "null", 4):
        out.token = NOTHING
        return at + 4
    if end - at >= 5 and text_is(at, "false", 5):
        out.token = FALSE
        return at + 5
    return NULL


cdef inline const char* scan_object(const char* at, const char* end, Item* item) noexcept nogil:
    # From the opening brace; returns behind the closing one, or NULL where it is odd. A repeated key is odd.
    cdef Value name, ignored
    cdef Value* value
    cdef Key key
    item.seen = 0
    if at >= end or at[0] != c"{":
        return NULL
    at = after_space(at + 1, end)
    if at < end and at[0] == c"}":
        return at + 1
    while True:
        if at >= end or at[0] != c'"':
            return NULL
        at = scan_string(at + 1, end, &name)
        if at == NULL:
            return NULL
        at = after_space(at, end)
        if at >= end or at[0] != c":":
            return NULL
        at = after_space(at + 1, end)
        key = key_of(name.at, name.size)
        value = &ignored
        if key != UNKNOWN:
            if item.seen & (<uint32_t>1 << <int>key):
                return NULL
            item.seen |= <uint32_t>1 << <int>key
            value = &item.values[<int>key]
        at = scan_value(at, end, value)
        if at == NULL:
            return NULL
        at = after_space(at, end)
        if at >= end:
            return NULL
        if at[0] == c"}":
            return at + 1
        if at[0] != c",":
            return NULL
        at = after_space(at + 1, end)
