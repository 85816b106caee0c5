"""UHF readers that speak LLRP."""
