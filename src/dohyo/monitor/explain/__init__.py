"""What an alarm is about: `explain`, from what a `Memory` holds."""

from dohyo.monitor.explain.explain import explain
from dohyo.monitor.explain.explanation import Explanation
from dohyo.monitor.explain.memory import Memory

__all__ = ["Explanation", "Memory", "explain"]
