"""placeholder"""
from conformance.store import Run
def render(run: Run) -> str:
    return "<html></html>"
