"""The gateway: FHIR R4 at the door, the vault behind it. Holds no key and decides on nothing."""
