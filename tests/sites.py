"""The smallest site file: one space. What a test needs besides is put behind it."""

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
