"""Reading of the recipe file."""

from pathlib import Path

import pytest
import yaml

from cohorts.pseudo_pairs.recipe import load_recipe

SHIPPED = Path(__file__).parents[4] / "bundle" / "configs" / "pseudo_pairs.yaml"


def _write(path: Path, **changes) -> Path:
    component = {"name": "aorta", "kind": "artery", "seeds_mm": [[0, 0, 0]]} | changes.pop("component", {})
    series = {"patient": "p", "series": "cta", "region": "chest", "label": "healthy", "split": "training"}
    series |= {"threshold_hu": 150, "blood_hu": 40, "components": [component]} | changes
    path.write_text(yaml.safe_dump({"target_lumen_hu": None, "misalignment_mm": 0, "seed": 1, "series": [series]}))
    return path


def test_shipped_recipe_keeps_the_dissection_out_of_training():
    splits = {series.patient: series.split for series in load_recipe(SHIPPED).series}
    assert splits.pop("totalsegmentator-thorax") == "test"
    assert set(splits.values()) == {"training"}


def test_unknown_key_is_named(tmp_path):
    with pytest.raises(ValueError, match="treshold"):
        load_recipe(_write(tmp_path / "r.yaml", component={"treshold": 3}))


def test_unknown_kind_is_refused(tmp_path):
    with pytest.raises(ValueError, match="kind 'bone'"):
        load_recipe(_write(tmp_path / "r.yaml", component={"kind": "bone"}))


def test_component_without_seeds_or_masks_is_refused(tmp_path):
    with pytest.raises(ValueError, match="neither seeds_mm nor masks"):
        load_recipe(_write(tmp_path / "r.yaml", component={"seeds_mm": []}))


def test_series_without_artery_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no component of kind 'artery'"):
        load_recipe(_write(tmp_path / "r.yaml", component={"kind": "vein"}))


def test_unknown_split_is_refused(tmp_path):
    with pytest.raises(ValueError, match="split 'train'"):
        load_recipe(_write(tmp_path / "r.yaml", split="train"))


def test_unknown_organ_is_refused_with_what_is_known(tmp_path):
    with pytest.raises(ValueError, match="organ 'kidney' of 'aorta' is not one of other, artery"):
        load_recipe(_write(tmp_path / "r.yaml", component={"organ": "kidney"}))


def test_organ_and_smoothing_are_read(tmp_path):
    [series] = load_recipe(_write(tmp_path / "r.yaml", component={"organ": "vein"}, smooth_mm=0.8)).series
    assert (series.components[0].organ, series.smooth_mm) == ("vein", 0.8)


def test_marks_lie_beside_the_recipe(tmp_path):
    [series] = load_recipe(_write(tmp_path / "r.yaml", marks="marks/a.csv")).series
    assert series.marks == tmp_path / "marks" / "a.csv"
