import csv

from studies.comparison.summary import summarise_study

PATIENT = {"unchanged_psnr_db": 38, "unchanged_lumen_error_hu": 300}


def write_scores(path):
    rows = [
        {"method": "CTA-GAN", "misalignment_mm": 4.0, "psnr_db": 40, "lumen_error_hu": 50, "false_enhancement": 0.01},
        {"method": "CTA-GAN", "misalignment_mm": 4.0, "psnr_db": 42, "lumen_error_hu": 50, "false_enhancement": 0.03},
        {"method": "other", "misalignment_mm": 4.0, "psnr_db": 30, "lumen_error_hu": 50, "false_enhancement": 0.03},
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], *PATIENT])
        writer.writeheader()
        writer.writerows(row | PATIENT for row in rows)
    return path


def test_a_method_has_its_mean_over_the_patients(tmp_path):
    row = summarise_study(write_scores(tmp_path / "scores.csv"))[1]
    assert (row["misalignment, mm"], row["method"]) == ("4", "CTA-GAN")
    assert row["PSNR, dB"].startswith("41.00 (")


def test_the_ncct_unchanged_stands_first(tmp_path):
    row = summarise_study(write_scores(tmp_path / "scores.csv"))[0]
    assert row["method"] == "NCCT unchanged"
    assert (row["lumen error, HU"], row["false enhancement"]) == ("300.0 (300.0 to 300.0)", "0.000% (0.000% to 0.000%)")
