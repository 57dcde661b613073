"""What header words mean, for the app's loader and the bundle's preparation alike: each has rules of its own, since the
bundle stands alone, and each is tested on this table."""

SHARP_KERNELS = (
    "B50f", "B60f", "B70f", "Br54", "Br59", "Bl57d", "Hr60", "I70f", "U90u",  # Siemens
    "FC30", "FC51", "FC52", "FC81",  # Canon: bone, lung, lung, high resolution
    "YA", "YC", "YD", "D", "E", "L", "EC",  # Philips
    "LUNG", "BONE", "BONEPLUS", "EDGE", "DETAIL", "ULTRA", "CHEST SHARP", "CHEST HR", " bone ",
)  # fmt: skip

SOFT_KERNELS = (
    "", "B20f", "B30f", "B31s", "B45f", "Br38", "Br49d", "Bv40", "H31s", "I30f", "Qr40",  # Siemens
    "FC01", "FC08", "FC18-H", "FC29",  # Canon
    "A", "B", "C", "UB",  # Philips
    "STANDARD", "SOFT", "CHST",  # GE
)  # fmt: skip

ENHANCED = (
    "CTA Thorax 1.0",
    "CT ANGIO NECK",
    "Angiography",
    "arterial",
    "CHEST ART PHASE",
    "art/ven",
    "PORTAL VENOUS 5.0",
    "CHEST VEN",
    "Abdomen venös",
    "PVP 1.25",
    "DELAYED PHASE",
    "delay 5 min",
    "late phase",
    "nephrographic",
    "CHEST W/ CONTRAST",
    "Chest with contrast",
    "CHEST WITH CON",
    "W CONTR 1.25",
    "Thorax KM 1.0 B30f",
    "ABD C+",
    "post-contrast",
    "POST CON",
    "CHEST_W_CONTRAST",
    "CHEST CE",
    "ce-CT, enhanced",
    "CTPA 1.25",
    "W/WO CONTRAST, ARTERIAL",
)
"""Series descriptions that name an enhanced phase."""

NATIVE = (
    "CHEST W/O CONTRAST",
    "CHEST_W_O_CONTRAST",
    "Chest without contrast",
    "NON-CONTRAST CHEST",
    "noncon chest",
    "NON CON",
    "NON CE",
    "PRE-CE",
    "W/O CE",
    "CHEST CE- 1.25",
    "Thorax nativ 1.0 B30f",
    "Thorax ohne KM",
    "unenhanced",
    "NCCT Head",
    "pre-contrast",
    "sans injection",
    "no IV contrast",
    "C- chest",
    "PLAIN",
    "NON-CON ARTERIES",
    "W/WO CONTRAST, NATIVE",
    "CHEST W/O",
    "CHEST WITH AND WITHOUT CONTRAST - NON CON",
)
"""Series descriptions that deny contrast."""

SILENT = (
    "",
    "CHEST 1.0 SOFT",
    "THORAX 1.0 (enhanced conversion)",
    "CARDIAC CALCIUM SCORE",
    "CONSOLIDATION FOLLOW UP",
    "PART 2",
    "CENTER",
    "CHEST VENT",
    "VENTRAL HERNIA",
    "METAL ARTIFACT",
    "HEART",
    "ARTERIES",
    "LATERAL",
    "ARTHRITIS",
    "CEREBRUM",
    "WITH CAD",
)
"""Series descriptions that say nothing of contrast."""

BOTH = (
    "CHEST WITH AND WITHOUT CONTRAST",
    "CT CHEST W/WO CONTRAST",
    "W+WO",
    "W/ & W/O CON",
    "ABD W&W/O IV CONTRAST",
    "W-WO",
    "WWO",
    "WITH OR WITHOUT CE",
    "W/O AND WITH CONTRAST",
    "CHEST WO/W",
    "ABD W/O & W 5.0",
    "Thorax mit und ohne KM",
    "avec et sans injection",
    "con y sin contraste",
    "con e senza mdc",
    "W/WO CONTRAST (enhanced conversion)",
    "PLAIN AND CE",
    "nativ + KM",
    "CTA CHEST W/O CONTRAST",
)
"""Series descriptions that say with and without alike: no evidence that the series is the one or the other."""

AGENTS = ("APPLIED", "OMNI", "ISOVUE300/100", "GASTRO & OMNI", "yes", "with and without contrast")
"""Values of Contrast/Bolus Agent (0018,0010) where contrast was given."""

NO_AGENTS = ("", "NONE", "no", "No contrast", "W/O", "wo", "without", "without contrast", "native", "unenhanced")
"""Values of Contrast/Bolus Agent (0018,0010) where none was."""
