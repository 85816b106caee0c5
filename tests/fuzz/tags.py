"""A million inputs for the tag decoders: `python -m tests.fuzz.tags --count 1000000`.

Half are random bytes, half are real layouts with bytes changed, cut or repeated. A decoder gives a result or
a problem; an exception ends the run with the input that made it.
"""

import argparse
import json
import random
import time
from collections import Counter
from typing import Final

from edge.library.tags import Bank, decode_tag
from edge.library.tags.cn_item_id import encode_96, encode_128
from edge.library.tags.compaction import INTEGER, OCTETS, SIX_BITS, encode_text
from edge.library.tags.elements import ITEM_ID, OWNER, SHELF_LOCATION, USAGE, Element, encode_elements
from edge.library.tags.epc_bank import encode_epc_bank
from edge.library.tags.isil import encode_isil
from edge.library.tags.iso28560_3 import encode_iso28560_3
from edge.library.tags.mm3 import encode_3m
from edge.library.tags.urn40 import encode_urn40

LONGEST: Final = 128


def layouts() -> list[tuple[Bank, bytes]]:
    """One well-formed bank of each layout."""
    elements = encode_elements(
        [
            Element(ITEM_ID, INTEGER, encode_text(INTEGER, "30114012345678"), padding=1),
            Element(USAGE, OCTETS, b"\x10"),
            Element(SHELF_LOCATION, SIX_BITS, encode_text(SIX_BITS, "TP311/Z763")),
            Element(OWNER, 0, encode_isil("DK-718500")),
        ]
    )
    extension = bytes([8, 3, 0, 8 ^ 3 ^ 0x41 ^ 0x31 ^ 0x32 ^ 0x33]) + b"A123"
    return [
        (Bank.HF, elements + b"\0"),
        (Bank.USER, b"\x06" + elements + b"\0"),
        (Bank.HF, encode_iso28560_3("1000000136", "DK718500") + extension),
        (Bank.HF, encode_3m("30114012345678")),
        (Bank.EPC, encode_epc_bank(encode_urn40("CH-000134-1.012345678901"), 0x5C2)),
        (Bank.EPC, encode_epc_bank(b"\x00\x03\x00\x03" + encode_96("32103179"), 0x400)),
        (Bank.EPC, encode_epc_bank(b"\x00\x43\x00\x03" + encode_128("99999999999999"), 0x400)),
        (Bank.USER, bytes.fromhex("0C0203E8100400010001") + bytes(8)),
    ]


def mutated(rng: random.Random, data: bytes) -> bytes:
    """The bank with a few bytes changed, then perhaps cut or doubled."""
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    if rng.random() < 0.2:
        del changed[rng.randrange(1, len(changed)) :]
    if rng.random() < 0.1:
        changed += changed[rng.randrange(len(changed)) :]
    return bytes(changed)


def run(count: int, seed: int) -> dict[str, object]:
    """Decode `count` inputs; what came out, by model, and how long one took."""
    rng = random.Random(seed)
    known, banks = layouts(), list(Bank)
    models: Counter[str] = Counter()
    with_problems = 0
    started = time.perf_counter()
    for number in range(count):
        if number % 2:
            bank, data = rng.choice(known)
            data = mutated(rng, data)
        else:
            bank, data = rng.choice(banks), rng.randbytes(rng.randrange(1, LONGEST))
        try:
            contents = decode_tag(data, bank)
        except BaseException:
            print(f"{bank} {data.hex()}")
            raise
        models[contents.model] += 1
        with_problems += bool(contents.problems)
    seconds = time.perf_counter() - started
    return {
        "inputs": count,
        "exceptions": 0,
        "with_problems": with_problems,
        "models": dict(models),
        "us_each": round(1e6 * seconds / count, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.count, arguments.seed)))


if __name__ == "__main__":
    main()
