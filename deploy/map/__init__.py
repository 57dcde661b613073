"""The MONAI Application Package: locked wheels, staged files, rendered manifests, one Dockerfile."""
