"""From pairs of series to blinded volumes: only HU and voxel size are kept; a pair gets one extent and grid."""
