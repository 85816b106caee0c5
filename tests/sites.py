"""The smallest site files. What a test needs besides is put behind them."""

HALL = """schema = 1
[site]
id = "main"
timezone = "Asia/Shanghai"
[[space]]
id = "hall"
kind = "learning"
zone = "quiet"
capacity = 120
open = ["mon-sun 08:00-22:00"]
"""

COUNTED_HALL = (
    HALL.replace("08:00-22:00", "00:00-24:00")
    + """[[door]]
id = "door-main"
from = "outside"
to = "hall"
source = "door-main"
"""
)
