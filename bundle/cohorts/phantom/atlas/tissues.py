"""Attenuation of tissues in HU, without contrast and in the arterial phase, and the values that one patient draws."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from scripts.organs import Organ
from scripts.structures import Structure


class Tissue(Enum):
    """Everything that the phantom is made of."""

    AIR = auto()
    TABLE = auto()
    FOAM = auto()
    SKIN = auto()
    FAT = auto()
    MUSCLE = auto()
    GLAND = auto()
    CORTEX = auto()
    TRABECULAR = auto()
    CARTILAGE = auto()
    DISC = auto()
    CORD = auto()
    LUNG = auto()
    GAS = auto()
    AIRWAY_WALL = auto()
    SOFT = auto()
    OESOPHAGUS = auto()
    MYOCARDIUM = auto()
    LEFT_HEART = auto()
    RIGHT_HEART = auto()
    PULMONARY_ARTERY = auto()
    ARTERY = auto()
    FALSE_LUMEN = auto()
    THROMBUS = auto()
    VESSEL_WALL = auto()
    CALCIUM = auto()
    JUGULAR = auto()
    CAVA_SUPERIOR = auto()
    CAVA_INFERIOR = auto()
    PORTAL = auto()
    LIVER = auto()
    SPLEEN = auto()
    KIDNEY_CORTEX = auto()
    KIDNEY_MEDULLA = auto()
    PANCREAS = auto()
    ADRENAL = auto()
    BILE = auto()
    GUT_WALL = auto()
    GUT_CONTENT = auto()
    STOOL = auto()
    THYROID = auto()
    SALIVARY = auto()


@dataclass(frozen=True)
class Attenuation:
    """Mean and patient-to-patient SD of one tissue, in HU, and the label of its voxels."""

    unenhanced_hu: float
    unenhanced_sd: float
    arterial_hu: float
    arterial_sd: float
    structure: Structure = Structure.BODY


_NO_UPTAKE = float("nan")  # takes up no visible contrast in the arterial phase: the unenhanced draw is kept

# Sources of the normal ranges
#  [1] Kalender, Computed Tomography, 3rd ed. 2011, ch. 1: fat -120..-80, muscle 45..60, lung -950..-600,
#      cortical bone above 300.
#  [2] Fleischmann, Radiol Clin North Am 2010;48:237: arterial phase, aorta 250..450 at usual iodine flux.
#  [3] Bae, Radiology 2010;256:32: order of enhancement: renal cortex 150..200, spleen 110..140, liver +10.
#  [4] Kodama et al., AJR 2007;188:1307: unenhanced liver 55..65.
#  [5] Imanishi et al., J Comput Assist Tomogr 1991;15:287: unenhanced thyroid is 65 + 104 x iodine in mg/g.
#  [6] New and Aronow, Radiology 1976;121:635: unenhanced blood follows the haematocrit; 38..46 in adults.
#  [7] Pickhardt et al., Ann Intern Med 2013;158:588: trabecular bone 100..250, falls with age.
#  [8] Agatston et al., J Am Coll Cardiol 1990;15:827: calcium from 130.
#                                        unenhanced   SD     arterial   SD
ATTENUATION: dict[Tissue, Attenuation] = {
    Tissue.AIR: Attenuation(-1000, 0, _NO_UPTAKE, 0, Structure.OUTSIDE),
    Tissue.TABLE: Attenuation(60, 60, _NO_UPTAKE, 0, Structure.OUTSIDE),  # carbon-fibre shell
    Tissue.FOAM: Attenuation(-930, 15, _NO_UPTAKE, 0, Structure.OUTSIDE),
    Tissue.SKIN: Attenuation(10, 12, _NO_UPTAKE, 0),
    Tissue.FAT: Attenuation(-106, 4, _NO_UPTAKE, 0),  # [1]
    Tissue.MUSCLE: Attenuation(54, 4, _NO_UPTAKE, 0),  # [1]; +2..5 HU late in the phase, left out
    Tissue.GLAND: Attenuation(25, 12, _NO_UPTAKE, 0),
    Tissue.CORTEX: Attenuation(850, 120, _NO_UPTAKE, 0),  # [1]
    Tissue.TRABECULAR: Attenuation(190, 45, _NO_UPTAKE, 0),  # [7]
    Tissue.CARTILAGE: Attenuation(105, 15, _NO_UPTAKE, 0),
    Tissue.DISC: Attenuation(80, 8, _NO_UPTAKE, 0),
    Tissue.CORD: Attenuation(28, 4, _NO_UPTAKE, 0),
    Tissue.LUNG: Attenuation(-862, 22, _NO_UPTAKE, 0),  # [1]
    Tissue.GAS: Attenuation(-985, 6, _NO_UPTAKE, 0),
    Tissue.AIRWAY_WALL: Attenuation(30, 10, _NO_UPTAKE, 0),
    Tissue.SOFT: Attenuation(42, 5, _NO_UPTAKE, 0),  # nodes, fascia, pericardium, larynx
    Tissue.OESOPHAGUS: Attenuation(36, 4, 52, 6),
    Tissue.MYOCARDIUM: Attenuation(46, 3, 105, 6, Structure.OTHER_ENHANCING),
    Tissue.LEFT_HEART: Attenuation(41, 0, 342, 0, Structure.OTHER_ENHANCING),  # set from the artery below
    Tissue.RIGHT_HEART: Attenuation(41, 0, 200, 0, Structure.OTHER_ENHANCING),  # set below
    Tissue.PULMONARY_ARTERY: Attenuation(41, 0, 220, 0, Structure.OTHER_ENHANCING),  # set below, late phase 150..300
    Tissue.ARTERY: Attenuation(41, 2.2, 350, 20, Structure.ARTERIAL_LUMEN),  # [2] [6]
    Tissue.FALSE_LUMEN: Attenuation(
        41, 0, 260, 0, Structure.ARTERIAL_LUMEN
    ),  # set below, 0.5..0.9 of the true lumen's enhancement
    Tissue.THROMBUS: Attenuation(38, 5, _NO_UPTAKE, 0),
    Tissue.VESSEL_WALL: Attenuation(46, 3, 58, 4),
    Tissue.CALCIUM: Attenuation(700, 180, _NO_UPTAKE, 0),  # [8]
    Tissue.JUGULAR: Attenuation(41, 0, 90, 16, Structure.OTHER_ENHANCING),
    Tissue.CAVA_SUPERIOR: Attenuation(41, 0, 200, 55, Structure.OTHER_ENHANCING),
    Tissue.CAVA_INFERIOR: Attenuation(41, 0, 75, 14, Structure.OTHER_ENHANCING),
    Tissue.PORTAL: Attenuation(41, 0, 85, 14, Structure.OTHER_ENHANCING),
    Tissue.LIVER: Attenuation(57, 5, 69, 3, Structure.OTHER_ENHANCING),  # [3] [4]
    Tissue.SPLEEN: Attenuation(49, 3, 125, 8, Structure.OTHER_ENHANCING),  # [3] [4]
    Tissue.KIDNEY_CORTEX: Attenuation(33, 2, 175, 12, Structure.OTHER_ENHANCING),  # [3]
    Tissue.KIDNEY_MEDULLA: Attenuation(31, 2, 72, 8, Structure.OTHER_ENHANCING),  # [3]
    Tissue.PANCREAS: Attenuation(40, 5, 92, 8, Structure.OTHER_ENHANCING),
    Tissue.ADRENAL: Attenuation(24, 6, 62, 6, Structure.OTHER_ENHANCING),
    Tissue.BILE: Attenuation(8, 4, _NO_UPTAKE, 0),
    Tissue.GUT_WALL: Attenuation(38, 4, 72, 8, Structure.OTHER_ENHANCING),
    Tissue.GUT_CONTENT: Attenuation(22, 9, _NO_UPTAKE, 0),
    Tissue.STOOL: Attenuation(20, 15, _NO_UPTAKE, 0),
    Tissue.THYROID: Attenuation(100, 7, 170, 6, Structure.OTHER_ENHANCING),  # [5]
    Tissue.SALIVARY: Attenuation(30, 8, 75, 8, Structure.OTHER_ENHANCING),
}

ORGAN: dict[Tissue, Organ] = {
    Tissue.ARTERY: Organ.ARTERY,
    Tissue.FALSE_LUMEN: Organ.ARTERY,
    Tissue.LEFT_HEART: Organ.LEFT_HEART,
    Tissue.RIGHT_HEART: Organ.RIGHT_HEART,
    Tissue.PULMONARY_ARTERY: Organ.RIGHT_HEART,
    Tissue.JUGULAR: Organ.VEIN,
    Tissue.CAVA_SUPERIOR: Organ.VEIN,
    Tissue.CAVA_INFERIOR: Organ.VEIN,
    Tissue.PORTAL: Organ.VEIN,
    Tissue.MYOCARDIUM: Organ.MYOCARDIUM,
    Tissue.OESOPHAGUS: Organ.OESOPHAGUS,
    Tissue.MUSCLE: Organ.MUSCLE,
    Tissue.CORTEX: Organ.BONE,
    Tissue.TRABECULAR: Organ.BONE,
    Tissue.LIVER: Organ.PARENCHYMA,
    Tissue.SPLEEN: Organ.PARENCHYMA,
    Tissue.KIDNEY_CORTEX: Organ.PARENCHYMA,
    Tissue.KIDNEY_MEDULLA: Organ.PARENCHYMA,
    Tissue.PANCREAS: Organ.PARENCHYMA,
    Tissue.THYROID: Organ.PARENCHYMA,
    Tissue.SALIVARY: Organ.PARENCHYMA,
    Tissue.GUT_WALL: Organ.PARENCHYMA,
    Tissue.GUT_CONTENT: Organ.PARENCHYMA,
}
"""Class that the context network learns for a tissue; `Organ.OTHER` for all that is not named."""

_BLOOD = (
    Tissue.LEFT_HEART,
    Tissue.RIGHT_HEART,
    Tissue.PULMONARY_ARTERY,
    Tissue.FALSE_LUMEN,
    Tissue.JUGULAR,
    Tissue.CAVA_SUPERIOR,
    Tissue.CAVA_INFERIOR,
    Tissue.PORTAL,
)


@dataclass(frozen=True)
class PatientAttenuation:
    """HU of one tissue in one patient."""

    unenhanced_hu: float
    arterial_hu: float
    structure: Structure


def draw_attenuation(rng: np.random.Generator, usual_levels: bool = False) -> dict[Tissue, PatientAttenuation]:
    """Draw every tissue's HU for one patient.

    Draws stay within two SD of the mean. All blood pools share one unenhanced value: it depends on the haematocrit.
    The arterial level has a narrow spread because it cannot be known from the unenhanced scan.

    Args:
        rng: source of the draws; `usual_levels` does not change their number.
        usual_levels: enhanced tissue has its mean level instead of a drawn one: the best guess from anatomy alone.
    """

    def normal_within_two_sd(mean: float, sd: float) -> float:
        return float(mean + sd * np.clip(rng.standard_normal(), -2, 2))

    def arterial_normal(mean: float, sd: float) -> float:
        drawn = normal_within_two_sd(mean, sd)
        return mean if usual_levels else drawn

    def arterial_uniform(low: float, high: float) -> float:
        drawn = float(rng.uniform(low, high))
        return (low + high) / 2 if usual_levels else drawn

    drawn: dict[Tissue, PatientAttenuation] = {}
    for tissue, table in ATTENUATION.items():
        unenhanced = normal_within_two_sd(table.unenhanced_hu, table.unenhanced_sd)
        arterial = arterial_normal(table.arterial_hu, table.arterial_sd)
        drawn[tissue] = PatientAttenuation(unenhanced, unenhanced if np.isnan(arterial) else arterial, table.structure)
    blood = drawn[Tissue.ARTERY].unenhanced_hu
    artery = drawn[Tissue.ARTERY].arterial_hu
    pulmonary = arterial_uniform(160, 300)
    arterial_of_blood = {
        Tissue.LEFT_HEART: artery - arterial_uniform(0, 15),
        Tissue.PULMONARY_ARTERY: pulmonary,
        Tissue.RIGHT_HEART: max(150.0, pulmonary - arterial_uniform(0, 40)),
        Tissue.FALSE_LUMEN: blood + (artery - blood) * arterial_uniform(0.5, 0.9),
    }
    for tissue in _BLOOD:
        arterial = arterial_of_blood.get(tissue, drawn[tissue].arterial_hu)
        drawn[tissue] = PatientAttenuation(blood, arterial, drawn[tissue].structure)
    return drawn
