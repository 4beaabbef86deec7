"""Local emulators of both clouds, the traffic they carry and the proof of what arrived.

Nothing here imports the code under test (engine, alibaba, azure, kafka, records, ...): an emulator
must never agree with that code by sharing it. ``pyproject.toml`` holds the contract.
"""
