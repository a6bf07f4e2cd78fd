"""The browsers that there are."""

from __future__ import annotations

from runners.browser.chromium import CHROMIUM
from runners.browser.product import Product

__all__ = ["PRODUCTS"]

PRODUCTS: dict[str, Product] = {product.name: product for product in (CHROMIUM,)}
