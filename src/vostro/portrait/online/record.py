"""Record 在线记录: in which bytes is one customer's portrait kept?

A record is a list: the moment up to which events were taken in, the states of every group (nil
where nothing came), events whose time has not come yet, the latest row of every attribute
block, and values that were said of the customer (manual and model tags). MessagePack, about
1 KB; whole numbers beyond 64 bits, which only huge decimals reach, are an extension.
"""

from typing import Any

import msgspec

from vostro.portrait.online.plan import Plan

__all__ = ["AT", "BLOCKS", "GROUPS", "HELD", "MARK", "WAITING", "Record", "empty_record", "pack", "unpack"]

Record = list[Any]
MARK = ""  # the row of no customer: its version is the layout of all records
AT, GROUPS, WAITING, BLOCKS, HELD = range(5)
_BIG = 1  # the extension's number
_LOW, _HIGH = -(2**63), 2**63 - 1
_encoder = msgspec.msgpack.Encoder()


def empty_record(plan: Plan, at_us: int = 0) -> Record:
    """Return the record of a customer of whom nothing is known."""
    return [at_us, [None] * len(plan.groups), [], [None] * len(plan.blocks), {}]


def pack(record: Record) -> bytes:
    """Return a record as MessagePack."""
    try:
        return _encoder.encode(record)
    except OverflowError:
        return _encoder.encode(_marked(record))


def unpack(data: bytes) -> Record:
    """Return the record of some MessagePack; a fresh list that may be changed."""
    record: Record = _decoder.decode(data)
    return record


def _marked(value: Any) -> Any:
    """Return a value with every whole number beyond 64 bits as an extension."""
    if isinstance(value, list | tuple):
        return [_marked(each) for each in value]
    if isinstance(value, dict):
        return {key: _marked(each) for key, each in value.items()}
    if isinstance(value, int) and not _LOW <= value <= _HIGH:
        return msgspec.msgpack.Ext(_BIG, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
    return value


def _big(_: int, data: memoryview) -> int:
    return int.from_bytes(data, "big", signed=True)


_decoder = msgspec.msgpack.Decoder(ext_hook=_big)
