"""The report of benchmarks/gpu.py as Markdown tables."""

from typing import Any


def markdown(report: dict[str, Any]) -> str:
    """Write what was measured for people to read.

    Args:
        report: content of gpu.json.

    Returns:
        Markdown.
    """
    machine = report["machine"]
    lines = [f"# {machine['device']}, PyTorch {machine['torch']}, CUDA {machine['cuda']}", ""]
    if "network" in report:
        products = report["network"]["matrix_product_tflops"].items()
        limits = ", ".join(f"{name.removeprefix('torch.')} {tflops:.0f}" for name, tflops in products)
        lines += [
            f"The generator alone, {report['size']['side_px']} px. A matrix product reaches {limits} TFLOP/s.",
            "",
        ]
        lines += _table(
            ["generator", "way", "slices/s", "TFLOP/s", "share of a matrix product"],
            [
                [
                    row["generator"],
                    row["mode"],
                    f"{row['slices_per_s']:.1f}",
                    f"{row['tflops']:.1f}",
                    f"{row['share']:.0%}",
                ]
                for row in report["network"]["rows"]
            ],
        )
    if "synthesis" in report:
        stages = list(report["synthesis"][0]["seconds"])
        lines += [f"DICOM to DICOM, {report['size']['slices']} slices, in s", ""]
        lines += _table(
            ["generator", "precision", "run", *stages, "in all", "GPU memory, GiB"],
            [
                [row["generator"], row["precision"], row["turn"], *(f"{row['seconds'][stage]:.2f}" for stage in stages)]
                + [f"{row['total_s']:.2f}", _gib(row["gpu_memory_gib"])]
                for row in report["synthesis"]
            ],
        )
    if "training" in report:
        lines += ["Training, stage 1", ""]
        lines += _table(
            ["batch", "steps/s", "slices/s", "waiting for data", "GPU memory, GiB"],
            [
                [str(row["batch"]), f"{row['steps_per_s']:.2f}", f"{row['slices_per_s']:.1f}"]
                + [f"{row['waiting_for_data']:.0%}", _gib(row["gpu_memory_gib"])]
                for row in report["training"]
            ],
        )
    lines += [f"**{name} failed**: {why}" for name, why in report["failed"].items()]
    return "\n".join(lines) + "\n"


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)] + [""]


def _gib(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
