"""From pairs of series to blinded volumes: only HU and voxel size go on; a pair shares extent and grid."""
