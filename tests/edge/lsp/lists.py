"""Shelf lists as a library system sends them."""

from edge.lsp.parts import part_of

Row = dict[str, str]


def row(n: int, **columns: str) -> Row:
    """The n-th book."""
    return {
        "barcode": f"{n:07d}",
        "epc": f"E2{n:022X}",
        "call_number": f"TP{n:04d}",
        "scheme": "clc",
        "title": f"书 {n}",
        "shelf": "a1",
        "status": "available",
        **columns,
    }


def parts(version: str, rows: list[Row], n_parts: int, first: int = 0) -> dict[int, bytes]:
    """Payload by part."""
    size = -(-len(rows) // n_parts)
    cut = [rows[n * size : (n + 1) * size] for n in range(n_parts)]
    return {first + n: part_of(version, first + n, n_parts, some) for n, some in enumerate(cut)}
