"""Networks of CTA-GAN: two interchangeable generators, the registration network and the discriminator."""

from scripts.networks.paper_generator import PaperGenerator
from scripts.networks.patch_discriminator import PatchDiscriminator
from scripts.networks.registration_network import RegistrationNetwork
from scripts.networks.residual_generator import ResidualGenerator

__all__ = ["PaperGenerator", "PatchDiscriminator", "RegistrationNetwork", "ResidualGenerator"]
