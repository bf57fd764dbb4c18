"""Which version of the product this is; known without importing the product."""

from importlib.metadata import PackageNotFoundError, version


def product_version() -> str:
    """The version that is installed; a checkout that is not installed has none."""
    try:
        return version("loyalty-commons")
    except PackageNotFoundError:
        return "0+checkout"
