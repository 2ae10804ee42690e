#!/usr/bin/python3
"""An adapter between lockstep and a storage provider: one request per line in, one answer per line out.

As it is, it stands for a very small provider that makes volumes and snapshots of them, without any bytes.
Put calls of your own provider in the place of class Array and of the methods; keep what is below them. Then:

    lockstep adapter check ./my_adapter.py                                          does it keep the protocol?
    lockstep conform --provider exec:./my_adapter.py --allow-data-loss --target '*'   and the provider its promises?
"""
import json
import sys

BLOCK_BYTES = 512
SNAPSHOT, SYNCHRONOUS, SYNCHRONIZED, NOT_APPLICABLE = 7, 2, 4, 15  # SyncType, Mode, CopyStates
DETACH, RETURN_TO_RESOURCE_POOL = 8, 19  # Operation
SYNCHRONOUS_SNAPSHOT_LOCAL = 6  # replication type: SyncType, Mode and place in one number


class Refused(Exception):
    """The method answers with this return code."""


SUCCESS, NOT_SUPPORTED, FAILED, INVALID_PARAMETER, IN_USE = 0, 1, 4, 5, 6


class Array:
    """The provider: what it holds, by reference. A reference is any text that names one object for good."""

    pool = {"ref": "pool:1", "ElementName": "main", "TotalManagedSpace": 1 << 30}

    def __init__(self):
        self.volumes = {}
        self.snapshots = {}
        self.last = 0

    def new_ref(self, kind):
        self.last += 1
        return f"{kind}:{self.last}"

    def free_bytes(self):
        return self.pool["TotalManagedSpace"] - BLOCK_BYTES * sum(
            volume["NumberOfBlocks"] for volume in self.volumes.values())

    def make_volume(self, name, blocks):
        if blocks * BLOCK_BYTES > self.free_bytes():
            raise Refused(FAILED)
        ref = self.new_ref("volume")
        self.volumes[ref] = {"ref": ref, "class": "StorageVolume", "pool": self.pool["ref"], "ElementName": name,
                             "NumberOfBlocks": blocks, "BlockSize": BLOCK_BYTES}
        return ref

    def is_related(self, volume):
        return any(volume in (one["source_element"], one["target_element"]) for one in self.snapshots.values())


# --- the methods: parameters in, "out" parameters back; the names are those of the method pages


