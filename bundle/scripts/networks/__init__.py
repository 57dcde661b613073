"""Networks of CTA-GAN: two interchangeable generators, their uncertainty estimate, R and the discriminators."""

from scripts.networks.alteration_spread import AlterationSpread
from scripts.networks.context_network import ContextNetwork
from scripts.networks.multi_scale_discriminator import MultiScaleDiscriminator
from scripts.networks.paper_generator import PaperGenerator
from scripts.networks.patch_discriminator import PatchDiscriminator
from scripts.networks.registration_network import RegistrationNetwork
from scripts.networks.residual_generator import ResidualGenerator

__all__ = [
    "AlterationSpread",
    "ContextNetwork",
    "MultiScaleDiscriminator",
    "PaperGenerator",
    "PatchDiscriminator",
    "RegistrationNetwork",
    "ResidualGenerator",
]
