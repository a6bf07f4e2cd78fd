"""The browsers that there are."""

from __future__ import annotations

from runners.browser.chromium import CHROME, CHROMIUM, EDGE
from runners.browser.firefox import FIREFOX
from runners.browser.product import Product
from runners.browser.safari import SAFARI
from runners.browser.webkitgtk import WEBKITGTK

__all__ = ["PRODUCTS"]

_ALL: tuple[Product, ...] = (CHROMIUM, FIREFOX, WEBKITGTK, CHROME, EDGE, SAFARI)

PRODUCTS: dict[str, Product] = {product.name: product for product in _ALL}
