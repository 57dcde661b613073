"""Building blocks of organs: the build of a patient, shapes, tissues, courses of vessels, the canvas."""
