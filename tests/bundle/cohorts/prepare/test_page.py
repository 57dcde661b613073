"""The page of the report."""

from cohorts.prepare.page import render

ROW = {"case": "case-0001", "region": "chest", "label": "healthy", "figures": {}, "notes": [], "preview": None}
REPORT = {
    "counts": {"accepted": 0, "rejected": 1, "slices": 0, "by_split": {}, "by_region": {}, "by_label": {},
               "by_reason": {"no CTA": 1}},
    "notes": [], "warnings": ["30 left test <script>"],
    "settings": {"layout": "nnunet", "checks": {"min_slices": 16}}, "accepted": [],
    "rejected": [ROW | {"reason": "excluded by list", "detail": "<script>stent", "advice": "x"}],
}  # fmt: skip


def test_words_of_lists_cannot_become_markup():
    assert "<script>" not in render(REPORT)
    assert "&lt;script&gt;stent" in render(REPORT)


def test_the_page_needs_no_network():
    assert "http" not in render(REPORT)
    assert "src=" not in render(REPORT)


def test_a_warning_is_marked_as_one():
    assert "<p class='reason'>Warning: 30 left test &lt;script&gt;.</p>" in render(REPORT)


def test_counts_and_settings_are_shown():
    page = render(REPORT)
    assert "<td>no CTA</td><td class='number'>1</td>" in page
    assert "  min_slices: 16" in page
