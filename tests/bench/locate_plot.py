"""The reliability diagram of `confidence` as a picture."""

from pathlib import Path

COLOURS = {"real": "#1b6ca8", "simulated": "#c65d21"}


def plot(diagram: dict[str, list[dict[str, float]]], path: Path) -> None:
    """Of the places said with so much confidence, how many held; a dot's area is the number of tags."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(4.8, 4.4), dpi=110, layout="constrained")
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="perfect")
    for kind, bins in diagram.items():
        said, held = [b["said"] for b in bins], [b["held"] for b in bins]
        axes.plot(said, held, color=COLOURS[kind], linewidth=1.2, label=kind)
        axes.scatter(said, held, [4.0 + b["tags"] / 4.0 for b in bins], color=COLOURS[kind], alpha=0.7)
    axes.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="confidence that was said", ylabel="share that held")
    axes.legend(loc="upper left", frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without the date and version that a PNG carries, the same figures give the same file.
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)
