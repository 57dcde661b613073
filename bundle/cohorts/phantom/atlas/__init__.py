"""What organs are made of: the build of a patient, shapes, tissues, courses of vessels, the canvas."""
