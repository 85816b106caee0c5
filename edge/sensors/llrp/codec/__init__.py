"""LLRP's control messages as bytes (LLRP 1.0.1), no I/O here. Tag reports: `edge.ext.llrp`."""
