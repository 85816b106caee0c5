"""What the simulated books are about: classes of the Chinese Library Classification in shelf order."""

from typing import Final

TOPICS: Final[tuple[tuple[str, str, str], ...]] = (
    ("TP11", "自动化系统", "automation systems"),
    ("TP13", "自动控制理论", "control theory"),
    ("TP18", "人工智能", "artificial intelligence"),
    ("TP181", "机器学习", "machine learning"),
    ("TP212", "传感器", "sensors"),
    ("TP242", "机器人", "robotics"),
    ("TP273", "过程控制", "process control"),
    ("TP301", "计算理论", "theory of computation"),
    ("TP301.6", "算法", "algorithms"),
    ("TP302", "计算机设计", "computer design"),
    ("TP303", "计算机结构", "computer architecture"),
    ("TP309", "信息安全", "information security"),
    ("TP311.1", "程序设计", "programming"),
    ("TP311.12", "数据结构", "data structures"),
    ("TP311.13", "数据库", "databases"),
    ("TP311.5", "软件工程", "software engineering"),
    ("TP312", "程序语言", "programming languages"),
    ("TP314", "编译程序", "compilers"),
    ("TP316", "操作系统", "operating systems"),
    ("TP317", "应用软件", "application software"),
    ("TP332", "运算器", "arithmetic units"),
    ("TP333", "存储器", "memory systems"),
    ("TP334", "外部设备", "peripheral devices"),
    ("TP338", "并行计算", "parallel computing"),
    ("TP368", "微处理机", "microprocessors"),
    ("TP391.1", "自然语言处理", "natural language processing"),
    ("TP391.4", "模式识别", "pattern recognition"),
    ("TP391.7", "计算机图形", "computer graphics"),
    ("TP391.9", "计算机仿真", "computer simulation"),
    ("TP393", "计算机网络", "computer networks"),
    ("TP393.08", "网络安全", "network security"),
    ("TP393.4", "互联网", "the internet"),
)
ENGLISH: Final = (
    "Introduction to {}",
    "Principles of {}",
    "A course in {}",
    "Advanced {}",
    "Exercises in {}",
)
CHINESE: Final = ("{}导论", "{}原理", "{}教程", "高级{}", "{}习题集")


def title(topic: int, number: int) -> str:
    """The title of one book of the topic; three of five are Chinese."""
    _, chinese, english = TOPICS[topic]
    if number % 5 < 3:
        return CHINESE[number // 5 % len(CHINESE)].format(chinese)
    return ENGLISH[number // 5 % len(ENGLISH)].format(english)