def create_volume(array, ElementName=None, ElementType=None, Size=None, InPool=None):
    if InPool not in (None, array.pool["ref"]) or not Size or Size % BLOCK_BYTES:
        raise Refused(INVALID_PARAMETER)
    return {"TheElement": array.make_volume(ElementName, Size // BLOCK_BYTES)}


def return_to_storage_pool(array, TheElement=None):
    if TheElement not in array.volumes:
        raise Refused(INVALID_PARAMETER)
    if array.is_related(TheElement):
        raise Refused(IN_USE)
    del array.volumes[TheElement]
    return {}


def create_element_replica(array, SyncType=None, Mode=None, SourceElement=None, TargetElement=None, ElementName=None,
                           TargetPool=None, WaitForCopyState=None, **others):
    source = array.volumes.get(SourceElement)
    if SyncType != SNAPSHOT or Mode not in (None, SYNCHRONOUS) or source is None:
        raise Refused(INVALID_PARAMETER)
    if WaitForCopyState not in (None, SYNCHRONIZED) or any(value is not None for value in others.values()):
        raise Refused(INVALID_PARAMETER)
    if any(one["target_element"] == SourceElement for one in array.snapshots.values()):
        raise Refused(NOT_SUPPORTED)  # a snapshot of a snapshot
    if TargetElement is None:
        if TargetPool not in (None, array.pool["ref"]):
            raise Refused(INVALID_PARAMETER)
        TargetElement = array.make_volume(ElementName, source["NumberOfBlocks"])
    else:
        target = array.volumes.get(TargetElement)
        if target is None or TargetPool is not None or target["NumberOfBlocks"] != source["NumberOfBlocks"]:
            raise Refused(INVALID_PARAMETER)
        if array.is_related(TargetElement) or TargetElement == SourceElement:
            raise Refused(IN_USE)
    ref = array.new_ref("snapshot")
    array.snapshots[ref] = {
        "ref": ref, "class": "StorageSynchronized", "source_element": SourceElement, "target_element": TargetElement,
        "SyncType": SNAPSHOT, "Mode": SYNCHRONOUS, "CopyState": SYNCHRONIZED, "RequestedCopyState": NOT_APPLICABLE,
        "ProgressStatus": 2, "PercentSynced": 100, "SyncMaintained": False}
    return {"TargetElement": TargetElement, "Synchronization": ref}


def modify_replica_synchronization(array, Operation=None, Synchronization=None, WaitForCopyState=None, **others):
    if Synchronization not in array.snapshots or WaitForCopyState is not None:
        raise Refused(INVALID_PARAMETER)
    if Operation not in (DETACH, RETURN_TO_RESOURCE_POOL):
        raise Refused(NOT_SUPPORTED if isinstance(Operation, int) and 2 <= Operation <= 25 else INVALID_PARAMETER)
    snapshot = array.snapshots.pop(Synchronization)
    if Operation == RETURN_TO_RESOURCE_POOL:
        del array.volumes[snapshot["target_element"]]
    return {}


# --- what the provider declares, and how a request finds its method

# Each method with its parameters and their types: another parameter or type is an error before anything is done.
METHODS = {
    "CreateVolume": (create_volume, {"ElementName": str, "ElementType": int, "Size": int, "InPool": str}),
    "ReturnToStoragePool": (return_to_storage_pool, {"TheElement": str}),
    "CreateElementReplica": (create_element_replica, {
        "ElementName": str, "SyncType": int, "Mode": int, "SourceElement": str, "SourceAccessPoint": str,
        "TargetElement": str, "TargetAccessPoint": str, "ReplicationSettingData": (dict, str),
        "TargetSettingGoal": str, "TargetPool": str, "WaitForCopyState": int}),
    "ModifyReplicaSynchronization": (modify_replica_synchronization, {
        "Operation": int, "Synchronization": str, "ReplicationSettingData": (dict, str), "SyncPair": list,
        "Force": bool, "WaitForCopyState": int}),
}


def capabilities():
    kind = SYNCHRONOUS_SNAPSHOT_LOCAL
    return {"level": "Cim241", "methods": list(METHODS), "synchronous_actions": list(METHODS),
            "replication_types": [kind],
            "operations": [{"replication_type": kind, "values": [DETACH, RETURN_TO_RESOURCE_POOL]}],
            "copy_states": [{"replication_type": kind, "values": [SYNCHRONIZED]}],
            "wait_for_copy_states": [
                {"method": "CreateElementReplica", "replication_type": kind, "values": [SYNCHRONIZED]}]}


def inventory(array):
    return {"pools": [{**array.pool, "RemainingManagedSpace": array.free_bytes()}],
            "elements": list(array.volumes.values()), "relationships": list(array.snapshots.values())}


def invoke(array, method, parameters):
    if method not in METHODS:
        return {"return_value": NOT_SUPPORTED}
    function, types = METHODS[method]
    for name, value in parameters.items():
        if name not in types:
            raise ValueError(f"parameter {name!r}: expected one of {', '.join(types)}")
        is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64
        if value is not None and not (is_number if types[name] is int else isinstance(value, types[name])):
            raise ValueError(f"parameter {name!r}: expected another type, found {json.dumps(value)[:60]}")
    try:
        return {"return_value": SUCCESS, "out": function(array, **parameters)}
    except Refused as refused:
        return {"return_value": refused.args[0]}


def answer(array, request):
    operation = request.get("operation")
    if operation == "hello":
        if request.get("protocol") != 1:
            raise ValueError(f"expected protocol version 1, found {request.get('protocol')!r}")
        return {"protocol": 1, "identity": {"organisation": "example", "product": "template", "version": "1"}}
    if operation == "capabilities":
        return capabilities()
    if operation == "inventory":
        return inventory(array)
    if operation == "invoke":
        return invoke(array, request.get("method"), request.get("parameters") or {})
    raise ValueError(f"operation {operation!r}: not offered by this adapter")


def main():
    array = Array()
    for line in sys.stdin.buffer:
        number = None
        try:
            request = json.loads(line)
            number = request["id"]
            reply = {"id": number, "result": answer(array, request)}
        except Exception as trouble:  # whatever was asked, the conversation goes on
            reply = {"id": number, "error": {"message": f"{type(trouble).__name__}: {trouble}"}}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
