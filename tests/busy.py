"""Properties do not fail because a machine is busy: a plug-in of pytest, loaded by tests/conftest.py."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
