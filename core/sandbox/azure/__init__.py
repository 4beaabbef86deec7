"""The ARM emulator: Azure Resource Manager and the sign-in endpoints, over HTTPS on the loopback.

The SDKs (azure-identity, azure-mgmt-eventhub, azure-mgmt-resource, ...) and azure-cli talk to it
unchanged. Event hubs, policies and keys are those of the Event Hubs emulator, reached by its door;
the rest is kept here, on disk. It knows nothing of the code that is tested on it.
"""
